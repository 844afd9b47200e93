// Envelopes, statements, certificates, metadata of trust roots, and the ledger's texts: whatever the bytes, an answer and no throw.
import { parseEnvelope as parseNotation } from '../../../packages/notation/src/envelope/parse.ts';
import { parsePayload } from '../../../packages/notation/src/envelope/payload.ts';
import { Malformed } from '../../../packages/notation/src/malformed.ts';
import { identitiesOverlap, parseIdentity } from '../../../packages/notation/src/trust-policy/identity.ts';
import { parseBlobTrustPolicy, parseOciTrustPolicy } from '../../../packages/notation/src/trust-policy/parse.ts';
import { parseCrl } from '../../../packages/pki/src/revocation/crl.ts';
import { parseOcspResponse } from '../../../packages/pki/src/revocation/ocsp-response.ts';
import { parseTimestampToken } from '../../../packages/pki/src/timestamp/token.ts';
import { parseTimestampResponse } from '../../../packages/pki/src/timestamp/request.ts';
import { parseCertificate, parseCertificates } from '../../../packages/pki/src/x509/certificate.ts';
import { parseSctList } from '../../../packages/pki/src/x509/sct.ts';
import { approvalTypes, readApproval } from '../../../packages/trust/src/approval/statements.ts';
import { parseBundle } from '../../../packages/trust/src/bundle/bundle.ts';
import { parseEnvelope } from '../../../packages/trust/src/dsse/envelope.ts';
import { openFingerprint } from '../../../packages/trust/src/fingerprint/document.ts';
import { parseSigningCertificate } from '../../../packages/trust/src/fulcio/signing-certificate.ts';
import { compilePattern } from '../../../packages/trust/src/identity/pattern.ts';
import { parseExact } from '../../../packages/trust/src/ledger/canonical.ts';
import { readPrivateKey } from '../../../packages/trust/src/keys/private-key.ts';
import { readPublicKey } from '../../../packages/trust/src/keys/public-key.ts';
import { parseCheckpoint } from '../../../packages/trust/src/ledger/checkpoint.ts';
import { formatNote, parseNote, parseVerifierKey } from '../../../packages/trust/src/ledger/note.ts';
import {
  formatStatement,
  parseStatement as parseLedgerStatement,
} from '../../../packages/trust/src/ledger/statements.ts';
import { parseSimpleSigning } from '../../../packages/trust/src/legacy/simple-signing.ts';
import { readCheckpoint } from '../../../packages/trust/src/log/checkpoint.ts';
import { attempt } from '../../../packages/trust/src/parse/refused.ts';
import { parseJsonObject } from '../../../packages/trust/src/parse/fields.ts';
import { parseRekorV1Answer, parseRekorV2Answer } from '../../../packages/trust/src/rekor/answers.ts';
import { parseSigningConfig } from '../../../packages/trust/src/root/signing-config.ts';
import { parseTrustedRoot } from '../../../packages/trust/src/root/trusted-root.ts';
import { parseStatement } from '../../../packages/trust/src/statement/statement.ts';
import { parseMeta, parseRoot, parseTargets } from '../../../packages/trust/src/tuf/metadata.ts';
import { inert } from '@plombe/kit';
import { anyRefusal, bytesOf, type FuzzTarget, must, outline, plombeRefusal, roughly, textOf } from '../target.ts';

interface Answer {
  readonly kind: string;
  readonly message?: string;
  readonly value?: unknown;
}

/** Parsers that answer; what they say of bad bytes is inert. */
const answering: Readonly<Record<string, (bytes: Uint8Array) => Answer>> = {
  approval: (bytes) => approvalOf(bytes),
  bundle: parseBundle,
  'log-checkpoint': (bytes) => attempt(() => readCheckpoint(new TextDecoder().decode(bytes))),
  'notation-cose': (bytes) => parseNotation('cose', bytes),
  'notation-jws': (bytes) => parseNotation('jws', bytes),
  'notation-payload': parsePayload,
  'rekor-v1': parseRekorV1Answer,
  'rekor-v2': parseRekorV2Answer,
  'signing-certificate': parseSigningCertificate,
  'signing-config': parseSigningConfig,
  'simple-signing': parseSimpleSigning,
  statement: parseStatement,
  dsse: parseEnvelope,
  'trusted-root': parseTrustedRoot,
  'tuf-root': parseRoot,
  'tuf-snapshot': (bytes) => parseMeta(bytes, 'snapshot'),
  'tuf-targets': parseTargets,
  'tuf-timestamp': (bytes) => parseMeta(bytes, 'timestamp'),
};

