// Equality and order of values across types (cel-spec, langdef.md, "Equality" and "Ordering").
import type { Budget } from './budget.ts';
import {
  CelAddress,
  CelDuration,
  CelMap,
  CelOptional,
  CelTimestamp,
  CelType,
  CelUint,
  isList,
  type CelValue,
} from './value.ts';

/** A number of any of the three types as bigint or number, which JavaScript compares exactly with each other. */
export function numeric(value: CelValue): bigint | number | undefined {
  if (typeof value === 'bigint' || typeof value === 'number') return value;
  return value instanceof CelUint ? value.value : undefined;
}

/** True where both are equal; values of different kinds never are, except numbers. */
export function equals(a: CelValue, b: CelValue, budget: Budget): boolean {
  if (typeof a === 'string' || typeof b === 'string') {
    if (typeof a !== typeof b) return false;
    budget.spendText((a as string).length);
    return a === b;
  }
  const left = numeric(a);
  if (left !== undefined) {
    const right = numeric(b);
    return right !== undefined && order(left, right) === 0;
  }
  if (a === b) return true;
  if (a === null || b === null || typeof a === 'boolean' || typeof b === 'boolean') return false;
  budget.spend(1);
  if (isList(a)) {
    budget.spend(a.length >>> 1);
    return isList(b) && a.length === b.length && a.every((item, index) => equals(item, b[index] as CelValue, budget));
  }
  if (a instanceof CelMap) {
    if (!(b instanceof CelMap) || a.values.size !== b.values.size) return false;
    budget.spend(a.values.size);
    for (const [key, item] of a.values) {
      const other = b.values.get(key);
      if (other === undefined || !equals(item, other, budget)) return false;
    }
    return true;
  }
  if (a instanceof Uint8Array) return b instanceof Uint8Array && compareBytes(a, b, budget) === 0;
  if (a instanceof CelTimestamp) return b instanceof CelTimestamp && a.ns === b.ns;
  if (a instanceof CelDuration) return b instanceof CelDuration && a.ns === b.ns;
  if (a instanceof CelType) return b instanceof CelType && a.name === b.name;
  if (a instanceof CelOptional) {
    if (!(b instanceof CelOptional)) return false;
    return a.value === undefined || b.value === undefined ? a.value === b.value : equals(a.value, b.value, budget);
  }
  if (a instanceof CelAddress) {
    return b instanceof CelAddress && a.family === b.family && a.bits === b.bits && a.prefix === b.prefix;
  }
  return false;
}

/** Returns a negative, zero or positive number, NaN where a number is no number, undefined where the types have no order. */
export function compare(a: CelValue, b: CelValue, budget: Budget): number | undefined {
  const left = numeric(a);
  if (left !== undefined) {
    const right = numeric(b);
    if (right === undefined) return undefined;
    return order(left, right);
  }
  if (typeof a === 'string' && typeof b === 'string') return compareCodePoints(a, b, budget);
  if (typeof a === 'boolean' && typeof b === 'boolean') return Number(a) - Number(b);
  if (a instanceof Uint8Array && b instanceof Uint8Array) return compareBytes(a, b, budget);
  const timed =
    (a instanceof CelTimestamp && b instanceof CelTimestamp) || (a instanceof CelDuration && b instanceof CelDuration);
  return timed ? (a.ns < b.ns ? -1 : a.ns > b.ns ? 1 : 0) : undefined;
}

/** An int next to a double is compared as a double, as the reference implementation does: beyond 2^53 near ones are equal. */
function order(left: bigint | number, right: bigint | number): number {
  const mixed = typeof left !== typeof right;
  const [a, b] = mixed ? [Number(left), Number(right)] : [left, right];
  return a < b ? -1 : a > b ? 1 : a === b ? 0 : Number.NaN;
}

function compareBytes(a: Uint8Array, b: Uint8Array, budget: Budget): number {
  budget.spendText(Math.min(a.length, b.length));
  for (let i = 0; i < a.length && i < b.length; i++) {
    const difference = (a[i] as number) - (b[i] as number);
    if (difference !== 0) return difference;
  }
  return a.length - b.length;
}

/** Surrogates are above every other unit as code points, but below U+E000 as units. */
function compareCodePoints(a: string, b: string, budget: Budget): number {
  budget.spendText(Math.min(a.length, b.length));
  let i = 0;
  while (i < a.length && i < b.length && a.charCodeAt(i) === b.charCodeAt(i)) i++;
  if (i === a.length || i === b.length) return a.length - b.length;
  const left = a.charCodeAt(i);
  const right = b.charCodeAt(i);
  const isSurrogate = (unit: number): boolean => unit >= 0xd800 && unit <= 0xdfff;
  return isSurrogate(left) === isSurrogate(right) ? left - right : isSurrogate(left) ? 1 : -1;
}
