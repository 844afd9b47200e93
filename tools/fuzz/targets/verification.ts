// Signatures through their whole verification: whatever the envelope, certificates, proofs and trusted root are, a verdict and no throw.
import { createHash } from 'node:crypto';
import { inert } from '@plombe/kit';
import type { Digest, VerificationCheck } from '@plombe/model';
import type { EnvelopeFormat } from '../../../packages/notation/src/envelope/envelope.ts';
import { parseOciTrustPolicy } from '../../../packages/notation/src/trust-policy/parse.ts';
import { readTrustStore, type TrustStoreFolder } from '../../../packages/notation/src/trust-store/store.ts';
import { verifyEnvelope } from '../../../packages/notation/src/verify/verify.ts';
import { type Certificate, parseCertificates } from '../../../packages/pki/src/x509/certificate.ts';
import { verifyChain } from '../../../packages/pki/src/x509/chain.ts';
import { verifyTimestamp } from '../../../packages/pki/src/timestamp/verify.ts';
import { verifyBundle } from '../../../packages/trust/src/bundle/verify.ts';
import { readPublicKey } from '../../../packages/trust/src/keys/public-key.ts';
import { verifyExport } from '../../../packages/trust/src/ledger/verify.ts';
import { parseVerifierKey } from '../../../packages/trust/src/ledger/note.ts';
import { verifyLegacyAttestation, verifyLegacySignature } from '../../../packages/trust/src/legacy/verify.ts';
import { parseTrustedRoot } from '../../../packages/trust/src/root/trusted-root.ts';
import type { SignerAnchor, Trust } from '../../../packages/trust/src/verify/trust.ts';
import type { FuzzInput } from '../input.ts';
import { type FuzzTarget, must, mustEqual, pieces, plombeRefusal } from '../target.ts';

/** A digest as the seeds have it: of the text `artifact`. */
const digest = `sha256:${createHash('sha256').update('artifact').digest('hex')}` as Digest;
/** Of the certificates in the seeds. */
const atMs = Date.UTC(2026, 0, 1);

/** Who signed is looked for in the certificate, whoever it is. */
const anyone = { source: '.*', matches: (): boolean => true };

function part(input: FuzzInput, path: string): Uint8Array | undefined {
  return input.find((one) => one.path === path)?.bytes;
}

function text(input: FuzzInput, path: string): string | undefined {
  const bytes = part(input, path);
  return bytes && new TextDecoder().decode(bytes);
}

/** `key`: the signer's public key; `root.json`: a trusted root, and any identity of the issuer of the seeds. */
function trustOf(input: FuzzInput): Trust {
  const key = text(input, 'key');
  const root = parseTrustedRoot(part(input, 'root.json') ?? new Uint8Array());
  const anchor: SignerAnchor =
    key === undefined
      ? {
          kind: 'identities',
          rules: [{ subject: { pattern: anyone }, issuer: { exact: 'https://issuer.example' } }],
        }
      : { kind: 'keys', keys: [readPublicKey(key)] };
  return { anchor, ...(root.kind === 'parsed' ? { trustedRoot: root.value } : {}) };
}

interface Result {
  readonly verdict?: string;
  readonly kind?: string;
  readonly checks: readonly VerificationCheck[];
  readonly signer?: unknown;
}

function told({ verdict, kind, checks, signer }: Result): string {
  for (const { id, message } of checks)
    must(message === inert(message), `the message of ${id} is not inert: ${JSON.stringify(message)}`);
  if (typeof signer === 'string') must(signer === inert(signer), `the signer is not inert: ${JSON.stringify(signer)}`);
  must(
    (verdict ?? kind) !== 'verified' || checks.every(({ outcome }) => outcome !== 'fail'),
    'what is verified has a check that failed',
  );
  return `${verdict ?? kind} ${checks.map(({ id, outcome, message }) => (outcome === 'fail' ? `${id} ${message.slice(0, 30)}` : outcome.slice(0, 1))).join()}`;
}

