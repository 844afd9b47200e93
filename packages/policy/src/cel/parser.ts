// Tokens → syntax tree (cel-spec, langdef.md, "Syntax"). Recursive descent, its depth and the tree's size bounded.
import { CelSyntaxError, type BinaryOperator, type Expression, type ListItem, type MapEntry } from './ast.ts';
import { tokenize, type Token } from './lexer.ts';

/** 250 is Kubernetes' own bound; 10,000 nodes take well under a millisecond to evaluate once. */
const maxDepth = 250;
const maxNodes = 10_000;

const reserved = new Set(
  'as break const continue else for function if import let loop package namespace return var void while'.split(' '),
);
const constants: ReadonlyMap<string, boolean | null> = new Map([
  ['true', true],
  ['false', false],
  ['null', null],
]);

const levels: readonly (readonly string[])[] = [
  ['<', '<=', '>', '>=', '==', '!=', 'in'],
  ['+', '-'],
  ['*', '/', '%'],
];

type Shape<T> = T extends Expression ? Omit<T, 'size' | 'depth'> : never;

/** Parses one expression. Throws `CelSyntaxError` with the offset. */
export function parseExpression(source: string): Expression {
  const tokens = tokenize(source);
  let at = 0;
  let nesting = 0;

  const peek = (): Token => tokens[at] as Token;
  const isNext = (text: string): boolean => {
    const token = peek();
    return (token.kind === 'symbol' || (token.kind === 'word' && text === 'in')) && token.text === text;
  };
  const take = (text: string): boolean => {
    if (!isNext(text)) return false;
    at++;
    return true;
  };
  const expect = (text: string): void => {
    if (!take(text)) throw new CelSyntaxError(`"${text}" expected`, peek().at);
  };
  const make = (shape: Shape<Expression>, ...children: readonly Expression[]): Expression => {
    let size = 1;
    let depth = 0;
    for (const child of children) {
      size += child.size;
      depth = Math.max(depth, child.depth);
    }
    if (size > maxNodes) throw new CelSyntaxError(`the expression has more than ${maxNodes} parts`, shape.at);
    if (depth >= maxDepth) throw new CelSyntaxError(`the expression is nested more than ${maxDepth} deep`, shape.at);
    return { ...shape, size, depth: depth + 1 } as Expression;
  };

  const expression = (): Expression => {
    if (++nesting > maxDepth)
      throw new CelSyntaxError(`the expression is nested more than ${maxDepth} deep`, peek().at);
    const test = logic('||', () => logic('&&', () => binary(0)));
    let result = test;
    if (take('?')) {
      const yes = logic('||', () => logic('&&', () => binary(0)));
      expect(':');
      const no = expression();
      result = make({ kind: 'choice', test, yes, no, at: test.at }, test, yes, no);
    }
    nesting--;
    return result;
  };
  const logic = (operator: '&&' | '||', operand: () => Expression): Expression => {
    const operands = [operand()];
    while (take(operator)) operands.push(operand());
    const [first] = operands as [Expression];
    return operands.length === 1 ? first : make({ kind: 'logic', operator, operands, at: first.at }, ...operands);
  };
  const binary = (level: number): Expression => {
    const operators = levels[level];
    if (operators === undefined) return unary();
    let left = binary(level + 1);
    for (;;) {
      const operator = operators.find(isNext) as BinaryOperator | undefined;
      if (operator === undefined) return left;
      const { at: position } = peek();
      at++;
      const right = binary(level + 1);
      left = make({ kind: 'binary', operator, left, right, at: position }, left, right);
    }
  };
  const unary = (): Expression => {
    const start = peek();
    const operator = (['!', '-'] as const).find(isNext);
    if (operator === undefined) return member(primary());
    let count = 0;
    while (take(operator)) count++;
    if (count > maxDepth) throw new CelSyntaxError('too many signs', start.at);
    let operand: Expression;
    const next = peek();
    if (operator === '-' && next.kind === 'int') {
      at++;
      operand = member(integer(-next.magnitude, next.at));
      count--;
    } else operand = member(primary());
    for (; count > 0; count--) operand = make({ kind: 'unary', operator, operand, at: start.at }, operand);
    return operand;
  };
  const integer = (value: bigint, position: number): Expression => {
    if (BigInt.asIntN(64, value) !== value) throw new CelSyntaxError('the number does not fit into int', position);
    return make({ kind: 'literal', value, at: position });
  };
  const member = (start: Expression): Expression => {
    let operand = start;
    for (;;) {
      const { at: position } = peek();
      const optionalField = isNext('.?');
      if (take('.') || take('.?')) {
        const name = peek();
        if (name.kind !== 'word' && name.kind !== 'field') throw new CelSyntaxError('a field name expected', name.at);
        if (name.kind === 'word' && (constants.has(name.text) || name.text === 'in')) {
          throw new CelSyntaxError(`"${name.text}" is no field name`, name.at);
        }
        at++;
        if (name.kind === 'word' && !optionalField && take('(')) {
          const values = list(')');
          const shape = { kind: 'call', name: name.text, target: operand, arguments: values, at: position } as const;
          operand = make(shape, operand, ...values);
        } else {
          operand = make({ kind: 'select', operand, field: name.text, optional: optionalField, at: position }, operand);
        }
      } else if (isNext('[') || isNext('[?')) {
        const optional = take('[?');
        if (!optional) at++;
        const index = expression();
        expect(']');
        operand = make({ kind: 'index', operand, index, optional, at: position }, operand, index);
      } else if (isNext('{') && qualifiedName(operand) !== undefined) {
        return message(operand);
      } else return operand;
    }
  };
  const message = (operand: Expression): Expression => {
    expect('{');
    while (!isNext('}')) {
      take('?');
      const name = peek();
      if (name.kind !== 'word' && name.kind !== 'field') throw new CelSyntaxError('a field name expected', name.at);
      at++;
      expect(':');
      expression();
      if (!take(',')) break;
    }
    expect('}');
    return make({ kind: 'message', name: qualifiedName(operand) ?? '', at: operand.at });
  };
  const list = (end: string): Expression[] => {
    const values: Expression[] = [];
    while (!isNext(end)) {
      values.push(expression());
      if (!take(',')) break;
      if (end === ')' && isNext(end)) throw new CelSyntaxError('an argument expected', peek().at);
    }
    expect(end);
    return values;
  };
  const primary = (): Expression => {
    const token = peek();
    at++;
    if (token.kind === 'int') return integer(token.magnitude, token.at);
    if (token.kind === 'value') return make({ kind: 'literal', value: token.value, at: token.at });
    if (token.kind === 'word') return named(token.text, false, token.at);
    if (token.kind === 'symbol') {
      if (token.text === '(') {
        const inner = expression();
        expect(')');
        return inner;
      }
      if (token.text === '[' || token.text === '[?') return listLiteral(token.text === '[?', token.at);
      if (token.text === '{') return mapLiteral(token.at);
      const name = peek();
      if (token.text === '.' && name.kind === 'word') {
        at++;
        return named(name.text, true, token.at);
      }
    }
    throw new CelSyntaxError('a value expected', token.at);
  };
  const named = (name: string, absolute: boolean, position: number): Expression => {
    const constant = constants.get(name);
    if (constant !== undefined) return make({ kind: 'literal', value: constant, at: position });
    if (reserved.has(name) || name === 'in') throw new CelSyntaxError(`"${name}" is a reserved word`, position);
    if (!take('(')) return make({ kind: 'name', name, absolute, at: position });
    const values = list(')');
    return make({ kind: 'call', name, arguments: values, at: position }, ...values);
  };
  const listLiteral = (firstOptional: boolean, position: number): Expression => {
    const items: ListItem[] = [];
    let optional = firstOptional || take('?');
    while (!isNext(']')) {
      items.push({ value: expression(), optional });
      if (!take(',')) break;
      optional = take('?');
    }
    expect(']');
    return make({ kind: 'list', items, at: position }, ...items.map(({ value }) => value));
  };
  const mapLiteral = (position: number): Expression => {
    const entries: MapEntry[] = [];
    while (!isNext('}')) {
      const optional = take('?');
      const key = expression();
      expect(':');
      entries.push({ key, value: expression(), optional });
      if (!take(',')) break;
    }
    expect('}');
    return make({ kind: 'map', entries, at: position }, ...entries.flatMap(({ key, value }) => [key, value]));
  };

  const result = expression();
  if (peek().kind !== 'end') throw new CelSyntaxError('the end of the expression expected', peek().at);
  return result;
}

/** Returns `a.b.c` of a chain of names, or undefined for any other expression. */
export function qualifiedName(expression: Expression): string | undefined {
  if (expression.kind === 'name') return expression.name;
  if (expression.kind !== 'select' || expression.optional) return undefined;
  const before = qualifiedName(expression.operand);
  return before === undefined ? undefined : `${before}.${expression.field}`;
}
