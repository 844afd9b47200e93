// Signatures exchanged with the real cosign: what Plombe signs cosign verifies, and the other way round, for every kind of key, form and registry.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { installed, temporaryFolder } from '../support/plombe.ts';
import { openCosign, verifyFlags, writePredicate, type Cosign } from './support/cosign.ts';
import { endAll } from './support/ending.ts';
import { done, missingPeers, peer } from './support/peers.ts';
import { failures, openProgram } from './support/program.ts';
import { startReferrersRegistry } from './support/registry.ts';
import { pushImage, startDockerRegistry } from './support/servers.ts';

const home = temporaryFolder();
afterAll(endAll);
const plombe = installed(home);
const keyTypes = ['ecdsa-p256', 'ecdsa-p384', 'ed25519', 'rsa-3072'] as const;
const password = 'Plombe über alles';
const { run, over, verify } = openProgram(home, password);
const missing = missingPeers('cosign', 'docker-registry');
const missing2 = missingPeers('cosign-2', 'docker-registry');

type Place = 'referrers' | 'fallback tag';
const places: readonly Place[] = ['referrers', 'fallback tag'];
const registries = new Map<Place, string>();
const registryOf = (place: Place): string => registries.get(place) ?? '';

/** The prefix of the key pair of a type, made once. */
const keys = new Map<string, string>();
const keyOf = (type: string): string => keys.get(type) ?? '';

let cosign: Cosign;

beforeAll(async () => {
  registries.set('referrers', await startReferrersRegistry());
  if (missing.length === 0) cosign = await openCosign(join(home, 'cosign'));
  if (missing.length === 0 || missing2.length === 0) {
    registries.set('fallback tag', await startDockerRegistry(join(home, 'docker-registry')));
  }
  mkdirSync(join(home, 'keys'));
  for (const type of keyTypes) {
    const prefix = join(home, 'keys', type);
    await done(run('keys', 'generate', '--type', type, '--out', prefix));
    keys.set(type, prefix);
  }
});

describe.skipIf(missing.length > 0)('key files', () => {
  it.each(keyTypes)('of %s made by plombe are read by cosign', async (type) => {
    const printed = await done(
      cosign.run(['public-key', '--key', `${keyOf(type)}.key`], { env: { COSIGN_PASSWORD: password } }),
    );
    expect(printed.trim()).toBe(readFileSync(`${keyOf(type)}.pub`, 'utf8').trim());
  });

  it.each(['', 'secret'])('made by cosign with the password %j are read by plombe', async (secret) => {
    const prefix = await cosign.generate(`own${secret}`, secret);
    const printed = await done(
      plombe(['keys', 'public', '--key', `${prefix}.key`], { env: { COSIGN_PASSWORD: secret } }),
    );
    expect(printed.trim()).toBe(readFileSync(`${prefix}.pub`, 'utf8').trim());
    const wrong = await plombe(['keys', 'public', '--key', `${prefix}.key`], { env: { COSIGN_PASSWORD: 'other' } });
    expect(wrong.code).toBe(2);
  });
});

/** Private keys as OpenSSL writes them, by the command that makes each. */
const plainKeys = {
  'SEC1, P-256': 'ecparam -name prime256v1 -genkey -noout',
  'SEC1, P-384': 'ecparam -name secp384r1 -genkey -noout',
  'PKCS#1, RSA': 'genrsa -traditional 2048',
  'PKCS#8, P-256': 'genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256',
  'PKCS#8, RSA': 'genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:3072',
  'PKCS#8, Ed25519': 'genpkey -algorithm ED25519',
} as const;

describe.skipIf(missing.length > 0 || missingPeers('openssl').length > 0)('plain keys of OpenSSL', () => {
  const openssl = peer('openssl', join(home, 'openssl'));

  it.each(Object.entries(plainKeys))(
    '%s are read from files and variables, and sign for cosign',
    async (_, command) => {
      const pem = await done(openssl(command.split(' ')));
      const key = join(home, 'openssl', 'plain.pem');
      writeFileSync(key, pem);
      const pub = await done(openssl(['pkey', '-in', key, '-pubout', '-out', `${key}.pub`])).then(() => `${key}.pub`);
      expect((await done(run('keys', 'public', '--key', key))).trim()).toBe(readFileSync(pub, 'utf8').trim());
      const image = await pushImage(registryOf('referrers'), 'plain');
      const env = { SIGNING_KEY: pem, HOME: home };
      await done(plombe(['sign', image.tagged, '--key', 'env://SIGNING_KEY', '--plain-http'], { env }));
      await done(cosign.run(['verify', ...verifyFlags(pub), image.pinned]));
    },
  );

  it('imported into cosign are read by plombe', async () => {
    const key = join(home, 'openssl', 'import.pem');
    await done(openssl(['genrsa', '-traditional', '-out', key, '2048']));
    const prefix = join(home, 'openssl', 'imported');
    const env = { COSIGN_PASSWORD: password };
    await done(cosign.run(['import-key-pair', '--key', key, '--output-key-prefix', prefix], { env }));
    expect((await done(run('keys', 'public', '--key', `${prefix}.key`))).trim()).toBe(
      readFileSync(`${prefix}.pub`, 'utf8').trim(),
    );
  });
});

