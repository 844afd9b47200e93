// The expression language of policies: compiles once, evaluates within a budget, reaches nothing but the values it is given. (T53)
import { CelSyntaxError } from './ast.ts';
import { Budget, BudgetExhausted } from './budget.ts';
import { compile } from './compile.ts';
import { parseExpression } from './parser.ts';
import type { Code, Scope, Variables } from './scope.ts';
import { CelError, type CelValue } from './value.ts';

/** A compiled expression. */
export interface CelProgram {
  /** The variables it names. */
  readonly uses: ReadonlySet<string>;
  /** Returns a value, or an error: one of the evaluation, or that the budget is used up. Throws nothing. */
  evaluate(variables: Variables, budget: Budget): CelValue;
}

/** Compiled, or why not: `at` is an offset in the source. */
export type CelCompilation =
  | { readonly kind: 'program'; readonly program: CelProgram }
  | { readonly kind: 'invalid'; readonly message: string; readonly at: number };

/** How names are resolved; both settings are the specification's, and policies leave them alone. */
export type CelOptions = Partial<Pick<Scope, 'container' | 'unchecked'>>;

/** Compiles an expression over the variables named. */
export function compileCel(source: string, variables: ReadonlySet<string>, options: CelOptions = {}): CelCompilation {
  const uses = new Set<string>();
  let code: Code;
  let size: number;
  try {
    const tree = parseExpression(source);
    ({ size } = tree);
    const isVariable = (name: string): boolean => {
      if (variables.has(name)) uses.add(name);
      return variables.has(name);
    };
    code = compile(tree, { container: '', unchecked: false, ...options, locals: new Map(), isVariable });
  } catch (thrown) {
    if (!(thrown instanceof CelSyntaxError)) throw thrown;
    return { kind: 'invalid', message: thrown.message, at: thrown.at };
  }
  return { kind: 'program', program: { uses, evaluate: (values, budget) => evaluate(code, size, values, budget) } };
}

function evaluate(code: Code, size: number, variables: Variables, budget: Budget): CelValue {
  try {
    budget.spend(size);
    return code({ slots: [], variables, budget });
  } catch (thrown) {
    if (thrown instanceof BudgetExhausted) return new CelError(thrown.message);
    throw thrown;
  }
}
