// Bundles with log entries, time stamps and certificates of a private Sigstore (Rekor v2, Fulcio), exchanged with the real cosign.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { temporaryFolder } from '../support/plombe.ts';
import { openCosign, writePredicate, type Cosign } from './support/cosign.ts';
import { endAll } from './support/ending.ts';
import { done, missingPeers, peer } from './support/peers.ts';
import { failures, openProgram } from './support/program.ts';
import { startReferrersRegistry } from './support/registry.ts';
import { pushImage } from './support/servers.ts';
import { startSigstore, type PrivateSigstore } from './support/sigstore.ts';

const home = temporaryFolder();
afterAll(endAll);
const { run, over, verify } = openProgram(home);
const missing = missingPeers('cosign', 'rekor-server', 'fulcio', 'openssl');
const email = 'build@example.test';

let registry = '';
let sigstore: PrivateSigstore;
let cosign: Cosign;
let token = '';

beforeAll(async () => {
  if (missing.length > 0) return;
  registry = await startReferrersRegistry();
  sigstore = await startSigstore(join(home, 'sigstore'));
  cosign = await openCosign(join(home, 'cosign'));
  token = join(home, 'token');
  writeFileSync(token, sigstore.issuer.token(email));
});

const identity = (who: string, issuer = sigstore.issuer.url): readonly string[] => [
  '--certificate-identity',
  who,
  '--certificate-oidc-issuer',
  issuer,
  '--trusted-root',
  sigstore.trustedRoot,
];

/** Signs with cosign under a signing configuration. */
const signCosign = (config: string, pinned: string, ...by: readonly string[]): Promise<string> =>
  done(cosign.run(['sign', '--yes', ...by, '--signing-config', config, '--allow-http-registry', pinned]));

describe.skipIf(missing.length > 0).each(['ecdsa-p256', 'ecdsa-p384', 'rsa-3072'])('%s in the log', (type) => {
  it('by plombe hold for cosign', async () => {
    const key = join(home, `plombe-${type}`);
    await done(run('keys', 'generate', '--type', type, '--out', key));
    const image = await pushImage(registry, `logged-plombe-${type}`);
    const services = ['--signing-config', sigstore.keyedConfig, '--trusted-root', sigstore.trustedRoot];
    await done(over('sign', image.tagged, '--key', `${key}.key`, ...services));
    const own = ['--key', `${key}.pub`, '--trusted-root', sigstore.trustedRoot];
    const { result, report } = await verify('verify', image.tagged, ...own, '--require-log', '--require-timestamp');
    expect(result, failures(report)).toEqual([0, 'verified']);
    // cosign 3.1.3 verifies P-384 over SHA-256, and Rekor v2 takes it over SHA-384 alone.
    if (type === 'ecdsa-p384') return;
    await done(cosign.run(['verify', '--use-signed-timestamps', ...own, '--allow-http-registry', image.pinned]));
    const strange = [...own.slice(0, 3), sigstore.strangeRoot, '--allow-http-registry'];
    expect((await cosign.run(['verify', '--use-signed-timestamps', ...strange, image.pinned])).code).not.toBe(0);
  });
});

describe.skipIf(missing.length > 0)('keyed, in the log', () => {
  it('by cosign holds for plombe with Ed25519, too, which cosign itself does not verify', async () => {
    const key = join(home, 'ed25519-cosign');
    await done(run('keys', 'generate', '--type', 'ed25519', '--out', key));
    const image = await pushImage(registry, 'logged-cosign-ed25519');
    await signCosign(sigstore.keyedConfig, image.pinned, '--key', `${key}.key`);
    const needs = ['--key', `${key}.pub`, '--require-log', '--require-timestamp', '--trusted-root'];
    const { result, report } = await verify('verify', image.tagged, ...needs, sigstore.trustedRoot);
    expect(result, failures(report)).toEqual([0, 'verified']);
  });

  it('is refused for Ed25519, which Rekor v2 takes only prehashed', async () => {
    const key = join(home, 'ed25519');
    await done(run('keys', 'generate', '--type', 'ed25519', '--out', key));
    const image = await pushImage(registry, 'logged-ed25519');
    const { code, stderr } = await over(
      'sign',
      image.tagged,
      '--key',
      `${key}.key`,
      '--signing-config',
      sigstore.keyedConfig,
    );
    expect([code, stderr]).toEqual([4, expect.stringContaining('service/refused')]);
    expect((await verify('verify', image.tagged, '--key', `${key}.pub`)).result).toEqual([1, 'rejected']);
  });

  it('by cosign holds for plombe, which misses what another root does not know', async () => {
    const key = await cosign.generate('logged');
    const image = await pushImage(registry, 'logged-cosign');
    await signCosign(sigstore.keyedConfig, image.pinned, '--key', `${key}.key`);
    const needs = ['--key', `${key}.pub`, '--require-log', '--require-timestamp', '--trusted-root'];
    const { result, report } = await verify('verify', image.tagged, ...needs, sigstore.trustedRoot);
    expect(result, failures(report)).toEqual([0, 'verified']);
    expect((await verify('verify', image.tagged, ...needs, sigstore.strangeRoot)).result).toEqual([1, 'rejected']);
    const bare = await pushImage(registry, 'unlogged');
    await cosign.sign(`${key}.key`, bare.pinned);
    expect((await verify('verify', bare.tagged, ...needs, sigstore.trustedRoot)).result).toEqual([1, 'rejected']);
  });
});

