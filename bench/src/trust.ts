// What verifying one Notary envelope costs, and what whole commands cost beside cosign's and notation's.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  chainSigner,
  keyAtHand,
  parseOciTrustPolicy,
  signArtifact,
  verifyEnvelope,
  type EnvelopeFormat,
  type TargetArtifact,
  type VerificationInput,
} from '@plombe/notation';
import { purpose } from '@plombe/pki';
import { issue, testNowMs, type TestKeyKind } from '@plombe/pki/testing';
import { openCosign, verifyFlags } from '../../test/interop/support/cosign.ts';
import { endAll } from '../../test/interop/support/ending.ts';
import { openNotation } from '../../test/interop/support/notation.ts';
import { openAuthority } from '../../test/interop/support/openssl.ts';
import { findPeer, peerEnvironment } from '../../test/interop/support/peers.ts';
import { pushImage, startDockerRegistry } from '../../test/interop/support/servers.ts';
import type { Figure } from './figure.ts';
import { mean, runInTurn, type Command } from './measure.ts';
import type { Programs } from './programs.ts';

/** 200 of each kind, in 40 batches; the cheapest batch counts, because others use the machine. */
const envelopes = 200;
const batches = 40;
/** ms; the promise for one envelope. */
const notaryLimit = 2;

const root = issue({ subject: ['CN=root'], ca: true });
const intermediate = issue({ subject: ['CN=intermediate'], ca: true, issuer: root });
const target: TargetArtifact = {
  mediaType: 'application/vnd.oci.image.manifest.v1+json',
  digest: `sha256:${'a'.repeat(64)}`,
  sizeBytes: 1234,
  annotations: {},
};

/** Measures both envelopes, each by another signer under an intermediate, verified under `strict`. */
export async function measureNotary(): Promise<readonly Figure[]> {
  const kinds = [
    ['jws', 'p256'],
    ['cose', 'p256'],
    ['jws', 'p384'],
    ['jws', 'rsa3072'],
  ] as const;
  const figures: Figure[] = [];
  for (const [format, kind] of kinds) figures.push(await notaryFigure(format, kind));
  return figures;
}

async function notaryFigure(format: EnvelopeFormat, kind: TestKeyKind): Promise<Figure> {
  const made: VerificationInput[] = [];
  for (let count = 0; count < envelopes; count++) made.push(await inputOf(format, kind));
  const verify = async (input: VerificationInput): Promise<void> => {
    const { verdict, checks } = await verifyEnvelope(input);
    if (verdict !== 'verified') throw new Error(JSON.stringify(checks));
  };
  for (let again = 0; again < 5; again++) for (const input of made.slice(-20)) await verify(input);
  const size = envelopes / batches;
  const costs: number[] = [];
  for (let batch = 0; batch < batches; batch++) {
    const before = process.cpuUsage();
    for (const input of made.slice(batch * size, (batch + 1) * size)) await verify(input);
    const { user, system } = process.cpuUsage(before);
    costs.push((user + system) / 1000 / size);
  }
  costs.sort((a, b) => a - b);
  const value = costs[0] ?? Number.POSITIVE_INFINITY;
  const detail = `${value.toFixed(2)} ms, median of batches ${(costs[batches / 2] ?? value).toFixed(2)} ms`;
  return { name: 'verify, CPU', subject: `Notary ${format}, ${kind}`, value, unit: 'ms', limit: notaryLimit, detail };
}

async function inputOf(format: EnvelopeFormat, kind: TestKeyKind): Promise<VerificationInput> {
  const subject = ['C=DE', 'ST=BY', 'O=Example', 'CN=signer'];
  // Making RSA keys takes seconds; one serves all.
  const key = kind === 'rsa3072' ? rsaKey : undefined;
  const purposes = [purpose.codeSigning];
  const leaf = issue({ subject, purposes, issuer: intermediate, kind, ...(key === undefined ? {} : { key }) });
  const chain = [leaf, intermediate, root].map(({ certificate }) => certificate);
  const signer = chainSigner(keyAtHand(leaf.key), chain);
  const { envelope } = await signArtifact({ format, target, signer, signingTimeMs: testNowMs });
  return {
    format,
    envelope,
    subject: { digest: target.digest, mediaType: target.mediaType, sizeBytes: target.sizeBytes },
    statement,
    trustStore: new Map([['ca:test', { kind: 'read', certificates: [root.certificate], warnings: [] }]]),
    nowMs: testNowMs + 60_000,
  };
}

