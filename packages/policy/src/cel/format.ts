// `"%s and %d".format([a, b])`.
import { formatAddress } from './address.ts';
import type { Budget } from './budget.ts';
import { formatDouble } from './conversions.ts';
import type { FunctionGroup } from './function.ts';
import { formatDuration, formatTimestamp } from './time-text.ts';
import { compareText } from '@plombe/kit';
import {
  CelAddress,
  CelDuration,
  CelError,
  CelMap,
  CelTimestamp,
  CelType,
  CelUint,
  isList,
  keysOf,
  mapKey,
  type CelValue,
  type MapKey,
} from './value.ts';

const clause = /%(?:%|(?:\.(\d{1,3}))?([a-zA-Z])?)/g;

/** 100: what JavaScript and a reader can bear. */
const maxPrecision = 100;

class FormatError extends Error {}

export const format: FunctionGroup = {
  '.format': {
    parameters: [2, 2],
    call([template, values], budget) {
      if (typeof template !== 'string' || values === undefined || !isList(values)) return undefined;
      budget.spendText(template.length);
      let next = 0;
      try {
        const text = template.replace(clause, (all, precision: string | undefined, kind: string | undefined) => {
          if (all === '%%') return '%';
          const value = values[next++];
          if (kind === undefined) throw new FormatError('a % without a letter');
          if (value === undefined) throw new FormatError('there are fewer values than clauses');
          const written = writeOne(kind, value, precision === undefined ? undefined : Number(precision), budget);
          budget.spendText(written.length);
          return written;
        });
        return text;
      } catch (thrown) {
        if (thrown instanceof FormatError) return new CelError(thrown.message);
        throw thrown;
      }
    },
  },
};

function writeOne(kind: string, value: CelValue, precision: number | undefined, budget: Budget): string {
  if (precision !== undefined && (precision > maxPrecision || !'fe'.includes(kind))) {
    throw new FormatError('the precision is too large, or none is allowed');
  }
  switch (kind) {
    case 's':
      return writeText(value, budget);
    case 'd':
      return writeWhole(value);
    case 'f':
      return writeReal(value, (number) => fixed(number, precision ?? 6));
    case 'e':
      return writeReal(value, (number) => exponential(number, precision ?? 6));
    case 'b':
      return typeof value === 'boolean' ? (value ? '1' : '0') : inBase(value, 2);
    case 'o':
      return inBase(value, 8);
    case 'x':
      return hexadecimal(value);
    case 'X':
      return hexadecimal(value).toUpperCase();
    default:
      throw new FormatError(`there is no clause %${kind}`);
  }
}

function wrong(): never {
  throw new FormatError('the clause does not take a value of this type');
}

function special(value: number): string | undefined {
  if (Number.isNaN(value)) return 'NaN';
  return Number.isFinite(value) ? undefined : value > 0 ? 'Infinity' : '-Infinity';
}

function writeWhole(value: CelValue): string {
  if (typeof value === 'bigint') return String(value);
  if (value instanceof CelUint) return String(value.value);
  return typeof value === 'number' ? (special(value) ?? wrong()) : wrong();
}

function writeReal(value: CelValue, write: (value: number) => string): string {
  const number = typeof value === 'bigint' ? Number(value) : value instanceof CelUint ? Number(value.value) : value;
  return typeof number === 'number' ? (special(number) ?? write(number)) : wrong();
}

/** Rounds half to even, where `toFixed` rounds half up. */
function fixed(value: number, digits: number): string {
  const rounded = value.toFixed(digits);
  const exact = Math.abs(value).toFixed(Math.min(100, digits + 60));
  const point = exact.indexOf('.') + 1 + digits;
  if (!/^\.?50*$/.test(exact.slice(point)) || Math.abs(value) >= 1e21) return rounded;
  const kept = exact.slice(0, point).replace(/\.$/, '');
  const isEven = '02468'.includes(kept.at(-1) ?? '');
  return isEven ? `${value < 0 ? '-' : ''}${kept}` : rounded;
}

function exponential(value: number, digits: number): string {
  return value.toExponential(digits).replace(/e([-+])(\d)$/, 'e$10$2');
}

function inBase(value: CelValue, base: number): string {
  if (typeof value === 'bigint') return value.toString(base);
  return value instanceof CelUint ? value.value.toString(base) : wrong();
}

function hexadecimal(value: CelValue): string {
  if (typeof value === 'string') return Buffer.from(value).toString('hex');
  return value instanceof Uint8Array ? Buffer.from(value).toString('hex') : inBase(value, 16);
}

function writeText(value: CelValue, budget: Budget): string {
  budget.spend(4);
  if (typeof value === 'string') return value;
  if (typeof value === 'number') return special(value) ?? formatDouble(value);
  if (value === null || typeof value === 'bigint' || typeof value === 'boolean') return String(value);
  if (value instanceof CelUint) return String(value.value);
  if (value instanceof Uint8Array) return new TextDecoder().decode(value);
  if (value instanceof CelTimestamp) return formatTimestamp(value.ns);
  if (value instanceof CelDuration) return formatDuration(value.ns);
  if (value instanceof CelType) return value.name;
  if (value instanceof CelAddress) return formatAddress(value);
  if (isList(value)) return `[${value.map((item) => writeText(item, budget)).join(', ')}]`;
  if (!(value instanceof CelMap)) return wrong();
  const entries = keysOf(value).map((key): [string, string] => [
    writeText(key, budget),
    writeText(value.values.get(mapKey(key) as MapKey) as CelValue, budget),
  ]);
  return `{${entries
    .sort(([a], [b]) => compareText(a, b))
    .map(([key, item]) => `${key}: ${item}`)
    .join(', ')}}`;
}