describe.skipIf(missing.length > 0)('identities', () => {
  it('of plombe hold for cosign', async () => {
    const image = await pushImage(registry, 'identity-plombe');
    const services = ['--signing-config', sigstore.signingConfig, '--trusted-root', sigstore.trustedRoot];
    await done(over('sign', image.tagged, ...services, '--identity-token', token));
    const check = ['verify', '--use-signed-timestamps', '--allow-http-registry', image.pinned];
    await done(cosign.run([...check, ...identity(email)]));
    expect((await cosign.run([...check, ...identity('other@example.test')])).code).not.toBe(0);
    const { result, report } = await verify('verify', image.tagged, ...identity(email));
    expect(result, failures(report)).toEqual([0, 'verified']);
  });

  it('of cosign hold for plombe, and no other identity or issuer does', async () => {
    const image = await pushImage(registry, 'identity-cosign');
    await signCosign(sigstore.signingConfig, image.pinned, '--identity-token', token);
    const needs = ['--require-log', '--require-timestamp'];
    const { result, report } = await verify('verify', image.tagged, ...identity(email), ...needs);
    expect(result, failures(report)).toEqual([0, 'verified']);
    expect(report.signatures[0]?.checks).toContainEqual(
      expect.objectContaining({ id: 'certificate-log', outcome: 'pass' }),
    );
    const others = [identity('build@example.test.evil'), identity(email, 'http://127.0.0.1:1')];
    for (const other of others) {
      expect((await verify('verify', image.tagged, ...other)).result).toEqual([1, 'rejected']);
    }
    const pattern = ['--certificate-identity-regexp', '[a-z]+@example\\.test', ...identity(email).slice(2)];
    expect((await verify('verify', image.tagged, ...pattern)).result).toEqual([0, 'verified']);
  });

  it('go both ways without any log, on the word of the authority and a time stamp', async () => {
    const { signingConfig, trustedRoot } = sigstore.unlogged;
    const who = [...identity(email).slice(0, 4), '--trusted-root', trustedRoot];
    const own = await pushImage(registry, 'unlogged-plombe');
    const services = ['--signing-config', signingConfig, '--trusted-root', trustedRoot, '--identity-token', token];
    await done(over('sign', own.tagged, ...services));
    const flags = ['--insecure-ignore-sct', '--insecure-ignore-tlog', '--use-signed-timestamps'];
    await done(cosign.run(['verify', ...flags, '--allow-http-registry', ...who, own.pinned]));
    const other = await pushImage(registry, 'unlogged-cosign');
    await signCosign(signingConfig, other.pinned, '--identity-token', token);
    for (const { tagged } of [own, other]) {
      const { result, report } = await verify('verify', tagged, ...who, '--require-timestamp');
      expect(result, failures(report)).toEqual([0, 'verified']);
      // The other Sigstore does not know this authority.
      expect((await verify('verify', tagged, ...identity(email))).result).toEqual([1, 'rejected']);
    }
  });

  it('attest both ways', async () => {
    const predicate = writePredicate(home, 'provenance', {
      buildDefinition: { buildType: 'https://example.test/build', externalParameters: {} },
      runDetails: { builder: { id: 'https://example.test/builder' } },
    });
    const type = ['--type', 'slsaprovenance1'];
    const services = ['--signing-config', sigstore.signingConfig, '--identity-token', token];
    const own = await pushImage(registry, 'attest-plombe');
    await done(over('attest', own.tagged, ...type, '--predicate', predicate, ...services));
    const check = ['verify-attestation', ...type, '--use-signed-timestamps', '--allow-http-registry'];
    await done(cosign.run([...check, ...identity(email), own.pinned]));
    const other = await pushImage(registry, 'attest-cosign');
    const attest = ['attest', '--yes', ...type, '--predicate', predicate, '--allow-http-registry', ...services];
    await done(cosign.run([...attest, other.pinned]));
    const { result, report } = await verify('verify-attestation', other.tagged, ...type, ...identity(email));
    expect(result, failures(report)).toEqual([0, 'verified']);
  });

  it('over files go both ways as bundles', async () => {
    const artifact = join(home, 'artifact');
    writeFileSync(artifact, 'an artifact');
    const bundle = join(home, 'artifact.sigstore.json');
    const blob = ['sign-blob', '--yes', '--signing-config', sigstore.signingConfig, '--identity-token', token];
    await done(cosign.run([...blob, '--bundle', bundle, artifact]));
    const { code, stdout, stderr } = await run(
      'verify',
      artifact,
      '--bundle',
      bundle,
      ...identity(email),
      '-o',
      'json',
    );
    expect([code, stderr], stdout).toEqual([0, '']);
    writeFileSync(artifact, 'another artifact');
    expect((await run('verify', artifact, '--bundle', bundle, ...identity(email))).code).toBe(1);
  });
});

