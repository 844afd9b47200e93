// The syntax tree of an expression. Each node knows its size and depth, by which cost and recursion are bounded.
import type { CelValue } from './value.ts';

interface Node {
  /** Offset in the source, for messages. */
  readonly at: number;
  /** Nodes in the tree, itself included. */
  readonly size: number;
  readonly depth: number;
}

/** Operators with two operands that are always both evaluated. */
export type BinaryOperator = '+' | '-' | '*' | '/' | '%' | '==' | '!=' | '<' | '<=' | '>' | '>=' | 'in';

export interface ListItem {
  readonly value: Expression;
  readonly optional: boolean;
}

export interface MapEntry extends ListItem {
  readonly key: Expression;
}

export type Expression = Node &
  (
    | { readonly kind: 'literal'; readonly value: CelValue }
    | { readonly kind: 'name'; readonly name: string; readonly absolute: boolean }
    | { readonly kind: 'select'; readonly operand: Expression; readonly field: string; readonly optional: boolean }
    | { readonly kind: 'index'; readonly operand: Expression; readonly index: Expression; readonly optional: boolean }
    | {
        readonly kind: 'call';
        readonly name: string;
        readonly target?: Expression;
        readonly arguments: readonly Expression[];
      }
    | { readonly kind: 'list'; readonly items: readonly ListItem[] }
    | { readonly kind: 'map'; readonly entries: readonly MapEntry[] }
    | { readonly kind: 'message'; readonly name: string }
    | { readonly kind: 'unary'; readonly operator: '!' | '-'; readonly operand: Expression }
    | {
        readonly kind: 'binary';
        readonly operator: BinaryOperator;
        readonly left: Expression;
        readonly right: Expression;
      }
    | { readonly kind: 'logic'; readonly operator: '&&' | '||'; readonly operands: readonly Expression[] }
    | {
        readonly kind: 'choice';
        readonly test: Expression;
        readonly yes: Expression;
        readonly no: Expression;
      }
  );

/** The expression cannot be compiled: where, and why. */
export class CelSyntaxError extends Error {
  readonly at: number;
  constructor(message: string, at: number) {
    super(message);
    this.name = 'CelSyntaxError';
    this.at = at;
  }
}
