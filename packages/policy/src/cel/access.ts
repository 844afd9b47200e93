// Fields, indexes and membership: `a.b`, `a[b]`, `a?.b`, `has(a.b)`, `b in a`.
import type { Budget } from './budget.ts';
import { equals, numeric } from './compare.ts';
import { CelError, CelMap, CelOptional, isList, mapKey, noOverload, typeName, type CelValue } from './value.ts';

const none = new CelOptional();

/** Returns `operand.field`; through an optional it stays optional, and a key that is missing is none. */
export function select(operand: CelValue, field: string, optional: boolean): CelValue {
  if (operand instanceof CelOptional) {
    return operand.value === undefined ? none : select(operand.value, field, true);
  }
  if (operand instanceof CelMap) {
    const value = operand.values.get(field);
    if (value === undefined) return optional ? none : new CelError(`no such key: ${field}`);
    return optional && !(value instanceof CelError) ? new CelOptional(value) : value;
  }
  if (operand instanceof CelError) return operand;
  return new CelError(`type ${typeName(operand)} has no fields`);
}

/** Tells whether the field is there: `has(a.b)`. */
export function hasField(operand: CelValue, field: string): CelValue {
  if (operand instanceof CelError) return operand;
  if (operand instanceof CelOptional) return operand.value === undefined ? false : hasField(operand.value, field);
  return operand instanceof CelMap
    ? operand.values.has(field)
    : new CelError(`type ${typeName(operand)} has no fields`);
}

/** Returns `operand[index]`, optional as in `select`. */
export function elementAt(operand: CelValue, index: CelValue, optional: boolean): CelValue {
  if (operand instanceof CelError) return operand;
  if (index instanceof CelError) return index;
  if (operand instanceof CelOptional) {
    return operand.value === undefined ? none : elementAt(operand.value, index, true);
  }
  const value = isList(operand)
    ? listItem(operand, index)
    : operand instanceof CelMap
      ? entry(operand, index)
      : undefined;
  if (value === undefined) return noOverload('_[_]', operand, index);
  if (!optional) return value;
  if (value === missingItem || value === missingKey) return none;
  return value instanceof CelError ? value : new CelOptional(value);
}

const missingItem = new CelError('index out of range');
const missingKey = new CelError('no such key');

function listItem(list: readonly CelValue[], index: CelValue): CelValue | undefined {
  const position = numeric(index);
  if (position === undefined) return undefined;
  if (typeof position === 'number' && !Number.isInteger(position))
    return new CelError('the index is not a whole number');
  return position < 0 || position >= list.length ? missingItem : list[Number(position)];
}

function entry(map: CelMap, index: CelValue): CelValue | undefined {
  const key = mapKey(index);
  if (key === undefined) return typeof index === 'number' ? missingKey : undefined;
  const value = map.values.get(key);
  return value === undefined ? missingKey : value;
}

/** Tells whether a list holds the value or a map the key. */
export function contains(value: CelValue, container: CelValue, budget: Budget): CelValue {
  if (container instanceof CelMap) {
    const key = mapKey(value);
    if (key === undefined) return typeof value === 'number' ? false : noOverload('in', value, container);
    return container.values.has(key);
  }
  if (!isList(container)) return noOverload('in', value, container);
  budget.spend(1 + (container.length >>> 1));
  return container.some((item) => equals(item, value, budget));
}
