// Evidence as variables of expressions, each converted when it is first asked for and kept with the evidence.
import { field } from '@plombe/kit';
import type { AttestationResult } from '@plombe/model';
import type { Variables } from './cel/scope.ts';
import { CelTimestamp, fromJson, type CelValue } from './cel/value.ts';
import type { PolicyEvidence } from './evidence.ts';

type Source = (evidence: PolicyEvidence) => unknown;

/** Absent evidence is no variable: an expression over it is undecidable unless it does not matter. */
const sources: Readonly<Record<string, Source>> = {
  subject: ({ subject, place }) => ({ ...subject, ...place }),
  running: ({ running }) => running,
  signatures: ({ signatures }) => signatures?.flatMap(({ results }) => results.map(signatureData)),
  attestations: ({ attestations }) => attestations?.flatMap(({ results }) => results.map(attestationData)),
  scan: ({ scan }) =>
    scan && {
      ...scan,
      findings: scan.findings.map(({ publishedAtMs, ...finding }) => ({
        ...finding,
        publishedAt: dateOf(publishedAtMs),
      })),
    },
  config: ({ config }) => config,
  secrets: ({ secrets }) => secrets,
};

/** Names that conditions of a policy may use. */
export const policyVariableNames: ReadonlySet<string> = new Set([...Object.keys(sources), 'now']);
/** Names that conditions of an attestation may use. */
export const attestationVariableNames: ReadonlySet<string> = new Set([
  'predicate',
  'predicateType',
  'statement',
  'signer',
  'signedAt',
  'subject',
  'now',
]);

const kept = new WeakMap<PolicyEvidence, Map<string, CelValue>>();

/** The evidence behind own variables; what was converted is kept with the evidence for the next expression. */
function behind(evidence: PolicyEvidence, own: (name: string) => CelValue | undefined): Variables {
  let converted = kept.get(evidence);
  if (converted === undefined) {
    converted = new Map();
    kept.set(evidence, converted);
  }
  const shared = converted;
  return {
    get(name) {
      const found = own(name) ?? shared.get(name);
      if (found !== undefined) return found;
      const source = Object.hasOwn(sources, name) ? sources[name]?.(evidence) : undefined;
      if (source === undefined) return undefined;
      const value = fromJson(source);
      shared.set(name, value);
      return value;
    },
  };
}

/** Variables of the conditions of a policy. */
export function policyVariables(evidence: PolicyEvidence, nowMs: number): Variables {
  return behind(evidence, (name) => (name === 'now' ? instant(nowMs) : undefined));
}

/** Variables of the conditions of one attestation. */
export function attestationVariables(result: AttestationResult, evidence: PolicyEvidence, nowMs: number): Variables {
  const { statement, predicateType, signer, signedAtMs } = result;
  const json = (value: unknown): CelValue | undefined => (value === undefined ? undefined : fromJson(value));
  return behind(evidence, (name) => {
    switch (name) {
      case 'now':
        return instant(nowMs);
      case 'predicateType':
        return predicateType;
      case 'signer':
        return signer;
      case 'signedAt':
        return signedAtMs === undefined ? undefined : instant(signedAtMs);
      case 'statement':
        return json(statement);
      case 'predicate':
        return statement === undefined ? undefined : json(field(statement, 'predicate'));
      default:
        return undefined;
    }
  });
}

function instant(ms: number): CelTimestamp {
  return new CelTimestamp(BigInt(Math.trunc(ms)) * 1_000_000n);
}

function dateOf(ms: number | undefined): Date | undefined {
  return ms === undefined ? undefined : new Date(ms);
}

function signatureData({
  format,
  verdict,
  signer,
  signerId,
  annotations,
}: AttestationResult | Omit<AttestationResult, 'predicateType'>) {
  return { format, verdict, signer, signerId, annotations };
}

function attestationData(result: AttestationResult) {
  const { predicateType, statement, signedAtMs } = result;
  return { ...signatureData(result), predicateType, statement, signedAt: dateOf(signedAtMs) };
}