/** Where a bundle lies says nothing about what it holds: the second place gets a part of the cases, since each takes seconds. */
function part<T>(place: Place, all: readonly T[]): readonly T[] {
  return place === 'referrers' ? all : all.filter((_, i) => i % 2 === 0);
}

describe.skipIf(missing.length > 0).each(places)('bundles by %s', (place) => {
  it.each(part(place, keyTypes))('of %s signed by plombe hold for cosign', async (type) => {
    const image = await pushImage(registryOf(place), `plombe-${type}`);
    await done(over('sign', image.tagged, '--key', `${keyOf(type)}.key`));
    await done(cosign.run(['verify', ...verifyFlags(`${keyOf(type)}.pub`), image.pinned]));
    const other = keyOf(type === 'ecdsa-p256' ? 'ed25519' : 'ecdsa-p256');
    const refused = await cosign.run(['verify', ...verifyFlags(`${other}.pub`), image.pinned]);
    expect(refused.code).not.toBe(0);
  });

  it('with annotations of plombe hold for cosign, which sees them', async () => {
    const image = await pushImage(registryOf(place), 'annotated');
    await done(over('sign', image.tagged, '--key', `${keyOf('ecdsa-p256')}.key`, '-a', 'stage=prod'));
    const flags = verifyFlags(`${keyOf('ecdsa-p256')}.pub`);
    await done(cosign.run(['verify', ...flags, '-a', 'stage=prod', image.pinned]));
    expect((await cosign.run(['verify', ...flags, '-a', 'stage=test', image.pinned])).code).not.toBe(0);
  });

  it.each(part(place, keyTypes))('of %s signed by cosign hold for plombe', async (type) => {
    const image = await pushImage(registryOf(place), `cosign-${type}`);
    await cosign.sign(`${keyOf(type)}.key`, image.pinned, ['-a', 'stage=prod'], password);
    const { result, report } = await verify('verify', image.tagged, '--key', `${keyOf(type)}.pub`, '-a', 'stage=prod');
    expect([...result, report.subject.digest], failures(report)).toEqual([0, 'verified', image.digest]);
    expect(report.signatures[0]).toMatchObject({ format: 'bundle', annotations: { stage: 'prod' } });
    const other = keyOf(type === 'ecdsa-p256' ? 'ed25519' : 'ecdsa-p256');
    const wrong = await verify('verify', image.tagged, '--key', `${other}.pub`);
    expect(wrong.result).toEqual([1, 'rejected']);
    const unlike = await verify('verify', image.tagged, '--key', `${keyOf(type)}.pub`, '-a', 'stage=test');
    expect(unlike.result).toEqual([1, 'rejected']);
  });

  it('of both lie side by side, and count as two signers', async () => {
    const image = await pushImage(registryOf(place), 'both');
    const own = await cosign.generate(`both-${place.slice(0, 3)}`);
    await done(over('sign', image.tagged, '--key', `${keyOf('ed25519')}.key`));
    await cosign.sign(`${own}.key`, image.pinned);
    await done(over('sign', image.tagged, '--key', `${keyOf('rsa-3072')}.key`));
    const pubs = [`${own}.pub`, `${keyOf('ed25519')}.pub`, `${keyOf('rsa-3072')}.pub`];
    const all = pubs.flatMap((pub) => ['--key', pub]);
    expect((await verify('verify', image.tagged, ...all, '--threshold', '3')).result).toEqual([0, 'verified']);
    expect((await verify('verify', image.tagged, ...all, '--threshold', '4')).result).toEqual([1, 'rejected']);
    for (const pub of pubs) await done(cosign.run(['verify', ...verifyFlags(pub), image.pinned]));
  });
});