const rsaKey = issue({ kind: 'rsa3072' }).key;
const { statements } = parseOciTrustPolicy(
  Buffer.from(
    JSON.stringify({
      version: '1.0',
      trustPolicies: [
        {
          name: 'all',
          registryScopes: ['*'],
          signatureVerification: { level: 'strict' },
          trustStores: ['ca:test'],
          trustedIdentities: ['*'],
        },
      ],
    }),
  ),
);
const statement = statements[0] as VerificationInput['statement'];

/** Compares `verify` of a signed image in docker's registry with cosign's and notation's, in turn. For information. */
export async function measureVerifyCommands(
  programs: Programs,
  rounds: number,
  skip: (what: string, cause: string) => void,
): Promise<readonly Figure[]> {
  const missing = (['docker-registry', 'cosign', 'notation', 'openssl'] as const).filter(
    (name) => findPeer(name) === undefined,
  );
  if (missing.length > 0) {
    skip('verify against cosign and notation', `there is no ${missing.join(', ')}; see tools/install-signing-peers`);
    return [];
  }
  const folder = await mkdtemp(join(tmpdir(), 'plombe-bench-trust-'));
  try {
    const registry = await startDockerRegistry(join(folder, 'registry'));
    const image = await pushImage(registry, 'signed');
    const [cosign, publicKey] = await cosignCommand(join(folder, 'cosign'), image.pinned);
    const [notation, trust] = await notationCommand(join(folder, 'notation'), image.pinned);
    const plombe = (...flags: readonly string[]): Command => ({
      argv: programs.plombe('verify', image.pinned, '--plain-http', ...flags).argv,
    });
    const keyed = plombe('--key', publicKey);
    const notary = plombe('--trust-policy', trust.policy, '--trust-store', trust.store);
    const names = ['cosign', 'notation'] as const;
    const runs = await runInTurn([keyed, cosign, notary, notation], rounds * 3, mean);
    return names.map((name, i) => {
      const [own, other] = runs.slice(i * 2, i * 2 + 2);
      const value = (own?.wallS ?? 0) / (other?.wallS ?? Number.NaN);
      const detail = [own, other]
        .map((run) => `${run?.wallS.toFixed(2)} s (CPU ${run?.cpuS.toFixed(2)} s)`)
        .join(' : ');
      return { name: 'verify command, wall time', subject: `against ${name}`, value, unit: '×' as const, detail };
    });
  } finally {
    endAll();
    await rm(folder, { recursive: true, force: true });
  }
}

async function cosignCommand(home: string, pinned: string): Promise<readonly [Command, string]> {
  const cosign = await openCosign(home);
  const key = await cosign.generate('key');
  await cosign.sign(`${key}.key`, pinned);
  const argv = [findPeer('cosign') ?? '', 'verify', ...verifyFlags(`${key}.pub`), pinned];
  return [{ argv, env: peerEnvironment(home) }, `${key}.pub`];
}

async function notationCommand(
  home: string,
  pinned: string,
): Promise<readonly [Command, ReturnType<typeof openNotation>['trust']]> {
  const notation = openNotation(home);
  const authority = await openAuthority(join(home, 'ca'), 'root');
  notation.addKeys({ leaf: await authority.issue('leaf') });
  notation.trustRoot('ca', 'test', authority.root);
  notation.writePolicy();
  await notation.sign('leaf', pinned, 'jws');
  const argv = [findPeer('notation') ?? '', 'verify', '--insecure-registry', pinned];
  return [{ argv, env: peerEnvironment(home) }, notation.trust];
}
