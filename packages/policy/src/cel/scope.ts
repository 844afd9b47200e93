// What a compiled expression runs with, and the names known where it stands.
import type { Budget } from './budget.ts';
import type { CelValue } from './value.ts';

/** What names stand for; a map is one. */
export interface Variables {
  get(name: string): CelValue | undefined;
}

/** One evaluation: comprehension variables by slot, the variables given by name, and what may still be spent. */
export interface Frame {
  readonly slots: CelValue[];
  readonly variables: Variables;
  readonly budget: Budget;
}

export type Code = (frame: Frame) => CelValue;

/** Names known where an expression stands. */
export interface Scope {
  /** Comprehension variables in view, with their slot. */
  readonly locals: ReadonlyMap<string, number>;
  readonly isVariable: (name: string) => boolean;
  /** Prefix by which names are tried first, as protobuf resolves them; empty for none. */
  readonly container: string;
  /** Names and functions that do not exist become errors of the evaluation, which `||` and `&&` may take away. */
  readonly unchecked: boolean;
}

/** Returns the scope with one more comprehension variable, and its slot. */
export function withLocal(scope: Scope, name: string): { readonly scope: Scope; readonly slot: number } {
  const slot = scope.locals.size;
  // Shadowing keeps the outer slot alive under a name that no source can write.
  const locals = new Map([...scope.locals].map(([key, value]) => [key === name ? ` ${value}` : key, value]));
  return { scope: { ...scope, locals: locals.set(name, slot) }, slot };
}
