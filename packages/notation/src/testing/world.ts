// A small world for tests: authorities, a signer, a trust store and a policy, all real, any of them wrong on request.
import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { issue, testExtension, testNowMs, type Issued, type TestCertificate } from '@plombe/pki/testing';
import { derImplicit, derSequence, derTagged, type Certificate } from '@plombe/pki';
import type { KeySpec } from '../envelope/algorithm.ts';
import type { EnvelopeFormat } from '../envelope/envelope.ts';
import type { TargetArtifact } from '../envelope/payload.ts';
import { signArtifact, type SigningRequest } from '../sign/sign.ts';
import { chainSigner, keyAtHand } from '../sign/signer.ts';
import { parseOciTrustPolicy } from '../trust-policy/parse.ts';
import type { OciStatement, TrustStoreType } from '../trust-policy/policy.ts';
import type { NamedStore, TrustStore } from '../trust-store/store.ts';
import type { VerificationInput } from '../verify/input.ts';
import type { SignatureResult } from '@plombe/model';
import { verifyEnvelope } from '../verify/verify.ts';

export { testNowMs };

export const codeSigning = '1.3.6.1.5.5.7.3.3';

/** A private key of one row of the specification's table. */
export function keyOf(spec: KeySpec): KeyObject {
  const [kind, size] = spec.split('-') as [string, string];
  if (kind === 'RSA') return generateKeyPairSync('rsa', { modulusLength: Number(size) }).privateKey;
  return generateKeyPairSync('ec', { namedCurve: `P-${size}` }).privateKey;
}

export const leafSubject = ['C=DE', 'ST=Berlin', 'O=Example', 'CN=signer'];

/** Root, intermediate and leaf. */
export interface TestChain {
  readonly root: Issued;
  readonly intermediate: Issued;
  readonly leaf: Issued;
  /** Leaf first. */
  readonly chain: readonly Certificate[];
}

const root = issue({ subject: ['CN=root'], ca: true });
const intermediate = issue({ subject: ['CN=intermediate'], ca: true, issuer: root });

/** A chain of three; the options are for the leaf. */
export function chainOf(options: TestCertificate = {}): TestChain {
  const leaf = issue({ subject: leafSubject, purposes: [codeSigning], issuer: intermediate, ...options });
  const chain = [leaf, intermediate, root].map(({ certificate }) => certificate);
  return { root, intermediate, leaf, chain };
}

/** The chain that tests use where nothing about it matters. */
export const testChain = chainOf();

export const target: TargetArtifact = {
  mediaType: 'application/vnd.oci.image.manifest.v1+json',
  digest: `sha256:${'a'.repeat(64)}`,
  sizeBytes: 1234,
  annotations: {},
};

/** Signs `target` with the leaf of a chain. */
export async function signed(
  format: EnvelopeFormat,
  options: Partial<SigningRequest> = {},
  chain: TestChain = testChain,
): Promise<Uint8Array> {
  const signer = chainSigner(keyAtHand(chain.leaf.key), chain.chain);
  return (await signArtifact({ format, target, signer, signingTimeMs: testNowMs, ...options })).envelope;
}

/** A trust store with one named store `acme` of each type given. */
export function storeOf(roots: Partial<Record<TrustStoreType, readonly Certificate[]>>): TrustStore {
  return new Map(
    Object.entries(roots).map(([type, certificates]): [string, NamedStore] => [
      `${type}:acme`,
      { kind: 'read', certificates, warnings: [] },
    ]),
  );
}

/** A global statement; fields replace those of the default, which is `strict`, `ca:acme` and `*`. */
export function statementOf(
  fields: Readonly<Record<string, unknown>> = {},
  level: unknown = { level: 'strict' },
): OciStatement {
  const statement = {
    name: 'test',
    registryScopes: ['registry.example/app'],
    signatureVerification: level,
    trustStores: ['ca:acme'],
    trustedIdentities: ['*'],
    ...fields,
  };
  const policy = parseOciTrustPolicy(Buffer.from(JSON.stringify({ version: '1.0', trustPolicies: [statement] })));
  return policy.statements[0] as OciStatement;
}

/** Verifies an envelope for `target` a minute after it was signed, trusting the test root. */
export async function verified(
  format: EnvelopeFormat,
  envelope: Uint8Array,
  options: Partial<VerificationInput> = {},
): Promise<SignatureResult> {
  return verifyEnvelope({
    format,
    envelope,
    subject: { digest: target.digest, mediaType: target.mediaType, sizeBytes: target.sizeBytes },
    statement: statementOf(),
    trustStore: storeOf({ ca: [root.certificate] }),
    nowMs: testNowMs + 60_000,
    ...options,
  });
}

/** The outcome of each check, by id. */
export function outcomes(result: SignatureResult): Readonly<Record<string, string>> {
  return Object.fromEntries(result.checks.map(({ id, outcome }) => [id, outcome]));
}

/** The message of a check. */
export function messageOf(result: SignatureResult, id: string): string {
  return result.checks.find((one) => one.id === id)?.message ?? '';
}

/** A distribution point with one address. */
export function distributionPoint(uri: string): Uint8Array {
  return derSequence(derTagged(0, derTagged(0, derImplicit(6, Buffer.from(uri)))));
}

/** The extension that names a revocation list. */
export function crlPoint(uri: string): Uint8Array {
  return testExtension('2.5.29.31', derSequence(distributionPoint(uri)));
}

/** A network that knows some addresses: bytes, a status, or a body that never ends. `asked` collects what was asked for. */
export function network(
  answers: Readonly<Record<string, Uint8Array | number | 'endless'>>,
  asked: string[] = [],
): typeof globalThis.fetch {
  return (address, init) => {
    init?.signal?.throwIfAborted();
    const uri = address instanceof Request ? address.url : String(address);
    asked.push(uri);
    const answer = answers[uri];
    if (answer === undefined) return Promise.reject(new TypeError('fetch failed'));
    if (typeof answer === 'number') return Promise.resolve(new Response('sorry', { status: answer }));
    return Promise.resolve(new Response(answer === 'endless' ? endless() : Buffer.from(answer)));
  };
}

function endless(): ReadableStream<Uint8Array> {
  return new ReadableStream({ pull: (controller) => controller.enqueue(new Uint8Array(1024 * 1024)) });
}
