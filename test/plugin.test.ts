// Notation's plugins through the program: keys behind plugins that sign, and plugins that signatures demand for their verification.
import { chmodSync, existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { makeAuthority, writeSigner, writeTrust } from './support/authority.ts';
import { installPlugin } from './support/notation-plugin.ts';
import { installed, temporaryFolder } from './support/plombe.ts';
import { openTestRegistry, registryKinds } from './support/registry.ts';

const home = temporaryFolder();
const run = installed(home);
const notation = join(home, '.config', 'notation');
const authority = makeAuthority();
const prefixes = {
  p256: writeSigner(home, 'p256', authority.issue(), authority.root),
  rsa3072: writeSigner(home, 'rsa3072', authority.issue({ kind: 'rsa3072' }), authority.root),
};
const prefix = prefixes.p256;
const trust = writeTrust(home, 'trust', { level: 'strict', ca: [authority.root] });
const envelopes = ['SIGNATURE_GENERATOR.ENVELOPE', 'SIGNATURE_VERIFIER.TRUSTED_IDENTITY'];

async function image(name: string): Promise<string> {
  const { host, push } = await openTestRegistry(registryKinds[0] ?? 'memory');
  await push(`${name}:1`, name);
  return `${host}/${name}:1`;
}

const sign = (subject: string, key: string, format: string, ...flags: readonly string[]): ReturnType<typeof run> =>
  run(['sign', subject, '--plain-http', '--key', key, '--format', format, ...flags]);

interface Result {
  readonly code: number | undefined;
  readonly verdict: string;
  readonly checks: Readonly<Record<string, readonly [string, string]>>;
  readonly annotations: unknown;
}

async function verify(subject: string, ...flags: readonly string[]): Promise<Result> {
  const { code, stdout, stderr } = await run(['verify', subject, '--plain-http', '-o', 'json', ...trust, ...flags]);
  if (stdout === '') throw new Error(`exit code ${code}: ${stderr}`);
  const { verdict, signatures } = JSON.parse(stdout) as {
    verdict: string;
    signatures: { annotations: unknown; checks: { id: string; outcome: string; message: string }[] }[];
  };
  const checks = (signatures[0]?.checks ?? []).map(({ id, outcome, message }) => [id, [outcome, message]] as const);
  return { code, verdict, checks: Object.fromEntries(checks), annotations: signatures[0]?.annotations };
}

it.each([
  ['jws', 'p256'],
  ['cose', 'p256'],
  ['jws', 'rsa3072'],
  ['cose', 'rsa3072'],
] as const)('%s with a plugin that signs with %s', async (format, kind) => {
  const name = `files-${format}-${kind}`;
  const plugin = installPlugin(notation, name);
  const subject = await image(name);
  const config = ['--plugin-config', 'region=north', '--plugin-config', 'mode=a=b'];
  const signed = await sign(subject, `plugin://${name}/${prefixes[kind]}`, format, ...config, '-a', 'git=3f2a');
  expect(signed, signed.stderr).toMatchObject({ code: 0 });
  const result = await verify(subject, '-a', 'git=3f2a');
  expect(result).toMatchObject({ code: 0, verdict: 'verified', annotations: { git: '3f2a' } });
  const asked = plugin.asked();
  expect(asked.map(({ command }) => command)).toEqual(['get-plugin-metadata', 'describe-key', 'generate-signature']);
  for (const { request } of asked) expect(request['pluginConfig']).toEqual({ region: 'north', mode: 'a=b' });
});

it('a chain of the caller stands in for the one of the plugin', async () => {
  installPlugin(notation, 'leaf', { leafOnly: true, capabilities: ['SIGNATURE_GENERATOR.RAW'] });
  const subject = await image('leaf');
  const alone = await sign(subject, `plugin://leaf/${prefix}`, 'jws');
  expect([alone.code, alone.stdout]).toEqual([2, '']);
  expect(alone.stderr).toContain('[notation/signing]');
  expect(await sign(subject, `plugin://leaf/${prefix}`, 'jws', '--cert-chain', `${prefix}.pem`)).toMatchObject({
    code: 0,
  });
  expect(await verify(subject)).toMatchObject({ code: 0 });
  const other = await sign(subject, `plugin://leaf/${prefix}`, 'jws', '--cert-chain', `${prefixes.rsa3072}.pem`);
  expect([other.code, other.stdout]).toEqual([2, '']);
});

it('the plugin that a signature demands decides, and without it nothing is verified', async () => {
  const plugin = installPlugin(notation, 'whole', { capabilities: envelopes });
  const subject = await image('whole');
  const signed = await sign(subject, `plugin://whole/${prefix}`, 'jws', '--expires-in', '1h', '-a', 'stage=prod');
  expect(signed, signed.stderr).toMatchObject({ code: 0 });
  expect(plugin.asked().at(-1)).toMatchObject({
    command: 'generate-envelope',
    request: { expiryDurationInSeconds: 3600 },
  });
  const good = await verify(subject, '--plugin-config', 'how=well');
  expect(good, JSON.stringify(good)).toMatchObject({ code: 0, verdict: 'verified', annotations: { stage: 'prod' } });
  expect(good.checks['identity']?.[1]).toContain('the plugin agrees');
  expect(plugin.asked().at(-1)).toMatchObject({
    command: 'verify-signature',
    request: { pluginConfig: { how: 'well' } },
  });

  plugin.behave({ capabilities: envelopes, agrees: false });
  const refusing = await verify(subject);
  expect(refusing).toMatchObject({ code: 1, verdict: 'rejected' });
  expect(refusing.checks['identity']).toEqual(['fail', expect.stringContaining('as the test says')]);

  plugin.behave({ capabilities: envelopes, fails: ['verify-signature'], exitCode: 9, error: '\u001b[31mboom\nGONE' });
  const failing = await verify(subject);
  expect(failing).toMatchObject({ code: 1, verdict: 'rejected' });
  const [outcome, message = ''] = failing.checks['critical-attributes'] ?? [];
  expect(outcome).toBe('fail');
  expect(message).toContain('boom');
  expect(message).not.toMatch(/[\u001b\n]/);

  plugin.behave({ capabilities: ['SIGNATURE_GENERATOR.RAW'] });
  expect(await verify(subject)).toMatchObject({ code: 1, verdict: 'rejected' });

  plugin.behave({ capabilities: envelopes });
  chmodSync(plugin.path, 0o777);
  const open = await verify(subject);
  expect(open).toMatchObject({ code: 1, verdict: 'rejected' });
  expect(open.checks['critical-attributes']?.[1]).toContain('may be changed by others');

  rmSync(join(notation, 'plugins', 'whole'), { recursive: true });
  const absent = await verify(subject);
  expect(absent).toMatchObject({ code: 1, verdict: 'rejected' });
  expect(absent.checks['critical-attributes']?.[1]).toContain('not at hand');
});

it('T46 a signature names a program outside the folder, or a later version: it runs nothing of the kind', async () => {
  const trap = installPlugin(home, 'trap', { capabilities: envelopes });
  const plugin = installPlugin(notation, 'naming', { capabilities: envelopes, demands: '../../../../plugins/trap' });
  const subject = await image('naming');
  expect(await sign(subject, `plugin://naming/${prefix}`, 'jws')).toMatchObject({ code: 0 });
  expect(await verify(subject)).toMatchObject({ code: 1, verdict: 'rejected' });
  expect(trap.asked()).toEqual([]);
  plugin.behave({ capabilities: envelopes, minVersion: '1.3.0' });
  const later = await image('later');
  expect(await sign(later, `plugin://naming/${prefix}`, 'jws')).toMatchObject({ code: 0 });
  expect(await verify(later)).toMatchObject({ code: 1, verdict: 'rejected' });
  expect(plugin.asked().map(({ command }) => command)).not.toContain('verify-signature');
});

it('nothing is signed by a plugin that is absent, fails, or cannot; nor where flags do not fit', async () => {
  const plugin = installPlugin(notation, 'bad', { capabilities: ['SIGNATURE_VERIFIER.TRUSTED_IDENTITY'] });
  installPlugin(notation, 'enveloper', { capabilities: envelopes, endless: true });
  const subject = await image('bad');
  const key = `plugin://bad/${prefix}`;
  const cases: readonly (readonly [readonly string[], string])[] = [
    [['plugin://nowhere/k', 'jws'], '[notation/plugin]'],
    [['plugin://../k', 'jws'], '[notation/plugin]'],
    [['plugin://bad', 'jws'], '[config/invalid]'],
    [[key, 'jws'], '[notation/plugin]'],
    [[key, 'bundle'], '[config/invalid]'],
    [[`${prefix}.key`, 'jws', '--cert-chain', `${prefix}.pem`, '--plugin-config', 'a=b'], '--plugin-config'],
    [[key, 'jws', '--plugin-config', 'ab'], 'not written K=V'],
    [[`plugin://enveloper/${prefix}`, 'jws', '--cert-chain', `${prefix}.pem`], '--cert-chain'],
    [[`plugin://enveloper/${prefix}`, 'cose'], '[notation/plugin]'],
    [[`plugin://enveloper/${prefix}`, 'jws', '--expires-in', '1h'], '[notation/plugin]'],
  ];
  for (const [[name = '', format = '', ...flags], text] of cases) {
    const { code, stdout, stderr } = await sign(subject, name, format, ...flags);
    expect([name, code, stdout], stderr).toEqual([name, text === '[notation/plugin]' ? 4 : 2, '']);
    expect(stderr).toContain(text);
  }
  const raw = ['SIGNATURE_GENERATOR.RAW'];
  const error = JSON.stringify({ errorCode: 'ACCESS_DENIED', errorMessage: 'no such \u001b[2Jkey' });
  plugin.behave({ capabilities: raw, fails: ['generate-signature'], error });
  const denied = await sign(subject, key, 'jws');
  expect([denied.code, denied.stdout]).toEqual([4, '']);
  expect(denied.stderr).toContain('ACCESS_DENIED: no such');
  expect(denied.stderr).not.toContain('\u001b');
  expect(await verify(subject)).toMatchObject({ code: 1, verdict: 'rejected' });
});

it('T66 a plugin sees no secret of the environment', async () => {
  const elsewhere = join(home, 'libexec');
  const plugin = installPlugin(elsewhere, 'curious');
  const subject = await image('curious');
  const env = { NOTATION_LIBEXEC: elsewhere, PLOMBE_KEY_PASSWORD: 'canary', GITHUB_TOKEN: 'canary' };
  const args = ['sign', subject, '--plain-http', '--key', `plugin://curious/${prefix}`, '--format', 'cose'];
  expect(await run(args, { env })).toMatchObject({ code: 0 });
  expect(plugin.asked().length).toBe(3);
  for (const { env: seen } of plugin.asked()) {
    expect(JSON.stringify(seen)).not.toContain('canary');
    expect(seen).toMatchObject({ HOME: home });
  }
  expect(existsSync(join(notation, 'plugins', 'curious'))).toBe(false);
});
