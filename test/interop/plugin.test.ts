// One plugin, run by plombe and by the real notation: each verifies what the other signed with it, and both let it decide.
import { copyFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { installPlugin, type InstalledPlugin } from '../support/notation-plugin.ts';
import { installed, temporaryFolder } from '../support/plombe.ts';
import { endAll } from './support/ending.ts';
import { openNotation, type Notation } from './support/notation.ts';
import { openAuthority } from './support/openssl.ts';
import { done, missingPeers } from './support/peers.ts';
import { startReferrersRegistry } from './support/registry.ts';
import { pushImage, type PushedImage } from './support/servers.ts';

const home = temporaryFolder();
afterAll(endAll);
const run = installed(home);
const missing = missingPeers('notation', 'openssl');
const raw = ['SIGNATURE_GENERATOR.RAW'];
const whole = ['SIGNATURE_GENERATOR.ENVELOPE', 'SIGNATURE_VERIFIER.TRUSTED_IDENTITY'];

let registry = '';
let notation: Notation;
let plugin: InstalledPlugin;
/** Key ids: what the plugin finds `.key` and `.pem` under. */
const keys: Record<string, string> = {};

beforeAll(async () => {
  if (missing.length > 0) return;
  registry = await startReferrersRegistry();
  const authority = await openAuthority(join(home, 'ca'), 'root');
  notation = openNotation(home);
  notation.trustRoot('ca', 'test', authority.root);
  notation.writePolicy();
  for (const kind of ['p256', 'rsa3072'] as const) {
    const { chain } = await authority.issue(kind, { kind });
    keys[kind] = join(home, 'ca', kind);
    // The plugin takes the whole chain from PREFIX.pem.
    copyFileSync(chain, `${keys[kind]}.pem`);
  }
  plugin = installPlugin(join(home, '.config', 'notation'), 'files');
});

const byNotation = (image: PushedImage, kind: string, format: string): Promise<string> => {
  const key = ['--id', keys[kind] ?? '', '--plugin', 'files', '--plugin-config', 'region=north'];
  return done(notation.run(['sign', '--insecure-registry', '--signature-format', format, ...key, image.pinned]));
};

const byPlombe = (image: PushedImage, kind: string, format: string): Promise<string> => {
  const key = ['--key', `plugin://files/${keys[kind]}`, '--plugin-config', 'region=north'];
  return done(run(['sign', image.tagged, '--plain-http', '--format', format, ...key]));
};

/** Both programs say the same of an image. */
async function bothSay(verdict: 'verified' | 'rejected', { pinned, tagged }: PushedImage): Promise<void> {
  const theirs = await notation.run(['verify', '--insecure-registry', pinned]);
  expect([theirs.code === 0 ? 'verified' : 'rejected', theirs.stderr]).toEqual([verdict, expect.anything()]);
  const { policy, store } = notation.trust;
  const flags = ['--plain-http', '-o', 'json', '--trust-policy', policy, '--trust-store', store];
  const ours = await run(['verify', tagged, ...flags]);
  expect((JSON.parse(ours.stdout) as { verdict: string }).verdict, ours.stdout).toBe(verdict);
}

describe.skipIf(missing.length > 0)('a plugin of both programs', () => {
  it.each([
    ['jws', 'p256'],
    ['cose', 'p256'],
    ['jws', 'rsa3072'],
    ['cose', 'rsa3072'],
  ])('signs %s with %s for either', async (format, kind) => {
    plugin.behave({ capabilities: raw });
    const [own, other] = [
      await pushImage(registry, `plugin-plombe-${format}-${kind}`),
      await pushImage(registry, `plugin-notation-${format}-${kind}`),
    ];
    const asked = (): readonly unknown[] => {
      const [last] = plugin.asked().slice(-1);
      const { payload, keyId, ...request } = last?.request ?? {};
      return [last?.command, typeof payload, keyId, request];
    };
    await byPlombe(own, kind, format);
    const ours = asked();
    await byNotation(other, kind, format);
    expect(asked()).toEqual(ours);
    await bothSay('verified', own);
    await bothSay('verified', other);
  });

  it('makes whole envelopes that demand it, and decides about them', async () => {
    plugin.behave({ capabilities: whole });
    const [own, other] = [
      await pushImage(registry, 'plugin-whole-plombe'),
      await pushImage(registry, 'plugin-whole-notation'),
    ];
    await byPlombe(own, 'p256', 'jws');
    await byNotation(other, 'p256', 'jws');
    for (const image of [own, other]) {
      plugin.behave({ capabilities: whole });
      await bothSay('verified', image);
      plugin.behave({ capabilities: whole, agrees: false });
      await bothSay('rejected', image);
      plugin.behave({ capabilities: whole, fails: ['verify-signature'] });
      await bothSay('rejected', image);
      plugin.behave({ capabilities: raw });
      await bothSay('rejected', image);
    }
  });
});
