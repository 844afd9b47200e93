// Signing and verifying through the program: every format and kind of key, and everything that must be refused.
import { createHash } from 'node:crypto';
import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parseReference } from '@plombe/oci';
import { keyMaterial, readPrivateKey, signerOf, writeBundle } from '@plombe/trust';
import { installed, temporaryFolder, type Outcome, type RunOptions } from './support/plombe.ts';
import { openTestRegistry, registryKinds, type TestRegistry } from './support/registry.ts';

const home = temporaryFolder();
const run = installed(home);
const env = { PLOMBE_KEY_PASSWORD: '' };
const { signal } = new AbortController();

interface Result {
  readonly verdict: string;
  readonly subject: { readonly reference?: string; readonly digest: string };
  readonly signatures: readonly SignatureView[];
  readonly attestations: readonly (SignatureView & { predicateType: string; statement?: { predicate?: unknown } })[];
  readonly reasons: readonly string[];
}

interface SignatureView {
  readonly format: string;
  readonly digest: string;
  readonly verdict: string;
  readonly signer?: string;
  readonly annotations: Record<string, string>;
  readonly checks: readonly { id: string; outcome: string; message: string }[];
}

function plombe(args: readonly string[], options: RunOptions = {}): Promise<Outcome> {
  return run(args, { ...options, env: { ...env, ...options.env } });
}

/** Runs with `--plain-http -o json`; the one document on standard output, and the exit code. */
async function json(...args: readonly string[]): Promise<{ code: number | undefined; result: Result }> {
  const { code, stdout, stderr } = await plombe([...args, '--plain-http', '-o', 'json']);
  if (stdout === '') throw new Error(`exit code ${code}: ${stderr}`);
  return { code, result: JSON.parse(stdout) as Result };
}

/** Runs and demands success. */
async function done(...args: readonly string[]): Promise<Outcome> {
  const outcome = await plombe([...args, '--plain-http']);
  expect(outcome, outcome.stderr).toMatchObject({ code: 0 });
  return outcome;
}

/** Makes a key pair once for the whole file. */
const made = new Map<string, Promise<string>>();
function keyPair(name: string, type = 'ecdsa-p256'): Promise<string> {
  let pair = made.get(name);
  if (pair === undefined) {
    pair = plombe(['keys', 'generate', '--type', type, '--out', name]).then(({ code, stderr }) => {
      expect(code, stderr).toBe(0);
      return join(home, name);
    });
    made.set(name, pair);
  }
  return pair;
}

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

