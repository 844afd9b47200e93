// `+ - * / %` and negation, checked for overflow (cel-spec, langdef.md, "Overflow" and "Timestamps and Durations").
import type { BinaryOperator } from './ast.ts';
import type { Budget } from './budget.ts';
import { CelDuration, CelError, CelTimestamp, CelUint, isList, noOverload, type CelValue } from './value.ts';

const overflow = new CelError('integer overflow');
const byZero = new CelError('divide by zero');
const modulusByZero = new CelError('modulus by zero');

/** Years 1 to 9999, the range of google.protobuf.Timestamp, in nanoseconds. */
const firstInstant = -62_135_596_800n * 1_000_000_000n;
const lastInstant = 253_402_300_800n * 1_000_000_000n - 1n;
/** About 10,000 years, the range of google.protobuf.Duration. */
const longestSpan = 315_576_000_000n * 1_000_000_000n;

/** Returns the int, or an error where it does not fit into 64 bits. */
export function toInt(value: bigint): CelValue {
  return BigInt.asIntN(64, value) === value ? value : overflow;
}

/** Returns the uint, or an error where it is negative or does not fit into 64 bits. */
export function toUint(value: bigint): CelValue {
  return value >= 0n && BigInt.asUintN(64, value) === value ? new CelUint(value) : overflow;
}

/** Returns the timestamp, or an error outside the years 1 to 9999. */
export function toTimestamp(ns: bigint): CelValue {
  return ns < firstInstant || ns > lastInstant ? new CelError('timestamp out of range') : new CelTimestamp(ns);
}

/** Returns the duration, or an error beyond 10,000 years. */
export function toDuration(ns: bigint): CelValue {
  // Spans are kept as int64 nanoseconds elsewhere too: 292 years.
  const fits = ns >= -longestSpan && ns <= longestSpan && BigInt.asIntN(64, ns) === ns;
  return fits ? new CelDuration(ns) : new CelError('duration out of range');
}

/** Computes `left operator right` for an operator of arithmetic. */
export function calculate(operator: BinaryOperator, left: CelValue, right: CelValue, budget: Budget): CelValue {
  if (typeof left === 'bigint' && typeof right === 'bigint') return integers(operator, left, right, toInt);
  if (typeof left === 'number' && typeof right === 'number') return doubles(operator, left, right);
  if (left instanceof CelUint && right instanceof CelUint) return integers(operator, left.value, right.value, toUint);
  if (operator === '+') return joined(left, right, budget);
  if (operator === '-') return apart(left, right);
  return noOverload(operator, left, right);
}

/** Computes `-value`. */
export function negate(value: CelValue): CelValue {
  if (typeof value === 'bigint') return toInt(-value);
  if (typeof value === 'number') return -value;
  return value instanceof CelDuration ? toDuration(-value.ns) : noOverload('-', value);
}

function integers(operator: BinaryOperator, a: bigint, b: bigint, fit: (value: bigint) => CelValue): CelValue {
  if (operator === '+') return fit(a + b);
  if (operator === '-') return fit(a - b);
  if (operator === '*') return fit(a * b);
  if (b === 0n) return operator === '/' ? byZero : modulusByZero;
  // Go's rule: the remainder of the smallest int by -1 overflows like the quotient.
  if (operator === '/') return fit(a / b);
  return b === -1n && toInt(-a) === overflow ? overflow : fit(a % b);
}

function doubles(operator: BinaryOperator, a: number, b: number): CelValue {
  if (operator === '+') return a + b;
  if (operator === '-') return a - b;
  if (operator === '*') return a * b;
  return operator === '/' ? a / b : noOverload('%', a, b);
}

function joined(left: CelValue, right: CelValue, budget: Budget): CelValue {
  if (typeof left === 'string' && typeof right === 'string') {
    budget.spendText(left.length + right.length);
    return left + right;
  }
  if (left instanceof Uint8Array && right instanceof Uint8Array) {
    budget.spendText(left.length + right.length);
    const all = new Uint8Array(left.length + right.length);
    all.set(left);
    all.set(right, left.length);
    return all;
  }
  if (isList(left) && isList(right)) {
    budget.spend(left.length + right.length);
    return [...left, ...right];
  }
  if (left instanceof CelTimestamp && right instanceof CelDuration) return toTimestamp(left.ns + right.ns);
  if (left instanceof CelDuration && right instanceof CelTimestamp) return toTimestamp(left.ns + right.ns);
  if (left instanceof CelDuration && right instanceof CelDuration) return toDuration(left.ns + right.ns);
  return noOverload('+', left, right);
}

function apart(left: CelValue, right: CelValue): CelValue {
  if (left instanceof CelTimestamp && right instanceof CelTimestamp) return toDuration(left.ns - right.ns);
  if (left instanceof CelTimestamp && right instanceof CelDuration) return toTimestamp(left.ns - right.ns);
  if (left instanceof CelDuration && right instanceof CelDuration) return toDuration(left.ns - right.ns);
  return noOverload('-', left, right);
}