describe.skipIf(missing2.length > 0).each(keyTypes)('tags of cosign 2 with %s', (type) => {
  const cosign2 = peer('cosign-2', join(home, 'cosign-2'));

  it('written by plombe hold for cosign', async () => {
    const image = await pushImage(registryOf('fallback tag'), `tag-plombe-${type}`);
    await done(over('sign', image.tagged, '--key', `${keyOf(type)}.key`, '--format', 'tag', '-a', 'stage=prod'));
    const flags = ['--insecure-ignore-tlog', '--allow-http-registry', '-a', 'stage=prod'];
    await done(cosign2(['verify', '--key', `${keyOf(type)}.pub`, ...flags, image.pinned]));
    const other = keyOf(type === 'ecdsa-p256' ? 'ed25519' : 'ecdsa-p256');
    expect((await cosign2(['verify', '--key', `${other}.pub`, ...flags, image.pinned])).code).not.toBe(0);
  });

  it('written by cosign hold for plombe, and one of plombe is added to them', async () => {
    const image = await pushImage(registryOf('fallback tag'), `tag-cosign-${type}`);
    const flags = ['--yes', '--tlog-upload=false', '--allow-http-registry', '-a', 'stage=prod'];
    await done(
      cosign2(['sign', '--key', `${keyOf(type)}.key`, ...flags, image.pinned], { env: { COSIGN_PASSWORD: password } }),
    );
    const { result, report } = await verify('verify', image.tagged, '--key', `${keyOf(type)}.pub`, '-a', 'stage=prod');
    expect(result, failures(report)).toEqual([0, 'verified']);
    expect(report.signatures[0]).toMatchObject({ format: 'tag', annotations: { stage: 'prod' } });
    const second = keyOf(type === 'ecdsa-p256' ? 'ed25519' : 'ecdsa-p256');
    await done(over('sign', image.tagged, '--key', `${second}.key`, '--format', 'tag'));
    const own = ['verify', '--insecure-ignore-tlog', '--allow-http-registry'];
    for (const prefix of [keyOf(type), second]) await done(cosign2([...own, '--key', `${prefix}.pub`, image.pinned]));
  });
});

const predicates = {
  slsaprovenance1: {
    buildDefinition: { buildType: 'https://example.test/build', externalParameters: { ref: 'main' } },
    runDetails: { builder: { id: 'https://example.test/builder' } },
  },
  cyclonedx: { bomFormat: 'CycloneDX', specVersion: '1.6', version: 1, components: [] },
  spdxjson: { spdxVersion: 'SPDX-2.3', SPDXID: 'SPDXRef-DOCUMENT', name: 'x', dataLicense: 'CC0-1.0' },
  vuln: {
    invocation: { parameters: [], uri: '', event_id: '', 'builder.id': '' },
    scanner: { uri: 'pkg:generic/plombe', version: '1', db: { uri: '', version: '' }, result: {} },
    metadata: { scanStartedOn: '2026-01-01T00:00:00Z', scanFinishedOn: '2026-01-01T00:00:01Z' },
  },
  'https://example.test/predicate/v1': { approved: true },
} as const;
const types = Object.keys(predicates) as (keyof typeof predicates)[];

describe.skipIf(missing.length > 0).each(places)('attestations by %s', (place) => {
  it.each(part(place, types))('%s by plombe holds for cosign', async (type) => {
    const image = await pushImage(registryOf(place), `attest-plombe-${types.indexOf(type)}`);
    const file = writePredicate(home, `predicate-${types.indexOf(type)}`, predicates[type]);
    const key = keyOf('ecdsa-p256');
    await done(over('attest', image.tagged, '--key', `${key}.key`, '--type', type, '--predicate', file));
    const check = ['verify-attestation', ...verifyFlags(`${key}.pub`)];
    await done(cosign.run([...check, '--type', type, image.pinned]));
    const other = type === 'vuln' ? 'slsaprovenance1' : 'vuln';
    expect((await cosign.run([...check, '--type', other, image.pinned])).code).not.toBe(0);
  });

  it.each(part(place, types))('%s by cosign holds for plombe', async (type) => {
    const image = await pushImage(registryOf(place), `attest-cosign-${types.indexOf(type)}`);
    const file = writePredicate(home, `predicate-${types.indexOf(type)}`, predicates[type]);
    const own = await cosign.generate(`attest-${place.slice(0, 3)}-${types.indexOf(type)}`);
    await cosign.attest(`${own}.key`, image.pinned, type, file);
    const check = ['verify-attestation', image.tagged, '--key', `${own}.pub`, '--type'];
    const { result, report } = await verify(...check, type);
    expect(result, failures(report)).toEqual([0, 'verified']);
    expect(report.attestations).toHaveLength(1);
    const other = await verify(...check, type === 'vuln' ? 'slsaprovenance1' : 'vuln');
    expect(other.result).toEqual([1, 'rejected']);
    // An attestation is no signature (cosign itself takes it for one).
    const alone = await verify('verify', image.tagged, '--key', `${own}.pub`);
    expect(alone.result).toEqual([1, 'rejected']);
  });
});

