// One condition in the expression language: compiled with the policy, judged within the budget of the decision.
import { inert } from '@plombe/kit';
import type { Budget } from '../cel/budget.ts';
import { compileCel, type CelProgram } from '../cel/cel.ts';
import type { Variables } from '../cel/scope.ts';
import { CelError, typeName } from '../cel/value.ts';
import { DocumentError } from '../document/error.ts';
import type { conditionSchema } from '../document/rule-schema.ts';
import type { ValueOf } from '../schema/schema.ts';
import type { Violation } from './check.ts';

type Condition = ValueOf<typeof conditionSchema>;

export interface CompiledCondition {
  readonly source: Condition;
  readonly program: CelProgram;
}

/** Compiles them. Throws `DocumentError` with the path of the first that is wrong. */
export function compileConditions(
  conditions: readonly Condition[] | undefined,
  variables: ReadonlySet<string>,
  path: readonly (string | number)[],
): readonly CompiledCondition[] {
  return (conditions ?? []).map((source, index) => {
    const compiled = compileCel(source.expression, variables);
    if (compiled.kind === 'program') return { source, program: compiled.program };
    const at = compiled.at === 0 ? '' : `, at character ${compiled.at + 1}`;
    throw new DocumentError([...path, index, 'expression'], `does not compile${at}: ${inert(compiled.message)}`);
  });
}

/** Adds what it says to the lists. Anything but true or false is undecidable, and so is an error or a spent budget. */
export function judgeCondition(
  { source, program }: CompiledCondition,
  variables: Variables,
  budget: Budget,
  violations: Violation[],
  unknowns: string[],
): void {
  const answer = program.evaluate(variables, budget);
  if (answer === true) return;
  const name = inert(source.name);
  if (answer === false)
    violations.push({ message: inert(source.message ?? `The condition ${source.name} does not hold.`) });
  else if (answer instanceof CelError)
    unknowns.push(`The condition ${name} cannot be decided: ${inert(answer.message)}.`);
  else unknowns.push(`The condition ${name} gives ${typeName(answer)} instead of true or false.`);
}