describe.each(registryKinds)('signatures in %s', (kind) => {
  // Where signatures lie does not depend on the key: each kind is tried in one registry.
  const types = kind === registryKinds[0] ? ['ecdsa-p256', 'ecdsa-p384', 'ed25519', 'rsa-3072'] : ['ecdsa-p256'];
  it.each(types)('%s signs as bundle and under the tag', async (type) => {
    const { host, push } = await openTestRegistry(kind);
    const digest = await push('team/app:1', 'one');
    const image = `${host}/team/app:1`;
    const [key, other] = [await keyPair(`k-${type}`, type), await keyPair('stranger')];
    await done('sign', image, '--key', `${key}.key`, '-a', 'git=3f2a', '-a', 'team=a=b');
    await done('sign', image, '--key', `${key}.key`, '--format', 'tag', '-a', 'git=3f2a');
    const { code, result } = await json(
      'verify',
      image,
      '--key',
      `${other}.pub`,
      '--key',
      `${key}.pub`,
      '-a',
      'git=3f2a',
    );
    expect(code).toBe(0);
    expect(result.verdict).toBe('verified');
    expect(result.subject).toEqual({ reference: image, digest });
    expect(result.signatures.map(({ format, verdict }) => `${format} ${verdict}`).sort()).toEqual([
      'bundle verified',
      'tag verified',
    ]);
    expect(result.signatures.find(({ format }) => format === 'bundle')?.annotations).toEqual({
      git: '3f2a',
      team: 'a=b',
    });
    expect(result.signatures[0]?.signer).toMatch(/^key:sha256:[0-9a-f]{64}$/);
    expect(result.attestations).toEqual([]);
    const stranger = await json('verify', image, '--key', `${other}.pub`);
    expect(stranger).toMatchObject({ code: 1, result: { verdict: 'rejected' } });
    expect(stranger.result.signatures.every(({ verdict }) => verdict === 'rejected')).toBe(true);
  });

  it('annotations, thresholds of distinct signers, and what was not signed', async () => {
    const { host, push } = await openTestRegistry(kind);
    const digest = await push('app:1', 'one');
    await push('app:2', 'two');
    const image = `${host}/app:1`;
    const [a, b] = [await keyPair('a'), await keyPair('b', 'ed25519')];
    const unsigned = await json('verify', image, '--key', `${a}.pub`);
    expect(unsigned).toMatchObject({ code: 1, result: { verdict: 'rejected', signatures: [] } });
    expect(unsigned.result.reasons).toContain('No signature was found.');
    await done('sign', image, '--key', `${a}.key`, '-a', 'env=prod');
    await done('sign', image, '--key', `${a}.key`, '--format', 'tag', '-a', 'env=prod');
    const both = ['--key', `${a}.pub`, '--key', `${b}.pub`];
    // T44: one signer twice is one signer.
    expect(await json('verify', image, ...both, '--threshold', '2')).toMatchObject({ code: 1 });
    await done('sign', `${host}/app@${digest}`, '--key', `${b}.key`);
    expect(await json('verify', image, ...both, '--threshold', '2')).toMatchObject({ code: 0 });
    expect(await json('verify', image, ...both, '--threshold', '3')).toMatchObject({ code: 1 });
    expect(await json('verify', image, ...both, '-a', 'env=prod')).toMatchObject({ code: 0 });
    expect(await json('verify', image, ...both, '-a', 'env=prod', '--threshold', '2')).toMatchObject({ code: 1 });
    expect(await json('verify', image, ...both, '-a', 'env=test')).toMatchObject({ code: 1 });
    expect(await json('verify', `${host}/app:2`, ...both)).toMatchObject({ code: 1, result: { signatures: [] } });
    expect(await json('verify', `${host}/app:1@${digest}`, ...both)).toMatchObject({ code: 0 });
  });

  it('T34 a tag that moves takes no signature along', async () => {
    const { host, push } = await openTestRegistry(kind);
    const key = await keyPair('a');
    const signed = await push('app:1', 'good');
    await done('sign', `${host}/app:1`, '--key', `${key}.key`);
    await push('app:1', 'evil');
    expect(await json('verify', `${host}/app:1`, '--key', `${key}.pub`)).toMatchObject({ code: 1 });
    expect(await json('verify', `${host}/app@${signed}`, '--key', `${key}.pub`)).toMatchObject({ code: 0 });
  });

  it('T45 a signature copied to another image counts there neither as referrer nor under its tag', async () => {
    const registry = await openTestRegistry(kind);
    const { host, push } = registry;
    const key = await keyPair('a');
    const good = await push('app:1', 'good');
    const evil = await push('app:2', 'evil');
    await done('sign', `${host}/app:1`, '--key', `${key}.key`);
    await done('sign', `${host}/app:1`, '--key', `${key}.key`, '--format', 'tag');
    for (const suffix of ['.sig', ...(kind === 'docker' ? [''] : [])]) {
      await copyTag(registry, `${good.replace(':', '-')}${suffix}`, `${evil.replace(':', '-')}${suffix}`);
    }
    const { code, result } = await json('verify', `${host}/app:2`, '--key', `${key}.pub`);
    expect([code, result.verdict]).toEqual([1, 'rejected']);
    expect(result.signatures.flatMap(({ checks }) => checks).find(({ id }) => id === 'subject')?.outcome).toBe('fail');
    if (kind === 'docker') expect(result.reasons.join('\n')).toContain('names another subject');
  });

  it('attestations of each type, in both places; another type and an unknown one', async () => {
    const { host, push } = await openTestRegistry(kind);
    const digest = await push('app:1', 'one');
    const image = `${host}/app:1`;
    const key = await keyPair('a');
    writeFileSync(join(home, 'predicate.json'), '{"buildDefinition":{"buildType":"https://example.com/b"},"n":1}');
    const all = ['slsaprovenance1', 'spdxjson', 'cyclonedx', 'vuln', 'custom', 'https://example.com/own/v1'];
    const predicates = kind === registryKinds[0] ? all : all.slice(0, 2);
    for (const [index, type] of predicates.entries()) {
      const format = index % 2 === 0 ? 'bundle' : 'tag';
      await done(
        'attest',
        image,
        '--key',
        `${key}.key`,
        '--type',
        type,
        '--predicate',
        'predicate.json',
        '--format',
        format,
      );
    }
    for (const type of predicates) {
      const { code, result } = await json('verify-attestation', image, '--type', type, '--key', `${key}.pub`);
      expect([code, result.attestations.length, result.signatures.length]).toEqual([0, 1, 0]);
      expect(result.attestations[0]?.statement).toMatchObject({
        subject: [{ digest: { sha256: digest.slice(7) } }],
        predicate: { n: 1 },
      });
    }
    const absent = await json('verify-attestation', image, '--type', 'vsa', '--key', `${key}.pub`);
    expect([absent.code, absent.result.attestations]).toEqual([1, []]);
    expect(absent.result.reasons).toContain(`${predicates.length} attestations of another type.`);
    const stranger = await keyPair('stranger');
    expect(await json('verify-attestation', image, '--type', 'vuln', '--key', `${stranger}.pub`)).toMatchObject({
      code: 1,
    });
    // An attestation is no signature, and a signature no attestation.
    expect(await json('verify', image, '--key', `${key}.pub`)).toMatchObject({ code: 1, result: { signatures: [] } });
    const unknown = await plombe(['verify-attestation', image, '--type', 'nonsense', '--key', `${key}.pub`]);
    expect(unknown).toMatchObject({ code: 2, stdout: '' });
  });

  it('T42 a tampered signature or statement is refused, and the good one beside it still counts', async () => {
    const registry = await openTestRegistry(kind);
    const { host, push, client } = registry;
    const [a, b] = [await keyPair('a'), await keyPair('b', 'ed25519')];
    await push('app:1', 'one');
    const image = `${host}/app:1`;
    await done('sign', image, '--key', `${a}.key`, '--format', 'tag');
    const reference = parseReference(image);
    const tag = `${(await client.fetchManifest(reference, { signal })).digest.replace(':', '-')}.sig`;
    const { document } = await client.fetchManifest({ ...reference, tag }, { signal });
    if (document.kind !== 'manifest') throw new Error('not a manifest');
    const name = 'dev.cosignproject.cosign/signature';
    const signature = Buffer.from(document.layers[0]?.annotations?.[name] ?? '', 'base64');
    signature[signature.length - 1] = (signature.at(-1) ?? 0) ^ 1;
    const layers = document.layers.map(({ mediaType, digest, sizeBytes }) => ({
      mediaType,
      digest,
      size: sizeBytes,
      annotations: { [name]: signature.toString('base64') },
    }));
    const { mediaType, config } = document;
    const changed = {
      schemaVersion: 2,
      mediaType,
      config: { mediaType: config.mediaType, digest: config.digest, size: config.sizeBytes },
      layers,
    };
    await client.writer.pushManifest(
      { ...reference, tag },
      { bytes: Buffer.from(JSON.stringify(changed)), mediaType },
      { signal },
    );
    const refused = await json('verify', image, '--key', `${a}.pub`);
    expect(refused).toMatchObject({ code: 1 });
    expect(refused.result.signatures[0]?.checks.find(({ id }) => id === 'signature')).toMatchObject({
      outcome: 'fail',
    });
    await done('sign', image, '--key', `${b}.key`);
    expect(await json('verify', image, '--key', `${a}.pub`, '--key', `${b}.pub`)).toMatchObject({ code: 0 });
  });
});

