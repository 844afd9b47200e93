// Whatever else must hold, in the expression language.
import { inert } from '@plombe/kit';
import { policyVariableNames, policyVariables } from '../variables.ts';
import { defineCheck, type EvidenceKind, type Violation } from './check.ts';
import { compileConditions, judgeCondition, type CompiledCondition } from './condition.ts';

/** Variables that stand for evidence which must be gathered. */
const gathered: readonly EvidenceKind[] = ['signatures', 'attestations', 'scan', 'config', 'secrets'];

export const conditions = defineCheck<CompiledCondition>({
  id: 'conditions',
  needs: gathered,
  parameters: ({ conditions: asked }) =>
    compileConditions(asked, policyVariableNames, ['conditions']).map((value) => ({
      name: value.source.name,
      value,
      needs: gathered.filter((kind) => value.program.uses.has(kind)),
    })),
  check(_, evidence, condition, { nowMs, budget }) {
    const violations: Violation[] = [];
    const unknowns: string[] = [];
    judgeCondition(condition, policyVariables(evidence, nowMs), budget, violations, unknowns);
    const { name, expression, remedy } = condition.source;
    return {
      violations,
      unknowns,
      passed: `The condition ${inert(name)} holds.`,
      lookedAt: inert(expression.length > 200 ? `${expression.slice(0, 200)}…` : expression),
      remedy: () => inert(remedy ?? 'Change the image so that the expression is true, or ask the owner of the policy.'),
    };
  },
});
