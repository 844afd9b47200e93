// The contract of a check: what it asks of an image, and what it found.
import type { Budget } from '../cel/budget.ts';
import type { PolicySpec } from '../document/policy-schema.ts';
import type { PolicyEvidence, PolicySubject } from '../evidence.ts';

/** Something that is not as demanded. What it is about is what an exception may name. */
export interface Violation {
  /** One sentence; inert text. */
  readonly message: string;
  readonly vulnerability?: string;
  readonly aliases?: readonly string[];
  /** Names of all packages it concerns. */
  readonly packages?: readonly string[];
}

/**
 * What a check found: a violation makes it fail, something undecidable makes it unknown, else it passes. Both lists may be filled: where
 * exceptions take every violation away, the undecidable is left.
 */
export interface CheckResult {
  readonly violations: readonly Violation[];
  /** Why it cannot be decided; inert sentences. */
  readonly unknowns: readonly string[];
  /** What holds, where it passes. */
  readonly passed: string;
  /** What was looked at: `3 signatures of 2 signers`. */
  readonly lookedAt: string;
  /** How to get to a pass; made only where it does not. */
  readonly remedy: () => string;
}

/** What a check may use besides evidence. */
export interface CheckContext {
  readonly nowMs: number;
  /** Shared by all expressions of a decision. */
  readonly budget: Budget;
}

/** Evidence that must be gathered for a check. */
export type EvidenceKind = 'signatures' | 'attestations' | 'scan' | 'config' | 'secrets';

/** What parameters are made with. */
export interface BindContext {
  /** Folder of the policy's file. */
  readonly folder: string | undefined;
}

/** One demand of a policy. `needs` replaces those of the check where this one needs other evidence. */
interface Demand<Parameters> {
  readonly name?: string;
  readonly value: Parameters;
  readonly needs?: readonly EvidenceKind[];
}

interface CheckDefinition<Parameters> {
  readonly id: string;
  readonly needs: readonly EvidenceKind[];
  /** Parameters per demand of the policy, empty where it demands nothing. `name` tells several demands of one check apart. */
  parameters(spec: PolicySpec, ctx: BindContext): readonly Demand<Parameters>[];
  check(subject: PolicySubject, evidence: PolicyEvidence, parameters: Parameters, ctx: CheckContext): CheckResult;
}

/** A check with its parameters, ready to run. */
export interface BoundCheck {
  /** `attestations/slsaprovenance1`, or the plain id. */
  readonly id: string;
  readonly needs: readonly EvidenceKind[];
  run(evidence: PolicyEvidence, ctx: CheckContext): CheckResult;
}

/** A check as the list holds it. */
export interface PolicyCheck {
  readonly id: string;
  bind(spec: PolicySpec, ctx: BindContext): readonly BoundCheck[];
}

/** Makes a check of its definition; the type of the parameters stays inside. */
export function defineCheck<Parameters>(definition: CheckDefinition<Parameters>): PolicyCheck {
  const { id, needs } = definition;
  return {
    id,
    bind: (spec, context) =>
      definition.parameters(spec, context).map(({ name, value, needs: own = needs }) => ({
        id: name === undefined ? id : `${id}/${name}`,
        needs: own,
        run: (evidence, ctx) => definition.check(evidence.subject, evidence, value, ctx),
      })),
  };
}

/** One demand with these parameters, or none where they are undefined. */
export function one<T>(value: T | undefined): readonly { readonly value: T }[] {
  return value === undefined ? [] : [{ value }];
}

/** A result with nothing but a reason why it is unknown. */
export function unknown(message: string, lookedAt: string, remedy: () => string): CheckResult {
  return { violations: [], unknowns: [message], passed: '', lookedAt, remedy };
}

/** `1 finding`, `2 findings`. */
export function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`;
}
