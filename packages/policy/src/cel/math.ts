// The extension `math`: greatest, least, rounding, signs and bits.
import { toInt } from './arithmetic.ts';
import { compare, numeric } from './compare.ts';
import { binary, unary, type CelFunction, type FunctionGroup } from './function.ts';
import { CelError, CelUint, isList, type CelValue } from './value.ts';

/** Sixteen: more are written as a list. */
const maxParameters = 16;

function extreme(sign: 1 | -1): CelFunction {
  return {
    parameters: [1, maxParameters],
    call(given, budget) {
      const [first] = given as [CelValue];
      const values = given.length === 1 && isList(first) ? first : given;
      budget.spend(values.length);
      const [start, ...rest] = values;
      if (start === undefined) return new CelError('the list is empty');
      if (!values.every((value) => numeric(value) !== undefined)) return undefined;
      return rest.reduce((best, value) => ((compare(value, best, budget) ?? 0) * sign > 0 ? value : best), start);
    },
  };
}

function ofDouble(compute: (value: number) => number | boolean): CelFunction {
  return unary((value) => (typeof value === 'number' ? compute(value) : undefined));
}

function ofBits(compute: (a: bigint, b: bigint) => bigint): CelFunction {
  return binary((a, b) => {
    if (typeof a === 'bigint' && typeof b === 'bigint') return BigInt.asIntN(64, compute(a, b));
    return a instanceof CelUint && b instanceof CelUint
      ? new CelUint(BigInt.asUintN(64, compute(a.value, b.value)))
      : undefined;
  });
}

/** Shifts; by 64 and more everything is shifted out, and a negative offset is an error. */
function shift(compute: (value: bigint, by: bigint) => bigint): CelFunction {
  return binary((value, by) => {
    if (typeof by !== 'bigint' || (typeof value !== 'bigint' && !(value instanceof CelUint))) return undefined;
    if (by < 0n) return new CelError('a shift by a negative offset');
    // The bits are shifted as unsigned ones: no sign comes in from the left.
    const bits = BigInt.asUintN(64, typeof value === 'bigint' ? value : value.value);
    const shifted = by > 63n ? 0n : BigInt.asUintN(64, compute(bits, by));
    return typeof value === 'bigint' ? BigInt.asIntN(64, shifted) : new CelUint(shifted);
  });
}

function ofNumber(
  ofInt: (value: bigint) => CelValue,
  ofDoubles: (value: number) => number,
  ofUint: (value: bigint) => bigint,
): CelFunction {
  return unary((value) => {
    if (typeof value === 'bigint') return ofInt(value);
    if (typeof value === 'number') return ofDoubles(value);
    return value instanceof CelUint ? new CelUint(ofUint(value.value)) : undefined;
  });
}

export const mathFunctions: FunctionGroup = {
  'math.greatest': extreme(1),
  'math.least': extreme(-1),
  'math.ceil': ofDouble(Math.ceil),
  'math.floor': ofDouble(Math.floor),
  'math.trunc': ofDouble(Math.trunc),
  // Half away from zero.
  'math.round': ofDouble((value) => Math.sign(value) * Math.round(Math.abs(value))),
  'math.isNaN': ofDouble(Number.isNaN),
  'math.isInf': ofDouble((value) => Math.abs(value) === Infinity),
  'math.isFinite': ofDouble(Number.isFinite),
  'math.abs': ofNumber(
    (value) => toInt(value < 0n ? -value : value),
    Math.abs,
    (value) => value,
  ),
  'math.sign': ofNumber(
    (value) => (value > 0n ? 1n : value < 0n ? -1n : 0n),
    Math.sign,
    (value) => (value > 0n ? 1n : 0n),
  ),
  'math.bitAnd': ofBits((a, b) => a & b),
  'math.bitOr': ofBits((a, b) => a | b),
  'math.bitXor': ofBits((a, b) => a ^ b),
  'math.bitNot': unary((value) => {
    if (typeof value === 'bigint') return ~value;
    return value instanceof CelUint ? new CelUint(BigInt.asUintN(64, ~value.value)) : undefined;
  }),
  'math.bitShiftLeft': shift((value, by) => value << by),
  'math.bitShiftRight': shift((value, by) => value >> by),
};
