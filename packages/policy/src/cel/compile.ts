// Syntax tree → closures. Names and functions are resolved once; what is left at run time is paid for from the budget.
import { contains, elementAt, select } from './access.ts';
import { calculate, negate } from './arithmetic.ts';
import { CelSyntaxError, type Expression } from './ast.ts';
import { Budget, BudgetExhausted } from './budget.ts';
import { compare, equals } from './compare.ts';
import { functions, type CelFunction } from './functions.ts';
import { compileMacro } from './macros.ts';
import type { Code, Scope } from './scope.ts';
import { qualifiedName } from './parser.ts';
import { compilePattern } from './strings.ts';
import {
  CelError,
  CelMap,
  CelOptional,
  mapKey,
  namedTypes,
  noOverload,
  type CelValue,
  type MapKey,
  CelUint,
} from './value.ts';

/** Compiles the tree. Throws `CelSyntaxError` for names and functions that do not exist. */
export function compile(node: Expression, scope: Scope): Code {
  switch (node.kind) {
    case 'literal': {
      const { value } = node;
      return () => value;
    }
    case 'name':
    case 'select':
      return compileName(node, scope);
    case 'index': {
      const operand = compile(node.operand, scope);
      const index = compile(node.index, scope);
      const { optional } = node;
      return (frame) => elementAt(operand(frame), index(frame), optional);
    }
    case 'call':
      return compileMacro(node, scope, compile) ?? compileCall(node, scope);
    case 'list':
      return compileList(node, scope);
    case 'map':
      return compileMap(node, scope);
    case 'message':
      throw new CelSyntaxError(`there are no messages, so ${node.name} cannot be made; use a map`, node.at);
    case 'unary': {
      const operand = compile(node.operand, scope);
      if (node.operator === '-') return (frame) => strict(operand(frame), negate);
      return (frame) =>
        strict(operand(frame), (value) => (typeof value === 'boolean' ? !value : noOverload('!', value)));
    }
    case 'binary':
      return compileBinary(node, scope);
    case 'logic': {
      const operands = node.operands.map((operand) => compile(operand, scope));
      return logic(operands, node.operator === '||');
    }
    case 'choice': {
      const [test, yes, no] = [compile(node.test, scope), compile(node.yes, scope), compile(node.no, scope)];
      return (frame) => {
        const answer = test(frame);
        if (answer === true) return yes(frame);
        if (answer === false) return no(frame);
        return answer instanceof CelError ? answer : noOverload('?:', answer);
      };
    }
  }
}

function strict(value: CelValue, then: (value: CelValue) => CelValue): CelValue {
  return value instanceof CelError ? value : then(value);
}

/** A longer name wins over a field of a shorter one, a container's name over an outer one, and a local name over both. */
function compileName(node: Expression & { kind: 'name' | 'select' }, scope: Scope): Code {
  const name = qualifiedName(node);
  if (name !== undefined) {
    const [first = ''] = name.split('.');
    const isAbsolute = rootOf(node).absolute;
    const slot = isAbsolute ? undefined : scope.locals.get(first);
    if (slot !== undefined && node.kind === 'name') return (frame) => frame.slots[slot] as CelValue;
    if (slot === undefined) {
      for (const candidate of candidates(name, isAbsolute ? '' : scope.container)) {
        if (scope.isVariable(candidate)) {
          const missing = new CelError(`${candidate} has no value`);
          return ({ variables }) => {
            const value = variables.get(candidate);
            return value === undefined ? missing : value;
          };
        }
        const type = namedTypes.get(candidate);
        if (type !== undefined) return () => type;
      }
    }
  }
  if (node.kind === 'name') return absent(`there is no variable ${node.name}`, node, scope);
  const operand = compile(node.operand, scope);
  const { field, optional } = node;
  return (frame) => select(operand(frame), field, optional);
}

function absent(message: string, { at }: Expression, { unchecked }: Scope): Code {
  if (!unchecked) throw new CelSyntaxError(message, at);
  const error = new CelError(message);
  return () => error;
}

function rootOf(node: Expression): { readonly absolute: boolean } {
  let root = node;
  while (root.kind === 'select') root = root.operand;
  return root.kind === 'name' ? root : { absolute: false };
}

/** `x.y` and `z` → `x.y.z`, `x.z`, `z`. */
function candidates(name: string, container: string): readonly string[] {
  const parts = container === '' ? [] : container.split('.');
  return [...parts.map((_, index) => `${parts.slice(0, parts.length - index).join('.')}.${name}`), name];
}

function compileCall(node: Expression & { kind: 'call' }, scope: Scope): Code {
  const { target, name } = node;
  const prefix = target === undefined ? undefined : qualifiedName(target);
  const qualified =
    prefix === undefined || scope.locals.has(prefix.split('.')[0] ?? '') ? undefined : `${prefix}.${name}`;
  const namespaced = qualified === undefined ? undefined : functions.get(qualified);
  const isMethod = target !== undefined && namespaced === undefined;
  const called = namespaced ?? functions.get(isMethod ? `.${name}` : name);
  if (called === undefined) return absent(`there is no function ${qualified ?? name}`, node, scope);
  const parameters = (isMethod ? [target, ...node.arguments] : node.arguments).map((part) => compile(part, scope));
  const [fewest, most] = called.parameters;
  if (parameters.length < fewest || parameters.length > most) {
    throw new CelSyntaxError(`${name} does not take ${node.arguments.length} arguments`, node.at);
  }
  if (name === 'matches' && parameters.length === 2 && node.arguments.at(-1)?.kind === 'literal') {
    return compileMatches(parameters[0] as Code, node.arguments.at(-1) as Expression & { kind: 'literal' });
  }
  const code = callOf(name, called, parameters);
  const parts = isMethod ? [target, ...node.arguments] : node.arguments;
  return parts.length > 0 && parts.every(({ kind }) => kind === 'literal') ? folded(code) : code;
}