/** A bundle of cosign over a file, as far as it is tampered with. */
interface FileBundle {
  readonly messageSignature: { signature: string; messageDigest: { digest: string } };
  readonly verificationMaterial: {
    certificate: unknown;
    readonly tlogEntries: {
      logIndex: string;
      integratedTime?: string;
      canonicalizedBody: string;
      readonly inclusionProof: {
        logIndex: string;
        treeSize: string;
        rootHash: string;
        hashes: string[];
        readonly checkpoint: { envelope: string };
      };
    }[];
    timestampVerificationData: { rfc3161Timestamps: unknown[] };
  };
}

/** One change each; `other` is a good bundle by the same identity over another file. */
const tamperings: Readonly<Record<string, (bundle: FileBundle, other: FileBundle) => void>> = {
  // cosign 3.1.3 lets this one pass.
  'index of the proof': ({ verificationMaterial: { tlogEntries } }) => {
    for (const { inclusionProof } of tlogEntries) inclusionProof.logIndex = `${Number(inclusionProof.logIndex) + 1}`;
  },
  'index of the entry': ({ verificationMaterial: { tlogEntries } }) => {
    for (const entry of tlogEntries) entry.logIndex = `${Number(entry.logIndex) + 1}`;
  },
  'size of the tree': ({ verificationMaterial: { tlogEntries } }) => {
    for (const { inclusionProof } of tlogEntries) inclusionProof.treeSize = `${Number(inclusionProof.treeSize) + 1}`;
  },
  'a time that nobody signed': ({ verificationMaterial: { tlogEntries } }) => {
    for (const entry of tlogEntries) entry.integratedTime = '1700000000';
  },
  'hashes of the proof': ({ verificationMaterial: { tlogEntries } }) => {
    for (const { inclusionProof } of tlogEntries) inclusionProof.hashes = [inclusionProof.rootHash];
  },
  'root of the proof': ({ verificationMaterial: { tlogEntries } }, other) => {
    const rootHash = other.messageSignature.messageDigest.digest;
    for (const { inclusionProof } of tlogEntries) inclusionProof.rootHash = rootHash;
  },
  'entry of another file': ({ verificationMaterial }, other) => {
    verificationMaterial.tlogEntries.splice(0, 1, ...other.verificationMaterial.tlogEntries);
  },
  'no entry': ({ verificationMaterial: { tlogEntries } }) => void tlogEntries.splice(0),
  'time stamp of another signature': ({ verificationMaterial }, other) => {
    verificationMaterial.timestampVerificationData = other.verificationMaterial.timestampVerificationData;
  },
  'no time stamp': ({ verificationMaterial }) => {
    verificationMaterial.timestampVerificationData = { rfc3161Timestamps: [] };
  },
  'certificate of another signature': ({ verificationMaterial }, other) => {
    verificationMaterial.certificate = other.verificationMaterial.certificate;
  },
  'signature of another file': ({ messageSignature }, other) => {
    messageSignature.signature = other.messageSignature.signature;
  },
  'digest of another file': ({ messageSignature }, other) => {
    messageSignature.messageDigest = other.messageSignature.messageDigest;
  },
};

