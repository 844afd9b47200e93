// What nobody may read afterwards: secrets in what the program says (T66), and commands to a terminal in what others wrote (T68).
import { createPrivateKey } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { keyFiles } from '@plombe/trust';
import { bundleOf, startRogue } from './support/rogue.ts';
import { makeAuthority, serve } from './support/authority.ts';
import { openSigningProgram } from './support/signing.ts';

const { home, plombe, json, keyPair } = openSigningProgram();

it('T66 no key, passphrase, login, token or query reaches an output, whatever goes wrong', async () => {
  const pem = makeAuthority().root.key.export({ format: 'pem', type: 'pkcs8' }).toString();
  const authority = makeAuthority();
  writeFileSync(join(home, 'enc.key'), keyFiles(createPrivateKey(pem), 'canary-passphrase').privatePem);
  writeFileSync(join(home, 'tsa.pem'), authority.root.pem);
  writeFileSync(join(home, 'token'), 'canary.token.text');
  const config = 'application/vnd.dev.sigstore.signingconfig.v0.2+json';
  const ca = { url: 'http://127.0.0.1:1/?canary', majorApiVersion: 1, validFor: { start: '2020-01-01T00:00:00Z' } };
  writeFileSync(
    join(home, 'signing.json'),
    JSON.stringify({
      mediaType: config,
      caUrls: [{ ...ca, operator: 'x' }],
      oidcUrls: [],
      rekorTlogUrls: [],
      tsaUrls: [],
    }),
  );
  const world = await startRogue((path) => (path.endsWith('/denied') ? { status: 403 } : undefined));
  world.image('one', '1');
  const { url } = await serve(() => ({ status: 500, body: Buffer.from('no') }));
  mkdirSync(join(home, 'docker'));
  const login = Buffer.from('user:canary-password').toString('base64');
  writeFileSync(join(home, 'docker', 'config.json'), JSON.stringify({ auths: { [world.host]: { auth: login } } }));
  const env = { PLOMBE_DEBUG: '1', DOCKER_CONFIG: join(home, 'docker'), PLOMBE_KEY_PASSWORD: 'canary-passphrase' };
  const image = `${world.host}/app:1`;
  const stamp = (address: string): string[] => ['--timestamp-root', 'tsa.pem', '--timestamp-url', address];
  const key = ['--plain-http', '--key', 'enc.key'];
  const cases: readonly (readonly [number, readonly string[], Record<string, string>?])[] = [
    [2, ['keys', 'public', '--key', pem]],
    [2, ['verify', image, '--plain-http', '--key', pem]],
    [2, ['keys', 'public', '--key', 'env://BROKEN'], { BROKEN: pem.replace('END', 'EDN') }],
    [2, ['keys', 'public', '--key', 'env://BROKEN'], { BROKEN: 'canary' }],
    [2, ['keys', 'public', '--key', 'enc.key'], { PLOMBE_KEY_PASSWORD: 'canary-wrong' }],
    [4, ['sign', `${world.host}/app:denied`, ...key]],
    [4, ['sign', `${world.host}/app:absent`, ...key]],
    [2, ['sign', `http://user:canary@${world.host}/app:1`, ...key]],
    [2, ['sign', image, ...key, ...stamp('http://user:canary@127.0.0.1:1/')]],
    [2, ['sign', image, ...key, ...stamp('canary:canary@x')]],
    [4, ['sign', image, ...key, ...stamp('http://127.0.0.1:1/?token=canary')]],
    [4, ['sign', image, ...key, ...stamp(`${url}/?token=canary`)]],
    [2, ['sign', image, '--plain-http', '--identity-token', 'token', '--signing-config', 'signing.json']],
    [2, ['trust-root', 'update', '--mirror', 'http://user:canary@127.0.0.1:1/?canary']],
    [2, ['trust-root', 'update', '--mirror', 'http://user:canary@127.0.0.1:1/', '--root', 'tsa.pem']],
  ];
  const secret = new RegExp(`canary|${login}|${pem.split('\n')[1]?.slice(0, 24).replaceAll('+', '\\+')}`);
  for (const [code, args, more] of cases) {
    const outcome = await plombe(args, { env: { ...env, ...more } });
    expect([args, outcome.code, outcome.stderr]).toEqual([args, code, expect.not.stringMatching(secret)]);
    expect(outcome.stdout).not.toMatch(secret);
  }
});

it('T68 JSON of statements that others wrote moves no terminal, and says the same to a reader', async () => {
  const key = await keyPair('a');
  const world = await startRogue();
  const subject = world.image('one', '1');
  const hostile = '\u001b[31m \u009b31m \u202e \u2028 \ufeff';
  const bundle = await bundleOf(key, subject.digest, 'https://example.com/x\u009b', { [hostile]: hostile });
  world.list(subject, [world.referrer(subject, bundle)]);
  const args = [`${world.host}/app:1`, '--key', `${key}.pub`, '--type', 'https://example.com/x\u009b'];
  const { code, result } = await json('verify-attestation', ...args);
  expect([code, result.attestations[0]?.statement?.predicate]).toEqual([0, { [hostile]: hostile }]);
  const { stdout } = await plombe(['verify-attestation', ...args, '--plain-http', '-o', 'json']);
  expect(stdout).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u2028\u202e\ufeff]/);
});
