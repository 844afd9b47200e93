// Signing and verifying through the program: every format and kind of key, and everything that must be refused.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parseReference } from '@plombe/oci';
import { openTestRegistry, registryKinds, type TestRegistry } from './support/registry.ts';
import { openSigningProgram } from './support/signing.ts';

const { home, plombe, json, done, keyPair } = openSigningProgram();
const { signal } = new AbortController();

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
