// What an npm range allows: comparators with blanks between them, alternatives with `||`, x-ranges, `~`, `^` and hyphens.
import { compareKeys } from '../key.ts';
import { common, comparison, everything, longestRequirement, type Interval } from '../interval.ts';
import { parseSemver } from './parse.ts';

const scheme = { parse: parseSemver, compare: compareKeys };
const comparator = /^(>=|<=|>|<|=|\^|~>?)?[v=]*([0-9xX*]+(?:\.[0-9xX*]+){0,2})(-[0-9A-Za-z.-]+)?(?:\+[0-9A-Za-z.-]+)?$/;

/**
 * Returns the intervals of `8.x || ^9.1.2 || >=10 <10.4.1`, by the grammar of node-semver; undefined for what is no such range. Pre-releases
 * are in an interval like every other version (`includePrerelease` there): an advisory about `<2.0.0` means `2.0.0-beta.1` too.
 */
export function parseNpmRange(text: string): readonly Interval[] | undefined {
  if (text.length > longestRequirement) return undefined;
  const all: Interval[] = [];
  for (const alternative of text.split('||')) {
    const allowed = parseAlternative(alternative.trim());
    if (allowed === undefined) return undefined;
    all.push(...allowed);
  }
  return all;
}

function parseAlternative(text: string): readonly Interval[] | undefined {
  const [from, to, ...more] = text.split(/\s-\s/).map((part) => part.trim());
  if (from !== undefined && to !== undefined) {
    // As node-semver reads it, a hyphen takes the pre-releases of its lower bound in, `>=` does not.
    const lower = /^[v=]*\d+\.\d+\.\d+$/.test(from) ? `${from}-0` : from;
    return more.length === 0 ? both(`>=${lower}`, `<=${to}`) : undefined;
  }
  let intervals: readonly Interval[] | undefined = everything;
  for (const part of text.replace(/([<>=~^]) +/g, '$1').split(/[\s,]+/)) {
    const allowed = part === '' ? everything : parseComparator(part);
    if (allowed === undefined) return undefined;
    intervals = common(scheme, intervals, allowed);
  }
  return intervals;
}

function both(left: string, right: string): readonly Interval[] | undefined {
  const [lower, upper] = [parseComparator(left), parseComparator(right)];
  return lower === undefined || upper === undefined ? undefined : common(scheme, lower, upper);
}

function parseComparator(text: string): readonly Interval[] | undefined {
  const [, sign = '', written = '', prerelease = ''] = comparator.exec(text) ?? [];
  const numbers = numbersOf(written);
  if (numbers === undefined || (numbers.length < 3 && prerelease !== '')) return undefined;
  if (numbers.length === 0) return sign === '<' || sign === '>' ? [] : everything;
  const version = `${numbers.join('.')}${'.0'.repeat(3 - numbers.length)}${prerelease}`;
  if (parseSemver(version) === undefined) return undefined;
  if (sign === '^') return between(numbers, version, Math.min(caretPlace(numbers), numbers.length - 1));
  if (sign.startsWith('~')) return between(numbers, version, Math.min(1, numbers.length - 1));
  if (numbers.length === 3) return comparison(sign === '' ? '=' : sign, version);
  const [first, next] = [`${version}-0`, after(numbers, numbers.length - 1)];
  if (sign === '>') return comparison('>=', next);
  if (sign === '>=' || sign === '<') return comparison(sign, first);
  if (sign === '<=') return comparison('<', next);
  return between(numbers, version, numbers.length - 1);
}

/** The numbers before the first wildcard; undefined for text like `1x`, or a number behind a wildcard that npm would not read. */
function numbersOf(written: string): string[] | undefined {
  if (written === '') return undefined;
  const parts = written.split('.');
  const wild = parts.findIndex((part) => /^[xX*]$/.test(part));
  const numbers = wild < 0 ? parts : parts.slice(0, wild);
  return parts.every((part) => /^(?:[0-9]{1,16}|[xX*])$/.test(part)) ? numbers : undefined;
}

/** `^` keeps the first number that is not zero. */
function caretPlace(numbers: readonly string[]): number {
  const place = numbers.findIndex((number) => !/^0+$/.test(number));
  return place < 0 ? numbers.length - 1 : place;
}

function after(numbers: readonly string[], place: number): string {
  const kept = [...numbers.slice(0, place), String(BigInt(numbers[place] as string) + 1n)];
  return `${kept.join('.')}${'.0'.repeat(3 - kept.length)}-0`;
}

function between(numbers: readonly string[], version: string, place: number): readonly Interval[] {
  const from = numbers.length < 3 ? `${version}-0` : version;
  return [{ from: { version: from, included: true }, to: { version: after(numbers, place), included: false } }];
}
