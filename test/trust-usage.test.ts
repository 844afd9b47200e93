// Keys, exit codes and messages of the commands that sign and verify.
import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { installed, type Outcome } from './support/plombe.ts';
import { openTestRegistry } from './support/registry.ts';
import { openSigningProgram } from './support/signing.ts';

const { home, plombe, done, keyPair } = openSigningProgram();
const run = installed(home);

describe('keys', () => {
  it.each(['ecdsa-p256', 'ecdsa-p384', 'ed25519', 'rsa-3072'])('%s: files, public half, passphrase', async (type) => {
    const options = { env: { PLOMBE_KEY_PASSWORD: 'right' } };
    const prefix = `pair-${type}`;
    expect((await plombe(['keys', 'generate', '--type', type, '--out', prefix], options)).code).toBe(0);
    const pem = readFileSync(join(home, `${prefix}.key`), 'utf8');
    expect(pem).toContain('-----BEGIN ENCRYPTED SIGSTORE PRIVATE KEY-----');
    expect(statSync(join(home, `${prefix}.key`)).mode & 0o777).toBe(0o600);
    const publicPem = readFileSync(join(home, `${prefix}.pub`), 'utf8');
    const open = (password: Record<string, string>, key = `${prefix}.key`): Promise<Outcome> =>
      plombe(['keys', 'public', '--key', key], { env: { ...password, SIGNING_KEY: pem } });
    expect(await open({ PLOMBE_KEY_PASSWORD: 'right' }, 'env://SIGNING_KEY')).toMatchObject({
      code: 0,
      stdout: publicPem,
    });
    const wrong = await open({ PLOMBE_KEY_PASSWORD: 'secret-wrong' });
    expect(wrong).toMatchObject({ code: 2, stdout: '' });
    expect(wrong.stderr).toContain('[trust/key-passphrase]');
    expect(wrong.stderr).not.toContain('secret-wrong');
  });

  it('COSIGN_PASSWORD counts where PLOMBE_KEY_PASSWORD is not set, and nothing is asked', async () => {
    const generate = await run(['keys', 'generate', '--out', 'cosigned'], { env: { COSIGN_PASSWORD: 'c' } });
    expect(generate.code).toBe(0);
    const open = (password: Record<string, string>): Promise<Outcome> =>
      run(['keys', 'public', '--key', 'cosigned.key'], { env: password });
    expect((await open({ COSIGN_PASSWORD: 'c' })).code).toBe(0);
    expect((await open({ PLOMBE_KEY_PASSWORD: 'x', COSIGN_PASSWORD: 'c' })).code).toBe(2);
    expect((await open({})).code).toBe(2);
  });

  it('a key that the disk takes only a part of is an error, and the part is gone', async () => {
    // A file may have 512 bytes, and a key of RSA has 2,500: the system takes a part and says so.
    const through = ['sh', '-c', 'ulimit -f 1; exec "$@"', 'sh'];
    const env = { PLOMBE_KEY_PASSWORD: '', NODE_COMPILE_CACHE: '' };
    const cut = await run(['keys', 'generate', '--type', 'rsa-3072', '--out', 'cut'], { through, env });
    expect(cut.stderr).toMatch(/cannot be written to cut\.key: .*\[report\/write\]/);
    expect([cut.code, existsSync(join(home, 'cut.key'))]).toEqual([4, false]);
  });

  it('never replaces a key, and says what is wrong with one', async () => {
    await keyPair('kept');
    const before = readFileSync(join(home, 'kept.key'), 'utf8');
    expect(await plombe(['keys', 'generate', '--out', 'kept'])).toMatchObject({ code: 2 });
    expect(readFileSync(join(home, 'kept.key'), 'utf8')).toBe(before);
    writeFileSync(join(home, 'none.key'), 'hello');
    for (const [args, code, message] of [
      [['keys', 'public', '--key', 'absent.key'], 4, 'there is no file absent.key'],
      [['keys', 'public', '--key', 'none.key'], 2, 'none.key'],
      [['keys', 'public', '--key', 'env://ABSENT'], 2, 'ABSENT holds no key'],
      [['keys', 'public', '--key', 'awskms://x/y'], 2, 'env://NAME or azurekms://VAULT/KEY'],
      [['keys', 'generate', '--type', 'dsa', '--out', 'x'], 2, 'ecdsa-p256, ecdsa-p384, ed25519, rsa-3072'],
    ] as const) {
      const outcome = await plombe(args);
      expect([outcome.code, outcome.stdout]).toEqual([code, '']);
      expect(outcome.stderr).toContain(message);
    }
  });
});

