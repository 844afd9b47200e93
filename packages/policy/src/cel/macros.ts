// Macros: has, comprehensions over lists and maps, bindings, and the ones of optionals (cel-spec, langdef.md, "Macros").
import { hasField, select } from './access.ts';
import { CelSyntaxError, type Expression } from './ast.ts';
import { withLocal, type Code, type Frame, type Scope } from './scope.ts';
import {
  CelError,
  CelMap,
  CelOptional,
  CelUint,
  isList,
  keysOf,
  mapKey,
  noOverload,
  type CelValue,
  type MapKey,
} from './value.ts';

type Call = Expression & { kind: 'call' };
/** Compiles a part of the macro; handed in, since compiling and macros need each other. */
type Compile = (node: Expression, scope: Scope) => Code;

/** Returns the code of a macro, or undefined where the call is none. Throws `CelSyntaxError` for a macro written wrongly. */
export function compileMacro(node: Call, scope: Scope, compile: Compile): Code | undefined {
  const { target, name, arguments: parts } = node;
  if (target === undefined) return name === 'has' ? compileHas(node, scope, compile) : undefined;
  if (name === 'bind' && target.kind === 'name' && target.name === 'cel' && parts.length === 3)
    return compileBind(node, scope, compile);
  if ((name === 'optMap' || name === 'optFlatMap') && parts.length === 2)
    return compileOptional(node, target, scope, compile);
  const shape = comprehensions[name];
  if (shape === undefined || parts.length < shape.fewest || parts.length > shape.most) return undefined;
  return compileComprehension(node, target, shape, scope, compile);
}

function compileHas(node: Call, scope: Scope, compile: Compile): Code {
  const [part] = node.arguments;
  if (node.arguments.length !== 1 || part?.kind !== 'select') {
    throw new CelSyntaxError('has() takes a field, such as has(a.b)', node.at);
  }
  const operand = compile(part.operand, scope);
  const { field, optional } = part;
  if (!optional) return (frame) => hasField(operand(frame), field);
  return (frame) => {
    const value = select(operand(frame), field, true);
    return value instanceof CelOptional ? value.value !== undefined : value;
  };
}

function variableOf(part: Expression | undefined, node: Call): string {
  if (part?.kind !== 'name' || part.absolute)
    throw new CelSyntaxError(`${node.name} wants the name of a variable`, node.at);
  return part.name;
}

function compileBind(node: Call, scope: Scope, compile: Compile): Code {
  const [variable, init, result] = node.arguments as [Expression, Expression, Expression];
  const value = compile(init, scope);
  const inner = withLocal(scope, variableOf(variable, node));
  const body = compile(result, inner.scope);
  return (frame) => {
    frame.slots[inner.slot] = value(frame);
    return body(frame);
  };
}

function compileOptional(node: Call, target: Expression, scope: Scope, compile: Compile): Code {
  const [variable, result] = node.arguments as [Expression, Expression];
  const optional = compile(target, scope);
  const inner = withLocal(scope, variableOf(variable, node));
  const body = compile(result, inner.scope);
  const flat = node.name === 'optFlatMap';
  return (frame) => {
    const value = optional(frame);
    if (value instanceof CelError) return value;
    if (!(value instanceof CelOptional)) return noOverload(node.name, value);
    if (value.value === undefined) return value;
    frame.slots[inner.slot] = value.value;
    const mapped = body(frame);
    if (mapped instanceof CelError) return mapped;
    if (!flat) return new CelOptional(mapped);
    return mapped instanceof CelOptional ? mapped : noOverload(node.name, mapped);
  };
}

/** What one item did to the comprehension: `done` ends it with this value. */
interface State {
  readonly list: CelValue[];
  readonly map: Map<MapKey, CelValue>;
  readonly uints: Set<MapKey>;
  count: number;
  trouble: CelError | undefined;
}

interface Shape {
  readonly fewest: number;
  readonly most: number;
  /** Number of variables when it has the fewest arguments; with `either` two are also allowed. */
  readonly variables: 1 | 2 | 'either';
  /** Returns a value to end with, or undefined to go on. `key` is undefined for lists. */
  step(state: State, value: CelValue, key: CelValue): CelValue | undefined;
  end(state: State): CelValue;
}

const isTrouble = (state: State, value: CelValue, name: string): void => {
  state.trouble ??= value instanceof CelError ? value : noOverload(name, value);
};