/** Files by their paths below the trust store. */
function folderOf(input: FuzzInput): TrustStoreFolder {
  const paths = input.map(({ path }) => path).filter((path) => path.startsWith('x509/'));
  return {
    entries: async (folder) => {
      const below = paths.filter((path) => path.startsWith(`${folder}/`)).map((path) => path.slice(folder.length + 1));
      const names = new Set(below.map((path) => path.split('/', 1)[0] ?? ''));
      return below.length === 0
        ? undefined
        : [...names].map((name) => ({ name, kind: below.includes(name) ? 'file' : 'folder' }));
    },
    read: async (path) => part(input, path),
  };
}

function notation(format: EnvelopeFormat): FuzzTarget {
  return {
    name: `verify/notation-${format}`,
    run: (input) =>
      plombeRefusal(async () => {
        const policy = parseOciTrustPolicy(part(input, 'trustpolicy.json') ?? new Uint8Array());
        const [statement] = policy.statements;
        if (statement === undefined) return 'no statement';
        const envelope = part(input, 'envelope') ?? new Uint8Array();
        const trustStore = await readTrustStore(folderOf(input));
        return told(
          await verifyEnvelope({ format, envelope, subject: { digest }, statement, trustStore, nowMs: atMs }),
        );
      }),
  };
}

function certificatesIn(input: FuzzInput, path: string): readonly Certificate[] {
  return parseCertificates(text(input, path) ?? '');
}

/** Verifications of whole signatures. */
export const verificationTargets: readonly FuzzTarget[] = [
  {
    name: 'verify/bundle',
    run: (input) =>
      plombeRefusal(() => {
        const bundle = part(input, 'bundle') ?? new Uint8Array();
        const subject = { digest, bytes: Buffer.from('artifact') };
        return told(verifyBundle({ bundle, subject, expect: { kind: 'any' }, trust: trustOf(input) }));
      }),
  },
  {
    name: 'verify/legacy',
    run: (input) =>
      plombeRefusal(() => {
        const layerAnnotations = Object.fromEntries(
          input
            .filter(({ path }) => path.startsWith('dev.'))
            .map(({ path, bytes }) => [path, new TextDecoder().decode(bytes)]),
        );
        const request = {
          layer: part(input, 'layer') ?? new Uint8Array(),
          layerAnnotations,
          subject: digest,
          trust: trustOf(input),
        };
        return `${told(verifyLegacySignature(request))} ${told(verifyLegacyAttestation(request))}`;
      }),
  },
  notation('jws'),
  notation('cose'),
  {
    name: 'verify/chain',
    run: (input) =>
      plombeRefusal(() => {
        const [leaf, ...intermediates] = certificatesIn(input, 'chain.pem');
        return told(verifyChain({ leaf, intermediates, roots: certificatesIn(input, 'roots.pem'), atMs }));
      }),
  },
  {
    name: 'verify/timestamp',
    run: (input) =>
      plombeRefusal(() => {
        const roots = certificatesIn(input, 'roots.pem');
        const token = part(input, 'token') ?? new Uint8Array();
        return told(verifyTimestamp({ token, subject: { message: Buffer.from('artifact') }, roots }));
      }),
  },
  {
    name: 'verify/ledger',
    async run(input) {
      const logKey = parseVerifierKey((text(input, 'ledger.vkey') ?? '').trim());
      if (logKey === undefined) return 'no key';
      const bytes = part(input, 'export') ?? new Uint8Array();
      const verdict = await verifyExport(pieces(bytes, bytes.length || 1), { logKey, threads: 0 });
      mustEqual(await verifyExport(pieces(bytes, 61), { logKey, threads: 0 }), verdict, 'pieces give another verdict');
      if (verdict.verdict === 'verified') return 'verified';
      const { check, message, link } = verdict.firstBroken;
      for (const said of [message, link])
        must(said === inert(said), `what is said is not inert: ${JSON.stringify(said)}`);
      return `${check} ${message.slice(0, 40)}`;
    },
  },
];