describe.skipIf(missing2.length > 0)("attestations under cosign 2's tag", () => {
  const cosign2 = peer('cosign-2', join(home, 'cosign-2'));
  const file = (): string => writePredicate(home, 'predicate-tag', predicates.slsaprovenance1);

  it('by plombe hold for cosign', async () => {
    const image = await pushImage(registryOf('fallback tag'), 'att-plombe');
    const key = keyOf('ecdsa-p256');
    const own = ['--type', 'slsaprovenance1', '--predicate', file(), '--format', 'tag'];
    await done(over('attest', image.tagged, '--key', `${key}.key`, ...own));
    const flags = ['--insecure-ignore-tlog', '--allow-http-registry', '--type', 'slsaprovenance1'];
    await done(cosign2(['verify-attestation', '--key', `${key}.pub`, ...flags, image.pinned]));
  });

  it('by cosign hold for plombe', async () => {
    const image = await pushImage(registryOf('fallback tag'), 'att-cosign');
    const key = keyOf('rsa-3072');
    const own = ['--yes', '--tlog-upload=false', '--allow-http-registry', '--type', 'slsaprovenance1'];
    await done(
      cosign2(['attest', '--key', `${key}.key`, ...own, '--predicate', file(), image.pinned], {
        env: { COSIGN_PASSWORD: password },
      }),
    );
    const { result, report } = await verify(
      'verify-attestation',
      image.tagged,
      '--key',
      `${key}.pub`,
      '--type',
      'slsaprovenance1',
    );
    expect(result, failures(report)).toEqual([0, 'verified']);
  });
});

describe.skipIf(missing.length > 0)('bundles over files', () => {
  // Of Ed25519 cosign 3.1.3 leaves the digest out, and does not verify its own bundle.
  it.each(keyTypes)('of %s by cosign hold for plombe', async (type) => {
    const artifact = join(home, `artifact-${type}`);
    writeFileSync(artifact, `an artifact of ${type}`);
    const bundle = `${artifact}.json`;
    const config = ['--signing-config', join(home, 'cosign', 'signing-config.json')];
    const signing = ['sign-blob', '--yes', '--key', `${keyOf(type)}.key`, ...config, '--bundle', bundle, artifact];
    await done(cosign.run(signing, { env: { COSIGN_PASSWORD: password } }));
    const check = ['--bundle', bundle, '--key', `${keyOf(type)}.pub`];
    expect(await run('verify', artifact, ...check)).toMatchObject({ code: 0, stderr: '' });
    writeFileSync(artifact, 'another artifact');
    expect((await run('verify', artifact, ...check)).code).toBe(1);
  });

  it.each(['slsaprovenance1', 'cyclonedx'] as const)('%s by cosign holds for plombe', async (type) => {
    const artifact = join(home, `attested-${type}`);
    writeFileSync(artifact, 'an attested artifact');
    const bundle = `${artifact}.json`;
    const key = await cosign.generate(`blob-${type}`);
    const config = ['--signing-config', join(home, 'cosign', 'signing-config.json')];
    const about = ['--type', type, '--predicate', writePredicate(home, `blob-${type}`, predicates[type])];
    const files = ['--key', `${key}.key`, ...config, '--bundle', bundle, artifact];
    await done(cosign.run(['attest-blob', '--yes', ...about, ...files]));
    const check = ['--bundle', bundle, '--key', `${key}.pub`];
    const { code, stdout } = await run('verify', artifact, ...check, '-o', 'json');
    expect([code, JSON.parse(stdout)]).toMatchObject([0, { verdict: 'verified', attestations: [{}] }]);
    writeFileSync(artifact, 'another artifact');
    expect((await run('verify', artifact, ...check)).code).toBe(1);
  });
});