const exists: Shape = {
  fewest: 2,
  most: 3,
  variables: 'either',
  step(state, value) {
    if (value === true) return true;
    if (value !== false) isTrouble(state, value, 'exists');
    return undefined;
  },
  end: ({ trouble }) => trouble ?? false,
};
const all: Shape = {
  ...exists,
  step(state, value) {
    if (value === false) return false;
    if (value !== true) isTrouble(state, value, 'all');
    return undefined;
  },
  end: ({ trouble }) => trouble ?? true,
};
const existsOne: Shape = {
  ...exists,
  step(state, value) {
    if (value === true) state.count++;
    else if (value !== false) return value instanceof CelError ? value : noOverload('exists_one', value);
    return undefined;
  },
  end: ({ count }) => count === 1,
};
const map: Shape = {
  fewest: 2,
  most: 3,
  variables: 1,
  step(state, value) {
    if (value instanceof CelError) return value;
    state.list.push(value);
    return undefined;
  },
  end: ({ list }) => list,
};
const transformMap: Shape = {
  fewest: 3,
  most: 4,
  variables: 2,
  step(state, value, key) {
    if (value instanceof CelError) return value;
    return putEntry(state, key, value);
  },
  end: ({ map: values, uints }) => new CelMap(values, uints.size > 0 ? uints : undefined),
};

const comprehensions: Readonly<Record<string, Shape>> = {
  __proto__: null as never,
  exists,
  all,
  exists_one: existsOne,
  existsOne,
  map,
  filter: { ...map, most: 2 },
  transformList: { ...map, fewest: 3, most: 4, variables: 2 },
  transformMap,
  transformMapEntry: {
    ...transformMap,
    step(state, value) {
      if (value instanceof CelError) return value;
      if (!(value instanceof CelMap)) return noOverload('transformMapEntry', value);
      for (const key of keysOf(value)) {
        const ended = putEntry(state, key, value.values.get(mapKey(key) as MapKey) as CelValue);
        if (ended !== undefined) return ended;
      }
      return undefined;
    },
  },
};

function putEntry(state: State, key: CelValue, value: CelValue): CelValue | undefined {
  const name = mapKey(key);
  if (name === undefined || state.map.has(name)) return new CelError('a key is there twice');
  state.map.set(name, value);
  if (key instanceof CelUint) state.uints.add(name);
  return undefined;
}

function compileComprehension(node: Call, target: Expression, shape: Shape, scope: Scope, compile: Compile): Code {
  const { name, arguments: parts } = node;
  const two = shape.variables === 2 || (shape.variables === 'either' && parts.length === 3);
  const range = compile(target, scope);
  const first = withLocal(scope, variableOf(parts[0], node));
  const second = two ? withLocal(first.scope, variableOf(parts[1], node)) : undefined;
  if (two && variableOf(parts[0], node) === variableOf(parts[1], node)) {
    throw new CelSyntaxError(`${name} wants two different variables`, node.at);
  }
  const inner = second?.scope ?? first.scope;
  const rest = parts.slice(two ? 2 : 1);
  const bodies = rest.map((part) => compile(part, inner));
  const isFilter = name === 'filter';
  const test = isFilter ? bodies[0] : bodies.length === 2 ? bodies[0] : undefined;
  const body = isFilter ? (frame: Frame): CelValue => frame.slots[first.slot] as CelValue : (bodies.at(-1) as Code);
  const cost = 1 + rest.reduce((sum, { size }) => sum + size, 0);

  return (frame) => {
    const values = range(frame);
    if (values instanceof CelError) return values;
    const isMap = values instanceof CelMap;
    if (!isMap && !isList(values)) return noOverload(name, values);
    frame.budget.spend(1 + ((isMap ? values.values.size : values.length) >>> 3));
    const state: State = { list: [], map: new Map(), uints: new Set(), count: 0, trouble: undefined };
    const items: readonly CelValue[] = isMap ? keysOf(values) : values;
    for (let index = 0; index < items.length; index++) {
      frame.budget.spend(cost);
      const item = items[index] as CelValue;
      const key = isMap || !two ? item : BigInt(index);
      frame.slots[first.slot] = key;
      if (second !== undefined) {
        frame.slots[second.slot] = isMap ? (values.values.get(mapKey(item) as MapKey) as CelValue) : item;
      }
      if (test !== undefined) {
        const wanted = test(frame);
        if (wanted === false) continue;
        if (wanted !== true) return wanted instanceof CelError ? wanted : noOverload(name, wanted);
      }
      const ended = shape.step(state, body(frame), key);
      if (ended !== undefined) return ended;
    }
    return shape.end(state);
  };
}
