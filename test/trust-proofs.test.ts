// What stands beside a signature or above it: bundles of files, policies, time stamps, logins, limits.
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parseReference } from '@plombe/oci';
import { startRegistry } from '@plombe/oci/testing/peers';
import { keyMaterial, readPrivateKey, signerOf, writeBundle } from '@plombe/trust';
import { makeAuthority, serveTimestamps } from './support/authority.ts';
import { hasProgram } from './support/plombe.ts';
import { bundleOf as bundleOfStatement } from './support/rogue.ts';
import { openTestRegistry, pushTestImage } from './support/registry.ts';
import { openSigningProgram, type Result } from './support/signing.ts';

const { home, plombe, json, done, keyPair } = openSigningProgram();
const { signal } = new AbortController();

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
      expect(byDigest.result?.subject).toEqual({ reference: sha256, digest: sha256 });
      expect((await verify(...bundle, 'changed.tar', '--key', `${key}.pub`)).code).toBe(1);
      expect((await verify(...bundle, 'app.tar', '--key', `${other}.pub`)).code).toBe(1);
    },
  );

  it('over several files holds where it holds over each; the worst decides, in one document', async () => {
    const key = await keyPair('several');
    const [one, two] = ['one', 'two'].map((text) => {
      writeFileSync(join(home, `${text}.tar`), text);
      return `sha256:${createHash('sha256').update(text).digest('hex')}`;
    }) as [string, string];
    writeFileSync(join(home, 'other.tar'), 'other');
    const statement = await bundleOfStatement(key, [one, two], 'https://slsa.dev/provenance/v1');
    writeFileSync(join(home, 'both.json'), statement);
    const check = async (...artifacts: readonly string[]): Promise<{ code: number | undefined; result: unknown }> => {
      const { code, result } = await verify('--bundle', 'both.json', '--key', `${key}.pub`, ...artifacts);
      return { code, result };
    };
    const document = (reference: string, digest: string, verdict: string): object => ({
      verdict,
      subject: { reference, digest },
      signatures: [{ verdict }],
    });
    const bothHold = [document('one.tar', one, 'verified'), document(two, two, 'verified')];
    expect(await check('one.tar', two)).toMatchObject({
      code: 0,
      result: { verdict: 'verified', artifacts: bothHold },
    });
    expect(await check('one.tar')).toMatchObject({ code: 0, result: bothHold[0] });
    expect(await check('one.tar', 'other.tar', two)).toMatchObject({
      code: 1,
      result: { verdict: 'rejected', artifacts: [{ verdict: 'verified' }, { verdict: 'rejected' }, bothHold[1]] },
    });
    expect(await check('one.tar', 'absent.tar')).toEqual({ code: 4, result: undefined });
    const text = await plombe(['verify', '--bundle', 'both.json', '--key', `${key}.pub`, 'one.tar', 'other.tar']);
    expect(text.stdout).toMatch(/^VERIFIED {2}one\.tar [^]*^REJECTED {2}other\.tar /m);
    const images = await plombe(['verify', 'localhost:1/a:1', 'localhost:1/b:1', '--key', `${key}.pub`]);
    expect([images.code, images.stderr]).toEqual([2, expect.stringContaining('one at a time')]);
  });

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

