// What a RubyGems requirement allows: comparisons with commas between them, and the pessimistic `~>`.
import { compareKeys } from '../key.ts';
import { common, comparison, everything, longestRequirement, type Interval } from '../interval.ts';
import { parseGem } from './parse.ts';

const clause = /^(=|!=|>=|<=|~>|>|<)?\s*(\S+)$/;
const scheme = { parse: parseGem, compare: compareKeys };

/**
 * Returns the intervals of `~> 1.2.3, != 1.2.5`; undefined for what is no requirement. `~> 1.2.3` ends before `1.3.A`, the
 * least pre-release of 1.3, since none of them is meant.
 */
export function parseGemRequirement(text: string): readonly Interval[] | undefined {
  if (text.length > longestRequirement) return undefined;
  let intervals = everything;
  for (const part of text.split(',')) {
    const [, sign = '=', version = ''] = clause.exec(part.trim()) ?? [];
    if (parseGem(version) === undefined) return undefined;
    const allowed = sign === '~>' ? pessimistic(version) : comparison(sign, version);
    if (allowed === undefined) return undefined;
    intervals = common(scheme, intervals, allowed);
  }
  return intervals;
}

function pessimistic(version: string): readonly Interval[] {
  const segments = version.replaceAll('-', '.pre.').match(/[0-9]+|[A-Za-z]+/g) ?? [];
  const firstLetters = segments.findIndex((segment) => /[A-Za-z]/.test(segment));
  const numbers = firstLetters < 0 ? segments : segments.slice(0, firstLetters);
  const kept = numbers.length > 1 ? numbers.slice(0, -1) : numbers;
  const next = [...kept.slice(0, -1), String(BigInt(kept.at(-1) ?? '0') + 1n)].join('.');
  return [{ from: { version, included: true }, to: { version: `${next}.A`, included: false } }];
}
