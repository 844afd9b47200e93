// The conformance vectors of the CEL specification, each exclusion named with its reason.
import { describe, expect, it } from 'vitest';
import { sharedPath } from '@plombe/kit/testing';
import { messages, only, plainText, readVectors, textOf, type CelVector } from '../testing/vectors.ts';
import type { TextMessage, TextValue } from '../testing/textproto.ts';
import { Budget } from './budget.ts';
import { compileCel } from './cel.ts';
import { equals } from './compare.ts';
import {
  CelError,
  CelMap,
  CelOptional,
  CelType,
  CelUint,
  isList,
  keysOf,
  mapKey,
  typeName,
  type CelValue,
  type MapKey,
} from './value.ts';

const noMessages = 'evidence is plain data: there are no protobuf messages, enums or wrappers to make or read';
const noChecker = 'there is no static checker: types are found while evaluating';

const noBlocks = 'cel.block is written by optimisers, never by a person';

/** How many vectors are left out for each reason, of 2,456. */
const excluded = { [noMessages]: 690, [noChecker]: 25, [noBlocks]: 37 };

const folder = sharedPath('vectors/cel-spec/tests/simple/testdata');
const vectors = folder === undefined ? [] : readVectors(folder);

const usesMessages =
  /[A-Z]\w*Value\s*\{|\bValue\s*\{|TestAllTypes|TestRequired|NestedTestAllTypes|google\.protobuf\.[A-Z]\w*\s*\{|google\.protobuf\.(?!Timestamp|Duration)[A-Z]|GlobalEnum|proto[23]\./;

function exclusionOf(vector: CelVector): string | undefined {
  if (vector.file === 'block_ext') return noBlocks;
  if (vector.checkOnly) return noChecker;
  const bindsMessage = [...vector.bindings.values()].some(isMessage);
  const expectsMessage = vector.expect.kind === 'value' && isMessage(vector.expect.value);
  return usesMessages.test(vector.expression) || bindsMessage || expectsMessage ? noMessages : undefined;
}

describe.skipIf(folder === undefined)('the conformance vectors of cel-spec', () => {
  const wanted = vectors.filter((vector) => exclusionOf(vector) === undefined);

  it.each(wanted.map((vector) => [vector.name, vector] as const))('%s', (_, vector) => {
    const answer = evaluate(vector);
    if (vector.expect.kind === 'error') expect(answer).toBeInstanceOf(CelError);
    else {
      const value = vector.expect.kind === 'value' ? valueOf(vector.expect.value) : true;
      if (!same(answer, value))
        expect({ answer, expression: vector.expression }).toEqual({ answer: value, expression: vector.expression });
    }
  });

  it('leaves out only what is named, and counts it', () => {
    const left = Map.groupBy(
      vectors.flatMap((vector) => exclusionOf(vector) ?? []),
      (reason) => reason,
    );
    expect(vectors.length).toBe(2456);
    expect(Object.fromEntries([...left].map(([reason, all]) => [reason, all.length]))).toEqual(excluded);
  });
});

function evaluate(vector: CelVector): CelValue {
  const variables = new Map([...vector.bindings].map(([name, value]) => [name, valueOf(value)]));
  const compiled = compileCel(vector.expression, new Set(variables.keys()), {
    container: vector.container,
    unchecked: textOf(vector.fields, 'disable_check') === 'true',
  });
  return compiled.kind === 'invalid'
    ? new CelError(compiled.message)
    : compiled.program.evaluate(variables, new Budget(1e6));
}

/** A message or an enum; timestamps and durations are values of the language. */
function isMessage(value: TextMessage): boolean {
  if (value.has('enum_value')) return true;
  const [name = ''] = only(value, 'object_value')?.keys() ?? [];
  return value.has('object_value') && !/google\.protobuf\.(Timestamp|Duration)\]$/.test(name);
}

function valueOf(message: TextMessage): CelValue {
  const [entry] = message;
  const [kind = '', [first] = []] = entry ?? [];
  const scalar = first === undefined ? '' : plainText(first);
  switch (kind) {
    case 'null_value':
      return null;
    case 'bool_value':
      return scalar === 'true';
    case 'int64_value':
      return BigInt(scalar);
    case 'uint64_value':
      return new CelUint(BigInt(scalar));
    case 'double_value':
      return doubleOf(scalar);
    case 'string_value':
      return scalar;
    case 'bytes_value':
      return first as Uint8Array;
    case 'type_value':
      return new CelType(scalar);
    case 'list_value':
      return messages(first as TextMessage, 'values').map(valueOf);
    case 'map_value':
      return mapOf(first as TextMessage);
    case 'object_value':
      return timeOf(first as TextMessage);
    default:
      return null;
  }
}

function doubleOf(text: string): number {
  const words: Readonly<Record<string, number>> = { inf: Infinity, '-inf': -Infinity, nan: Number.NaN };
  return words[text] ?? Number(text);
}

function mapOf(message: TextMessage): CelMap {
  const values = new Map<MapKey, CelValue>();
  const uints = new Set<MapKey>();
  for (const entry of messages(message, 'entries')) {
    const key = valueOf(only(entry, 'key') as TextMessage);
    values.set(mapKey(key) as MapKey, valueOf(only(entry, 'value') as TextMessage));
    if (key instanceof CelUint) uints.add(key.value);
  }
  return new CelMap(values, uints.size > 0 ? uints : undefined);
}

function timeOf(message: TextMessage): CelValue {
  const [entry] = message as ReadonlyMap<string, readonly TextValue[]>;
  const [name = '', [inner] = []] = entry ?? [];
  const field = (key: string): bigint => BigInt(textOf(inner as TextMessage, key) || '0');
  const ns = field('seconds') * 1_000_000_000n + field('nanos');
  const made = compileCel(name.includes('Timestamp') ? 'timestamp(0) + d' : 'd', new Set(['d']));
  const duration = compileCel(`duration('${field('seconds')}s') + duration('${field('nanos')}ns')`, new Set());
  if (name.includes('Timestamp')) {
    const instant = compileCel(`timestamp(${field('seconds')}) + duration('${field('nanos')}ns')`, new Set());
    return instant.kind === 'program'
      ? instant.program.evaluate(new Map(), new Budget(1000))
      : new CelError(String(ns));
  }
  return duration.kind === 'program' && made.kind === 'program'
    ? duration.program.evaluate(new Map(), new Budget(1000))
    : new CelError(String(ns));
}

/** Exact: types count, `NaN` is itself, and zero has a sign. */
function same(a: CelValue, b: CelValue): boolean {
  if (typeName(a) !== typeName(b)) return false;
  if (typeof a === 'number') return Object.is(a, b);
  if (isList(a) && isList(b))
    return a.length === b.length && a.every((item, index) => same(item, b[index] as CelValue));
  if (a instanceof CelMap && b instanceof CelMap) {
    return (
      a.values.size === b.values.size &&
      keysOf(a).every((key) => {
        const name = mapKey(key) as MapKey;
        const other = b.values.get(name);
        return (
          other !== undefined &&
          (a.uints?.has(name) ?? false) === (b.uints?.has(name) ?? false) &&
          same(a.values.get(name) as CelValue, other)
        );
      })
    );
  }
  if (a instanceof CelOptional || a instanceof CelError) return false;
  return equals(a, b, new Budget(1e6));
}