it.skipIf(!hasProgram('openssl'))(
  'time stamps in bundles and under tags count where a trusted root knows their authority',
  async () => {
    const { host, push } = await openTestRegistry('memory');
    const stamps = makeAuthority('CN=Stamp Root');
    const stamper = stamps.timestamper();
    const { url } = await serveTimestamps(stamper);
    writeFileSync(join(home, 'stamp-root.pem'), stamps.root.pem);
    const certificates = [stamper, stamps.root].map(({ certificate }) => ({
      rawBytes: Buffer.from(certificate.bytes).toString('base64'),
    }));
    const authority = { uri: url, certChain: { certificates }, validFor: { start: '2020-01-01T00:00:00Z' } };
    const mediaType = 'application/vnd.dev.sigstore.trustedroot+json;version=0.1';
    const trustedRoot = (timestampAuthorities: readonly object[]): string =>
      JSON.stringify({ mediaType, tlogs: [], certificateAuthorities: [], ctlogs: [], timestampAuthorities });
    writeFileSync(join(home, 'root.json'), trustedRoot([authority]));
    writeFileSync(join(home, 'empty-root.json'), trustedRoot([]));
    writeFileSync(join(home, 'predicate.json'), '{"n":1}');
    const key = await keyPair('a');
    const stamped = ['--timestamp-url', url, '--timestamp-root', 'stamp-root.pem'];
    const demanded = ['--key', `${key}.pub`, '--require-timestamp', '--trusted-root', 'root.json'];
    for (const format of ['bundle', 'tag']) {
      await push(`app:${format}`, format);
      const image = `${host}/app:${format}`;
      await done('sign', image, '--key', `${key}.key`, '--format', format);
      expect(await json('verify', image, ...demanded)).toMatchObject({ code: 1 });
      await done('sign', image, '--key', `${key}.key`, '--format', format, ...stamped);
      expect(await json('verify', image, ...demanded)).toMatchObject({ code: 0 });
      const other = ['--key', `${key}.pub`, '--require-timestamp', '--trusted-root', 'empty-root.json'];
      expect(await json('verify', image, ...other)).toMatchObject({ code: 1 });
      const predicate = ['--type', 'vuln', '--predicate', 'predicate.json', '--format', format];
      await done('attest', image, '--key', `${key}.key`, ...predicate, ...stamped);
      const { code, result } = await json('verify-attestation', image, '--type', 'vuln', ...demanded);
      expect([code, typeof (result.attestations[0] as { signedAtMs?: number } | undefined)?.signedAtMs]).toEqual([
        0,
        'number',
      ]);
    }
  },
);

it('T29 a thousand and one referrers leave the verdict open, even beside a good signature', async () => {
  const { host, push, client } = await openTestRegistry('memory');
  const digest = await push('app:1', 'one');
  const key = await keyPair('a');
  await done('sign', `${host}/app:1`, '--key', `${key}.key`);
  const mediaType = 'application/vnd.oci.image.index.v1+json';
  const manifests = Array.from({ length: 1001 }, (_, index) => ({
    mediaType: 'application/vnd.oci.image.manifest.v1+json',
    digest: `sha256:${createHash('sha256').update(String(index)).digest('hex')}`,
    size: 100,
  }));
  const bytes = Buffer.from(JSON.stringify({ schemaVersion: 2, mediaType, manifests }));
  const tag = digest.replace(':', '-');
  await client.writer.pushManifest(parseReference(`${host}/app:${tag}`), { bytes, mediaType }, { signal });
  const { code, result } = await json('verify', `${host}/app:1`, '--key', `${key}.pub`);
  expect([code, result.verdict, result.signatures[0]?.verdict]).toEqual([3, 'undecidable', 'verified']);
  expect(result.reasons[0]).toContain('more than 1000');
});

it.skipIf(!hasProgram('docker-registry'))(
  'writes with the login of DOCKER_CONFIG, and says when there is none',
  async () => {
    // user:secret, bcrypt
    const htpasswd = 'user:$2b$05$N.hfaFUX6iTuzSJphfpzGOK3DqXyNvz3Q.Grm2D8aY0VY8H7vMAPO\n';
    const folder = join(home, 'guarded');
    mkdirSync(folder);
    const host = await startRegistry({ folder, htpasswd });
    const auths = { [host]: { auth: Buffer.from('user:secret').toString('base64') } };
    writeFileSync(join(folder, 'config.json'), JSON.stringify({ auths }));
    const reference = `${host}/app:1`;
    await pushTestImage(reference, 'one', { [host]: { kind: 'password', username: 'user', password: 'secret' } });
    const key = await keyPair('a');
    const sign = ['sign', reference, '--plain-http', '--key', `${key}.key`];
    const refused = await plombe(sign);
    expect(refused).toMatchObject({ code: 4, stdout: '' });
    expect(refused.stderr).toContain('wants a user and password');
    const login = { env: { DOCKER_CONFIG: folder } };
    for (const format of ['bundle', 'tag'])
      expect(await plombe([...sign, '--format', format], login)).toMatchObject({ code: 0 });
    const verified = await plombe(['verify', reference, '--plain-http', '--key', `${key}.pub`], login);
    expect(verified, verified.stderr).toMatchObject({ code: 0 });
    expect(verified.stdout.match(/✓/g)?.length).toBe(2);
  },
);