/** Parsers that throw a PlombeError. */
const refusing: Readonly<Record<string, (bytes: Uint8Array) => unknown>> = {
  certificate: parseCertificate,
  'certificates-pem': (bytes) => parseCertificates(new TextDecoder().decode(bytes)),
  crl: parseCrl,
  ocsp: parseOcspResponse,
  'private-key': (bytes) => readPrivateKey(new TextDecoder().decode(bytes), 'passphrase'),
  'public-key': (bytes) => readPublicKey(new TextDecoder().decode(bytes)),
  'sct-list': parseSctList,
  timestamp: parseTimestampToken,
  'timestamp-response': parseTimestampResponse,
  'trust-policy-blob': parseBlobTrustPolicy,
  'trust-policy-oci': parseOciTrustPolicy,
};

/** Under the type that it says itself. */
function approvalOf(bytes: Uint8Array): Answer {
  const statement = attempt(() => parseJsonObject(bytes, 100_000, 'statement'));
  if (statement.kind !== 'parsed') return statement;
  const answers = Object.values(approvalTypes).flatMap((type) => readApproval(type, statement.value) ?? []);
  return answers.find(({ kind }) => kind === 'parsed') ?? answers[0] ?? { kind: 'none' };
}

/** What signatures are read from. */
export const signatureTargets: readonly FuzzTarget[] = [
  ...Object.entries(answering).map(([name, parse]): FuzzTarget => ({
    name: `signature/${name}`,
    run(input) {
      const { kind, message = '', value } = parse(bytesOf(input));
      must(message === inert(message), `what is said is not inert: ${JSON.stringify(message)}`);
      return `${kind} ${message.slice(0, 40)}${value === undefined ? '' : outline(value)}`;
    },
  })),
  ...Object.entries(refusing).map(([name, parse]): FuzzTarget => ({
    name: `signature/${name}`,
    run: (input) => plombeRefusal(() => outline(parse(bytesOf(input)))),
  })),
  {
    name: 'signature/identity',
    run(input) {
      try {
        const identity = parseIdentity(textOf(input));
        must(identitiesOverlap(identity, identity), 'it does not overlap with itself');
        return identity.kind === 'foreign' ? 'foreign' : `subject ${roughly(identity.attributes.size)}`;
      } catch (thrown) {
        if (!(thrown instanceof Malformed)) throw thrown;
        must(thrown.message === inert(thrown.message), `what is said is not inert: ${JSON.stringify(thrown.message)}`);
        return thrown.message.replaceAll(/"[^"]*"|\d+/g, '').slice(0, 60);
      }
    },
  },
  {
    name: 'signature/pattern',
    run(input) {
      const pattern = compilePattern(textOf(input));
      return pattern.kind;
    },
  },
  { name: 'ledger/checkpoint', run: (input) => String(parseCheckpoint(textOf(input)) !== undefined) },
  {
    name: 'ledger/note',
    run(input) {
      const note = parseNote(textOf(input));
      must(note === undefined || formatNote(note) === textOf(input), 'what is read is written otherwise');
      return `${note?.signatures.length} ${parseVerifierKey(textOf(input).trim())?.type}`;
    },
  },
  {
    name: 'ledger/statement',
    run(input) {
      const statement = parseLedgerStatement(textOf(input));
      must(
        statement === undefined || formatStatement(statement) === textOf(input),
        'what is read is written otherwise',
      );
      return statement?.type ?? 'none';
    },
  },
  { name: 'ledger/canonical', run: (input) => anyRefusal(() => typeof parseExact(textOf(input))) },
  {
    name: 'ledger/fingerprint',
    run: (input) =>
      plombeRefusal(() => roughly([...openFingerprint(textOf(input).split('\n').values()).entries].length)),
  },
];