describe('exit codes and messages', () => {
  it('2 for what was written wrong, 4 for what cannot be read, one line each, nothing on standard output', async () => {
    const { host, push } = await openTestRegistry('memory');
    await push('app:1', 'one');
    const image = `${host}/app:1`;
    const key = await keyPair('a');
    writeFileSync(join(home, 'policy.json'), '{"version":"1.0","trustPolicies":[{}]}');
    const pub = ['--key', `${key}.pub`];
    const empty = { tlogs: [], certificateAuthorities: [], ctlogs: [], timestampAuthorities: [] };
    const mediaType = 'application/vnd.dev.sigstore.trustedroot+json;version=0.1';
    writeFileSync(join(home, 'root.json'), JSON.stringify({ mediaType, ...empty }));
    const identity = (subject: string, issuer: string): readonly string[] => {
      const names = ['--certificate-identity', subject, '--certificate-oidc-issuer', issuer];
      return [...names, '--trusted-root', 'root.json'];
    };
    for (const [args, code, message] of [
      [['verify', image, '--plain-http'], 2, 'Nothing says whom to trust'],
      [['verify', image, '--plain-http', ...pub, '--certificate-identity', 'x'], 2, 'exclude each other'],
      [['verify', image, '--plain-http', '--certificate-identity', 'x'], 2, 'trusted root'],
      [['verify', image, '--plain-http', ...identity('', 'y')], 2, 'names nobody'],
      [['verify', image, '--plain-http', ...identity('x', '')], 2, 'names nobody'],
      [['verify', '--bundle', 'a.pub', `sha256:${'AB'.repeat(32)}`, ...pub], 2, 'is no digest'],
      [['verify', '--bundle', 'a.pub', 'sha256:12', ...pub], 2, 'is no digest'],
      [['verify', image, '--plain-http', ...pub, '--require-log'], 2, 'trusted root'],
      [['verify', image, '--plain-http', ...pub, '-a', 'novalue'], 2, 'is not written K=V'],
      [['verify', image, '--plain-http', ...pub, '--threshold', '0'], 2, 'a number from 1'],
      [['verify', image, '--plain-http', '--trust-policy', 'policy.json'], 2, '--trust-store'],
      [
        ['verify', image, '--plain-http', '--trust-policy', 'policy.json', '--trust-store', '.'],
        2,
        'notation/trust-policy',
      ],
      [['verify', `${host}/team//app`, ...pub], 2, 'reference/invalid'],
      [['verify', image, ...pub], 4, 'registry/tls'],
      [['verify', `${host}/app:absent`, '--plain-http', ...pub], 4, 'registry/not-found'],
      [['verify', image, '--plain-http', '--key', 'absent.pub'], 4, 'there is no file absent.pub'],
      [['sign', image, '--plain-http'], 2, 'There is no key'],
      [['sign', image, '--plain-http', '--key', `${key}.pub`], 2, 'trust/key-invalid'],
      [['sign', image, '--plain-http', '--key', `${key}.key`, '--format', 'jws'], 2, '--cert-chain'],
      [['sign', image, '--plain-http', '--key', `${key}.key`, '--format', 'pgp'], 2, 'bundle, tag, jws, cose'],
      [['sign', image, '--plain-http', '--key', `${key}.key`, '--expires-in', '1h'], 2, 'jws and cose'],
      [['sign', image, '--plain-http', '--key', `${key}.key`, '--timestamp-url', 'http://x'], 2, 'belong together'],
      [
        ['attest', image, '--plain-http', '--key', `${key}.key`, '--type', 'vuln', '--predicate', 'no.json'],
        4,
        'no file',
      ],
      [
        ['attest', image, '--plain-http', '--key', `${key}.key`, '--type', 'vuln', '--predicate', 'a.pub'],
        2,
        'no JSON',
      ],
    ] as const) {
      const outcome = await plombe(args);
      expect([outcome.code, outcome.stdout], `${args.join(' ')}: ${outcome.stderr}`).toEqual([code, '']);
      expect(outcome.stderr).toContain(message);
      expect(outcome.stderr).not.toMatch(/^\s+at /m);
    }
  });

  it('text says the verdict first, without colour in a log', async () => {
    const { host, push } = await openTestRegistry('memory');
    const digest = await push('app:1', 'one');
    const key = await keyPair('a');
    await done('sign', `${host}/app:1`, '--key', `${key}.key`, '-a', 'x=\u001b[31mred');
    const good = await done('verify', `${host}/app:1`, '--key', `${key}.pub`);
    expect(good.stdout).toMatch(new RegExp(`^VERIFIED {2}\\S+ \\(${digest}\\)\n  ✓ Sigstore bundle by key:sha256:`));
    expect(good.stdout).not.toContain('\u001b');
    const stranger = await keyPair('stranger');
    const bad = await plombe(['verify', `${host}/app:1`, '--key', `${stranger}.pub`, '--plain-http']);
    expect(bad.stdout).toMatch(/^REJECTED .*\n {2}✗ Sigstore bundle/);
    expect(bad.stdout).toContain('signature: ');
  });
});