describe.skipIf(missing.length > 0)('T40 a bundle of cosign with one thing changed', () => {
  const [artifact, bundle, strange] = [join(home, 'tampered'), join(home, 'tampered.json'), join(home, 'strange.json')];
  const check = async (): Promise<number | undefined> => {
    const needs = ['--require-log', '--require-timestamp', ...identity(email)];
    return (await run('verify', artifact, '--bundle', join(home, 'changed.json'), ...needs)).code;
  };

  beforeAll(async () => {
    const blob = ['sign-blob', '--yes', '--signing-config', sigstore.signingConfig, '--identity-token', token];
    writeFileSync(artifact, 'a file');
    writeFileSync(`${artifact}-other`, 'another file');
    await done(cosign.run([...blob, '--bundle', bundle, artifact]));
    await done(cosign.run([...blob, '--bundle', strange, `${artifact}-other`]));
    writeFileSync(join(home, 'changed.json'), readFileSync(bundle));
    expect(await check()).toBe(0);
  });

  it.each(Object.entries(tamperings))('%s is rejected', async (_, tamper) => {
    const read = (path: string): FileBundle => JSON.parse(readFileSync(path, 'utf8')) as FileBundle;
    const changed = read(bundle);
    tamper(changed, read(strange));
    writeFileSync(join(home, 'changed.json'), JSON.stringify(changed));
    expect(await check()).toBe(1);
  });
});

const missing2 = missingPeers('cosign-2');

describe.skipIf(missing.length > 0 || missing2.length > 0)('time stamps under a tag', () => {
  const cosign2 = peer('cosign-2', join(home, 'cosign-2'));
  const stamps = (): readonly string[] => [
    '--timestamp-url',
    sigstore.timestampUrl,
    '--timestamp-root',
    sigstore.stampRoot,
  ];
  const flags = ['--insecure-ignore-tlog', '--allow-http-registry'];

  it('by plombe hold for cosign 2', async () => {
    const key = await cosign.generate('stamped-plombe');
    const image = await pushImage(registry, 'stamped-plombe');
    await done(over('sign', image.tagged, '--key', `${key}.key`, '--format', 'tag', ...stamps()));
    const own = ['verify', '--key', `${key}.pub`, ...flags, '--timestamp-certificate-chain'];
    await done(cosign2([...own, sigstore.stampChain, image.pinned]));
    expect((await cosign2([...own, sigstore.strangeChain, image.pinned])).code).not.toBe(0);
  });

  it('by cosign 2 hold for plombe', async () => {
    const key = await cosign.generate('stamped-cosign');
    const image = await pushImage(registry, 'stamped-cosign');
    const own = [
      '--yes',
      '--tlog-upload=false',
      '--allow-http-registry',
      '--timestamp-server-url',
      sigstore.timestampUrl,
    ];
    await done(cosign2(['sign', '--key', `${key}.key`, ...own, image.pinned]));
    const check = ['verify', image.tagged, '--key', `${key}.pub`, '--require-timestamp', '--trusted-root'];
    const { result, report } = await verify(...check, sigstore.trustedRoot);
    expect(result, failures(report)).toEqual([0, 'verified']);
    expect((await verify(...check, sigstore.strangeRoot)).result).toEqual([1, 'rejected']);
  });

  it('in a bundle without a log hold for cosign 3', async () => {
    const key = await cosign.generate('stamped-bundle');
    const image = await pushImage(registry, 'stamped-bundle');
    // The authority's whole chain serves as well as its root.
    const chain = ['--timestamp-url', sigstore.timestampUrl, '--timestamp-root', sigstore.stampChain];
    await done(over('sign', image.tagged, '--key', `${key}.key`, ...chain));
    const own = ['verify', '--key', `${key}.pub`, ...flags, '--use-signed-timestamps', '--trusted-root'];
    await done(cosign.run([...own, sigstore.trustedRoot, image.pinned]));
    expect((await cosign.run([...own, sigstore.strangeRoot, image.pinned])).code).not.toBe(0);
    const check = ['verify', image.tagged, '--key', `${key}.pub`, '--require-timestamp', '--trusted-root'];
    const { result, report } = await verify(...check, sigstore.trustedRoot);
    expect(result, failures(report)).toEqual([0, 'verified']);
  });
});
