// From facts to findings: each check passes, fails, or cannot be told, and then says which permission is missing.
import { by } from '@plombe/kit';
import { severityOrder, type SeverityWord } from '@plombe/model';
import type { PostureFacts, RegistryKind } from '../registries/connector.ts';
import { shown, type PostureCheck } from './check.ts';
import { postureChecks } from './checks.ts';

/** What one check says of one registry. */
export interface PostureFinding {
  readonly check: PostureCheck;
  readonly outcome: 'pass' | 'fail' | 'unknown';
  /** What was looked at, or what is missing: one text each, of the registry's words, not yet inert. */
  readonly evidence: readonly string[];
}

/** The posture of one registry at one time. */
export interface PostureReport {
  readonly registry: string;
  readonly kind: RegistryKind;
  /** ISO 8601. */
  readonly at: string;
  /** Failed first, then unknown, then passed; within each the worst first. */
  readonly findings: readonly PostureFinding[];
  /** Everything that was read, also what no check looks at. */
  readonly facts: PostureFacts;
}

/** Judges every check of the kind. A fact that a connector does not give is unknown, never a pass. */
export function judgePosture(
  registry: { readonly registry: string; readonly kind: RegistryKind },
  facts: PostureFacts,
  nowMs: number,
): PostureReport {
  const order = ['fail', 'unknown', 'pass'];
  const findings = postureChecks
    .filter(({ kinds }) => kinds.includes(registry.kind))
    .map((check) => judge(check, facts, nowMs))
    .toSorted(
      by(
        ({ outcome }) => order.indexOf(outcome),
        ({ check }) => severityOrder.indexOf(check.severity),
        ({ check }) => check.id,
      ),
    );
  return { registry: registry.registry, kind: registry.kind, at: new Date(nowMs).toISOString(), findings, facts };
}

function judge(check: PostureCheck, facts: PostureFacts, nowMs: number): PostureFinding {
  const values: unknown[] = [];
  const missing: string[] = [];
  const incomplete: string[] = [];
  for (const name of check.facts) {
    const fact = Object.hasOwn(facts, name) ? facts[name] : undefined;
    if (fact?.kind === 'known') {
      values.push(fact.value);
      incomplete.push(...(fact.incomplete ?? []));
    } else missing.push(fact?.reason ?? `The connector does not read ${name}.`);
  }
  if (missing.length > 0) return { check, outcome: 'unknown', evidence: [...new Set(missing)] };
  const failures = check.failures(values, nowMs);
  if (failures.length > 0) return { check, outcome: 'fail', evidence: [...failures, ...incomplete] };
  if (incomplete.length > 0) return { check, outcome: 'unknown', evidence: [...new Set(incomplete)] };
  return { check, outcome: 'pass', evidence: check.facts.map((name, index) => `${name}: ${shown(values[index])}`) };
}

/** True where a failed check is of this severity or worse. */
export function failsAt(report: PostureReport, severity: SeverityWord): boolean {
  const limit = severityOrder.indexOf(severity);
  return report.findings.some(
    ({ outcome, check }) => outcome === 'fail' && severityOrder.indexOf(check.severity) <= limit,
  );
}
