// size(), type(), dyn() and the conversions between types (cel-spec, langdef.md, "Type Conversion Functions").
import { toInt, toTimestamp, toUint } from './arithmetic.ts';
import { unary, type FunctionGroup } from './function.ts';
import { formatDuration, formatTimestamp, parseDuration, parseTimestamp } from './time-text.ts';
import {
  CelAddress,
  CelDuration,
  CelError,
  CelMap,
  CelTimestamp,
  CelType,
  CelUint,
  isList,
  namedTypes,
  typeName,
  type CelValue,
} from './value.ts';
import { formatAddress } from './address.ts';

/** Number of code points; a lone surrogate counts as one. */
export function codePoints(text: string): number {
  let count = text.length;
  for (let i = 0; i < text.length - 1; i++) {
    const unit = text.charCodeAt(i);
    if (unit >= 0xd800 && unit <= 0xdbff && (text.charCodeAt(i + 1) & 0xfc00) === 0xdc00) {
      count--;
      i++;
    }
  }
  return count;
}

const size = unary((value, budget) => {
  if (typeof value === 'string') {
    budget.spendText(value.length);
    return BigInt(codePoints(value));
  }
  if (isList(value) || value instanceof Uint8Array) return BigInt(value.length);
  return value instanceof CelMap ? BigInt(value.values.size) : undefined;
});

/** Truncates toward zero; outside of what int64 surely holds it is an error. */
function doubleToInt(value: number, fit: (value: bigint) => CelValue): CelValue {
  if (!Number.isFinite(value)) return new CelError('range error: the double is no number');
  const fits = value > -(2 ** 63) && value < 2 ** 64;
  return fits ? fit(BigInt(Math.trunc(value))) : new CelError('range error: the double is too large');
}

/** Doubles as Go prints them with the fewest digits (`%g`): exponents below -4 and from 21 on. */
export function formatDouble(value: number): string {
  if (Number.isNaN(value)) return 'NaN';
  if (!Number.isFinite(value)) return value > 0 ? '+Inf' : '-Inf';
  if (Object.is(value, -0)) return '-0';
  const [digits = '', power = '0'] = value.toExponential().split('e');
  const exponent = Number(power);
  const significant = digits.replace(/[-.]/g, '').length;
  const threshold = significant > 6 && significant >= exponent + 1 ? significant : 21;
  if (exponent >= -4 && exponent < Math.max(threshold, 6)) {
    const plain = String(value);
    if (!plain.includes('e')) return plain;
    return value.toFixed(Math.max(0, significant - 1 - exponent));
  }
  const sign = exponent < 0 ? '-' : '+';
  return `${digits}e${sign}${String(Math.abs(exponent)).padStart(2, '0')}`;
}

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

function bytesToText(bytes: Uint8Array): CelValue {
  try {
    return utf8.decode(bytes);
  } catch {
    return new CelError('the bytes are not valid UTF-8');
  }
}

const trueWords = new Set(['1', 't', 'T', 'true', 'TRUE', 'True']);
const falseWords = new Set(['0', 'f', 'F', 'false', 'FALSE', 'False']);

export const conversions: FunctionGroup = {
  size,
  '.size': size,
  type: unary((value) => namedTypes.get(typeName(value)) ?? new CelType(typeName(value))),
  dyn: unary((value) => value),
  int: unary((value) => {
    if (typeof value === 'bigint') return value;
    if (typeof value === 'number')
      return doubleToInt(value, (whole) =>
        BigInt.asIntN(64, whole) === whole && value < 2 ** 63
          ? whole
          : new CelError('range error: the double is too large'),
      );
    if (value instanceof CelUint) return toInt(value.value);
    if (value instanceof CelTimestamp) return floorSeconds(value.ns);
    if (typeof value !== 'string') return undefined;
    return /^[-+]?\d{1,30}$/.test(value) ? toInt(BigInt(value.replace(/^\+/, ''))) : new CelError('the text is no int');
  }),
  uint: unary((value) => {
    if (value instanceof CelUint) return value;
    if (typeof value === 'bigint') return toUint(value);
    if (typeof value === 'number') return doubleToInt(value, toUint);
    if (typeof value !== 'string') return undefined;
    return /^\d{1,30}$/.test(value) ? toUint(BigInt(value)) : new CelError('the text is no uint');
  }),
  double: unary((value) => {
    if (typeof value === 'number') return value;
    if (typeof value === 'bigint') return Number(value);
    if (value instanceof CelUint) return Number(value.value);
    if (typeof value !== 'string') return undefined;
    if (/^[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?$/.test(value)) return Number(value);
    const special = /^([-+]?)(inf|infinity)$|^nan$/i.exec(value);
    if (special === null) return new CelError('the text is no double');
    if (special[2] === undefined) return Number.NaN;
    return special[1] === '-' ? -Infinity : Infinity;
  }),
  bool: unary((value) => {
    if (typeof value === 'boolean') return value;
    if (typeof value !== 'string') return undefined;
    if (trueWords.has(value)) return true;
    return falseWords.has(value) ? false : new CelError('the text is no bool');
  }),
  bytes: unary((value, budget) => {
    if (value instanceof Uint8Array) return value;
    if (typeof value !== 'string') return undefined;
    budget.spendText(value.length);
    return new TextEncoder().encode(value);
  }),
  string: unary((value, budget) => {
    if (typeof value === 'string') return value;
    if (typeof value === 'bigint' || typeof value === 'boolean') return String(value);
    if (typeof value === 'number') return formatDouble(value);
    if (value instanceof CelUint) return String(value.value);
    if (value instanceof CelTimestamp) return formatTimestamp(value.ns);
    if (value instanceof CelDuration) return formatDuration(value.ns);
    if (value instanceof CelAddress) return formatAddress(value);
    if (!(value instanceof Uint8Array)) return undefined;
    budget.spendText(value.length);
    return bytesToText(value);
  }),
  timestamp: unary((value) => {
    if (value instanceof CelTimestamp) return value;
    if (typeof value === 'bigint') return toTimestamp(value * 1_000_000_000n);
    return typeof value === 'string' ? parseTimestamp(value) : undefined;
  }),
  duration: unary((value) => {
    if (value instanceof CelDuration) return value;
    return typeof value === 'string' ? parseDuration(value) : undefined;
  }),
};

function floorSeconds(ns: bigint): bigint {
  const seconds = ns / 1_000_000_000n;
  return ns % 1_000_000_000n < 0n ? seconds - 1n : seconds;
}