/** Lets another tag point to the manifest of a tag. */
async function copyTag({ host, client }: TestRegistry, from: string, to: string): Promise<void> {
  const reference = parseReference(`${host}/app:${from}`);
  const { bytes, document } = await client.fetchManifest(reference, { signal });
  await client.writer.pushManifest({ ...reference, tag: to }, { bytes, mediaType: document.mediaType }, { signal });
}

describe('exit codes and messages', () => {
  it('2 for what was written wrong, 4 for what cannot be read, one line each, nothing on standard output', async () => {
    const { host, push } = await openTestRegistry('memory');
    await push('app:1', 'one');
    const image = `${host}/app:1`;
    const key = await keyPair('a');
    writeFileSync(join(home, 'policy.json'), '{"version":"1.0","trustPolicies":[{}]}');
    const pub = ['--key', `${key}.pub`];
    for (const [args, code, message] of [
      [['verify', image, '--plain-http'], 2, 'Nothing says whom to trust'],
      [['verify', image, '--plain-http', ...pub, '--certificate-identity', 'x'], 2, 'exclude each other'],
      [['verify', image, '--plain-http', '--certificate-identity', 'x'], 2, 'trusted root'],
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

describe('a bundle beside a file', () => {
  const bundleOf = async (key: string, artifact: Buffer): Promise<string> => {
    const signer = signerOf(readPrivateKey(readFileSync(`${key}.key`, 'utf8'), ''));
    const bundle = writeBundle({
      material: keyMaterial(signer.publicKey),
      entries: [],
      timestamps: [],
      content: { kind: 'message', signature: await signer.sign(artifact) },
    });
    writeFileSync(join(home, 'app.sigstore.json'), bundle);
    return 'app.sigstore.json';
  };
  const verify = async (
    ...args: readonly string[]
  ): Promise<{ code: number | undefined; result?: Result; stderr: string }> => {
    const { code, stdout, stderr } = await plombe(['verify', '-o', 'json', ...args]);
    return { code, stderr, ...(stdout === '' ? {} : { result: JSON.parse(stdout) as Result }) };
  };

  it.each(['ecdsa-p256', 'ed25519', 'rsa-3072'])(
    'of %s is verified over file and digest, without any registry',
    async (type) => {
      const [key, other] = [await keyPair(`k-${type}`, type), await keyPair('stranger')];
      const artifact = Buffer.from('the artifact');
      writeFileSync(join(home, 'app.tar'), artifact);
      writeFileSync(join(home, 'changed.tar'), 'the artefact');
      const bundle = ['--bundle', await bundleOf(key, artifact)];
      const sha256 = `sha256:${createHash('sha256').update(artifact).digest('hex')}`;
      const good = await verify(...bundle, 'app.tar', '--key', `${key}.pub`);
      expect(good).toMatchObject({ code: 0, result: { verdict: 'verified', subject: { digest: sha256 } } });
      // Ed25519 signs the bytes: their digest alone decides nothing.
      const byDigest = await verify(...bundle, sha256, '--key', `${key}.pub`);
      expect(byDigest.code).toBe(type === 'ed25519' ? 3 : 0);
      expect((await verify(...bundle, 'changed.tar', '--key', `${key}.pub`)).code).toBe(1);
      expect((await verify(...bundle, 'app.tar', '--key', `${other}.pub`)).code).toBe(1);
    },
  );

  it('what is no bundle is rejected, what is not there unreadable, and no text of it is believed (T42, T47, T48)', async () => {
    const key = ['--key', `${await keyPair('a')}.pub`];
    writeFileSync(join(home, 'app.tar'), 'x');
    for (const text of ['', '{}', '[]', '{"mediaType":"x\u001b[31m"}', '{"__proto__":{"mediaType":1}}']) {
      writeFileSync(join(home, 'broken.json'), text);
      const { code, result } = await verify('--bundle', 'broken.json', 'app.tar', ...key);
      expect([text, code, result?.verdict]).toEqual([text, 1, 'rejected']);
      expect(JSON.stringify(result)).not.toContain('\\u001b');
    }
    expect((await verify('--bundle', 'absent.json', 'app.tar', ...key)).code).toBe(4);
    expect((await verify('--bundle', 'broken.json', 'absent.tar', ...key)).code).toBe(4);
    writeFileSync(join(home, 'huge.json'), Buffer.alloc(50_000_000, ' '));
    expect((await verify('--bundle', 'huge.json', 'app.tar', ...key)).code).not.toBe(0);
  });
});

it('a policy file says who must have signed and attested', async () => {
  const { host, push } = await openTestRegistry('memory');
  await push('gated/app:1', 'one');
  const image = `${host}/gated/app:1`;
  const [a, b] = [await keyPair('a'), await keyPair('b', 'ed25519')];
  writeFileSync(join(home, 'predicate.json'), '{"n":1}');
  const policy = {
    apiVersion: 'plombe/v1',
    kind: 'Policy',
    metadata: { name: 'gate' },
    spec: {
      select: { repositories: ['gated/**'] },
      signatures: { atLeast: 2, anyOf: [{ cosign: { key: 'a.pub' } }, { cosign: { key: 'b.pub' } }] },
      attestations: [{ type: 'vuln', key: 'a.pub' }],
    },
  };
  writeFileSync(join(home, 'gate.json'), JSON.stringify(policy));
  const gate = ['--policy', 'gate.json'];
  await done('sign', image, '--key', `${a}.key`);
  await done('attest', image, '--key', `${a}.key`, '--type', 'vuln', '--predicate', 'predicate.json');
  const one = await json('verify', image, ...gate);
  expect([one.code, one.result.verdict, one.result.signatures.length]).toEqual([1, 'rejected', 1]);
  expect(await json('verify-attestation', image, '--type', 'vuln', ...gate)).toMatchObject({ code: 0 });
  await done('sign', image, '--key', `${b}.key`, '--format', 'tag');
  const both = await json('verify', image, ...gate);
  expect([both.code, both.result.signatures.length, both.result.attestations.length]).toEqual([0, 2, 1]);
  await push('other/app:1', 'one');
  const outside = await json('verify', `${host}/other/app:1`, ...gate);
  expect([outside.code, outside.result.verdict]).toEqual([1, 'rejected']);
  expect(outside.result.reasons.join()).toContain('demands no signature');
  writeFileSync(join(home, 'broken-gate.json'), JSON.stringify({ ...policy, spec: { signature: {} } }));
  const broken = await plombe(['verify', image, '--plain-http', '--policy', 'broken-gate.json']);
  expect(broken).toMatchObject({ code: 2, stdout: '' });
  expect(broken.stderr).toContain('signatures');
});