/** A call over literals, such as `timestamp('2026-01-01T00:00:00Z')`, gives the same each time. One that costs much is left as it is. */
function folded(code: Code): Code {
  try {
    const value = code({ slots: [], variables: new Map(), budget: new Budget(1000) });
    return () => value;
  } catch (thrown) {
    if (thrown instanceof BudgetExhausted) return code;
    throw thrown;
  }
}

function callOf(name: string, called: CelFunction, parameters: readonly Code[]): Code {
  return (frame) => {
    const values: CelValue[] = [];
    for (const parameter of parameters) {
      const value = parameter(frame);
      if (value instanceof CelError) return value;
      values.push(value);
    }
    frame.budget.spend(1);
    const answer = called.call(values, frame.budget);
    return answer === undefined ? noOverload(name, ...values) : answer;
  };
}

/** A pattern written out is compiled once, and a wrong one is an error before anything runs. */
function compileMatches(text: Code, pattern: Expression & { kind: 'literal' }): Code {
  if (typeof pattern.value !== 'string') throw new CelSyntaxError('the pattern is no string', pattern.at);
  const matcher = compilePattern(pattern.value);
  if (matcher instanceof CelError) throw new CelSyntaxError(matcher.message, pattern.at);
  return (frame) =>
    strict(text(frame), (value) =>
      typeof value === 'string' ? matcher(value, frame.budget) : noOverload('matches', value, pattern.value),
    );
}

function compileList({ items }: Expression & { kind: 'list' }, scope: Scope): Code {
  const codes = items.map(({ value, optional }) => ({ code: compile(value, scope), optional }));
  return (frame) => {
    frame.budget.spend(codes.length);
    const values: CelValue[] = [];
    for (const { code, optional } of codes) {
      const value = code(frame);
      if (value instanceof CelError) return value;
      if (!optional) values.push(value);
      else if (!(value instanceof CelOptional)) return new CelError('an optional item must be an optional');
      else if (value.value !== undefined) values.push(value.value);
    }
    return values;
  };
}

function compileMap({ entries }: Expression & { kind: 'map' }, scope: Scope): Code {
  const codes = entries.map(({ key, value, optional }) => ({
    key: compile(key, scope),
    value: compile(value, scope),
    optional,
  }));
  return (frame) => {
    frame.budget.spend(codes.length);
    const values = new Map<MapKey, CelValue>();
    const uints = new Set<MapKey>();
    for (const { key, value, optional } of codes) {
      const given = key(frame);
      if (given instanceof CelError) return given;
      const name = typeof given === 'number' ? undefined : mapKey(given);
      if (name === undefined) return new CelError('unsupported key type');
      let item = value(frame);
      if (item instanceof CelError) return item;
      if (values.has(name)) return new CelError('a key is there twice');
      if (optional) {
        if (!(item instanceof CelOptional)) return new CelError('an optional entry must be an optional');
        if (item.value === undefined) continue;
        item = item.value;
      }
      values.set(name, item);
      if (given instanceof CelUint) uints.add(name);
    }
    return new CelMap(values, uints.size > 0 ? uints : undefined);
  };
}

function compileBinary({ operator, left, right }: Expression & { kind: 'binary' }, scope: Scope): Code {
  const first = compile(left, scope);
  const second = compile(right, scope);
  const both =
    (then: (a: CelValue, b: CelValue, budget: Budget) => CelValue): Code =>
    (frame) => {
      const a = first(frame);
      if (a instanceof CelError) return a;
      const b = second(frame);
      return b instanceof CelError ? b : then(a, b, frame.budget);
    };
  const ordered = (holds: (order: number) => boolean): Code =>
    both((a, b, budget) => {
      const order = compare(a, b, budget);
      return order === undefined ? noOverload(operator, a, b) : holds(order);
    });
  switch (operator) {
    case '==':
      return both(equals);
    case '!=':
      return both((a, b, budget) => !equals(a, b, budget));
    case '<':
      return ordered((order) => order < 0);
    case '<=':
      return ordered((order) => order <= 0);
    case '>':
      return ordered((order) => order > 0);
    case '>=':
      return ordered((order) => order >= 0);
    case 'in':
      return both(contains);
    default:
      return both((a, b, budget) => calculate(operator, a, b, budget));
  }
}

/** `decisive` is the value that settles it, whatever errors stand beside it. */
export function logic(operands: readonly Code[], decisive: boolean): Code {
  return (frame) => {
    let trouble: CelError | undefined;
    for (const operand of operands) {
      const value = operand(frame);
      if (value === decisive) return decisive;
      if (typeof value === 'boolean') continue;
      trouble ??= value instanceof CelError ? value : noOverload(decisive ? '||' : '&&', value);
    }
    return trouble ?? !decisive;
  };
}
