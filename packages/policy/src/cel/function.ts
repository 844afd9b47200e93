// The contract of a function of the expression language.
import type { Budget } from './budget.ts';
import type { CelValue } from './value.ts';

export interface CelFunction {
  /** Fewest and most parameters; a method's target counts. */
  readonly parameters: readonly [fewest: number, most: number];
  /** Returns undefined where it does not take values of these types. No value is an error. */
  call(values: readonly CelValue[], budget: Budget): CelValue | undefined;
}

/** A group of functions by name; a method's name starts with a dot. */
export type FunctionGroup = Readonly<Record<string, CelFunction>>;

type OneParameter = (value: CelValue, budget: Budget) => CelValue | undefined;
type TwoParameters = (a: CelValue, b: CelValue, budget: Budget) => CelValue | undefined;

/** A function of one parameter. */
export function unary(call: OneParameter): CelFunction {
  return { parameters: [1, 1], call: ([value], budget) => call(value as CelValue, budget) };
}

/** A function of two parameters. */
export function binary(call: TwoParameters): CelFunction {
  return { parameters: [2, 2], call: ([a, b], budget) => call(a as CelValue, b as CelValue, budget) };
}
