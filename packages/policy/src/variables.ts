// Evidence as variables of expressions, each converted when it is first asked for and kept with the evidence.
import type { AttestationResult } from '@plombe/model';
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

/** Looks like a map and converts what is asked for. */
class LazyVariables extends Map<string, CelValue> {
  readonly #evidence: PolicyEvidence;
  readonly #converted: Map<string, CelValue>;
  constructor(evidence: PolicyEvidence, own: readonly (readonly [string, CelValue])[]) {
    super(own);
    this.#evidence = evidence;
    this.#converted = kept.get(evidence) ?? new Map<string, CelValue>();
    kept.set(evidence, this.#converted);
  }

  override get(name: string): CelValue | undefined {
    const own = super.get(name) ?? this.#converted.get(name);
    if (own !== undefined) return own;
    const source = Object.hasOwn(sources, name) ? sources[name]?.(this.#evidence) : undefined;
    if (source === undefined) return undefined;
    const value = fromJson(source);
    this.#converted.set(name, value);
    return value;
  }
}

/** Variables of the conditions of a policy. */
export function policyVariables(evidence: PolicyEvidence, nowMs: number): ReadonlyMap<string, CelValue> {
  return new LazyVariables(evidence, [['now', instant(nowMs)]]);
}

/** Variables of the conditions of one attestation. */
export function attestationVariables(
  result: AttestationResult,
  evidence: PolicyEvidence,
  nowMs: number,
): ReadonlyMap<string, CelValue> {
  const { statement, predicateType, signer, signedAtMs } = result;
  const own: (readonly [string, CelValue])[] = [
    ['now', instant(nowMs)],
    ['predicateType', predicateType],
    ...(statement === undefined ? [] : [['statement', fromJson(statement)] as const]),
    ...(statement?.['predicate'] === undefined ? [] : [['predicate', fromJson(statement['predicate'])] as const]),
    ...(signer === undefined ? [] : [['signer', signer] as const]),
    ...(signedAtMs === undefined ? [] : [['signedAt', instant(signedAtMs)] as const]),
  ];
  return new LazyVariables(evidence, own);
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
