// Envelopes, statements, certificates, metadata of trust roots, and the ledger's texts: whatever the bytes, an answer and no throw.
import { parseEnvelope as parseNotation } from '../../../packages/notation/src/envelope/parse.ts';
import { parsePayload } from '../../../packages/notation/src/envelope/payload.ts';
import { parseBlobTrustPolicy, parseOciTrustPolicy } from '../../../packages/notation/src/trust-policy/parse.ts';
import { parseCrl } from '../../../packages/pki/src/revocation/crl.ts';
import { parseOcspResponse } from '../../../packages/pki/src/revocation/ocsp-response.ts';
import { parseTimestampToken } from '../../../packages/pki/src/timestamp/token.ts';
import { parseCertificate } from '../../../packages/pki/src/x509/certificate.ts';
import { parseBundle } from '../../../packages/trust/src/bundle/bundle.ts';
import { parseEnvelope } from '../../../packages/trust/src/dsse/envelope.ts';
import { openFingerprint } from '../../../packages/trust/src/fingerprint/document.ts';
import { compilePattern } from '../../../packages/trust/src/identity/pattern.ts';
import { parseExact } from '../../../packages/trust/src/ledger/canonical.ts';
import { parseCheckpoint } from '../../../packages/trust/src/ledger/checkpoint.ts';
import { parseRekorV1Answer, parseRekorV2Answer } from '../../../packages/trust/src/rekor/answers.ts';
import { parseSigningConfig } from '../../../packages/trust/src/root/signing-config.ts';
import { parseTrustedRoot } from '../../../packages/trust/src/root/trusted-root.ts';
import { parseStatement } from '../../../packages/trust/src/statement/statement.ts';
import { parseMeta, parseRoot, parseTargets } from '../../../packages/trust/src/tuf/metadata.ts';
import { inert } from '@plombe/kit';
import { anyRefusal, bytesOf, type FuzzTarget, must, plombeRefusal, roughly, textOf } from '../target.ts';

interface Answer {
  readonly kind: string;
  readonly message?: string;
}

/** Parsers that answer; what they say of bad bytes is inert. */
const answering: Readonly<Record<string, (bytes: Uint8Array) => Answer>> = {
  bundle: parseBundle,
  'notation-cose': (bytes) => parseNotation('cose', bytes),
  'notation-jws': (bytes) => parseNotation('jws', bytes),
  'notation-payload': parsePayload,
  'rekor-v1': parseRekorV1Answer,
  'rekor-v2': parseRekorV2Answer,
  'signing-config': parseSigningConfig,
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
  crl: parseCrl,
  ocsp: parseOcspResponse,
  timestamp: parseTimestampToken,
  'trust-policy-blob': parseBlobTrustPolicy,
  'trust-policy-oci': parseOciTrustPolicy,
};

/** What signatures are read from. */
export const signatureTargets: readonly FuzzTarget[] = [
  ...Object.entries(answering).map(([name, parse]): FuzzTarget => ({
    name: `signature/${name}`,
    run(input) {
      const { kind, message = '' } = parse(bytesOf(input));
      must(message === inert(message), `what is said is not inert: ${JSON.stringify(message)}`);
      return `${kind} ${message.slice(0, 40)}`;
    },
  })),
  ...Object.entries(refusing).map(([name, parse]): FuzzTarget => ({
    name: `signature/${name}`,
    run: (input) => plombeRefusal(() => typeof parse(bytesOf(input))),
  })),
  {
    name: 'signature/pattern',
    run(input) {
      const pattern = compilePattern(textOf(input));
      return pattern.kind;
    },
  },
  { name: 'ledger/checkpoint', run: (input) => String(parseCheckpoint(textOf(input)) !== undefined) },
  { name: 'ledger/canonical', run: (input) => anyRefusal(() => typeof parseExact(textOf(input))) },
  {
    name: 'ledger/fingerprint',
    run: (input) =>
      plombeRefusal(() => roughly([...openFingerprint(textOf(input).split('\n').values()).entries].length)),
  },
];
