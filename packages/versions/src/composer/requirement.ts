// What the requirements of FriendsOfPHP and of Packagist's advisories allow: comparisons with commas or blanks, alternatives with bars.
import { compareKeys } from '../key.ts';
import { common, comparison, everything, longestRequirement, type Interval } from '../interval.ts';
import { parseComposer } from './parse.ts';

const clause = /(==|=|!=|<>|>=|<=|>|<)?\s*([^\s,<>=!]+)\s*(?:,|$|(?=[\s<>=!]))/y;
const scheme = { parse: parseComposer, compare: compareKeys };

/** Returns the intervals of `>=1.0,<1.2|>=2.0,<2.1`; undefined for what is no such requirement, for `^`, `~`, `*` and hyphens too. */
export function parseComposerRequirement(text: string): readonly Interval[] | undefined {
  if (text.length > longestRequirement) return undefined;
  const all: Interval[] = [];
  for (const alternative of text.split(/\|\|?/)) {
    const rest = alternative.trim();
    let intervals = everything;
    let at = 0;
    do {
      while (at < rest.length && rest.charAt(at) === ' ') at += 1;
      clause.lastIndex = at;
      const [whole = '', sign = '=', version = ''] = clause.exec(rest) ?? [];
      const allowed = parseComposer(version) === undefined ? undefined : comparison(sign, withStability(sign, version));
      if (allowed === undefined) return undefined;
      intervals = common(scheme, intervals, allowed);
      at += whole.length;
    } while (at < rest.length);
    all.push(...intervals);
  }
  return all;
}

/** `<` and `>=` mean the development version of a bound that names no stability: 1.2-beta is not below 1.2, and is from 1.2 on. */
function withStability(sign: string, version: string): string {
  const named =
    /-(?:stable|alpha|beta|a|b|rc|patch|pl|p|dev)[.\d-]*(?:[.-]?dev)?$/i.test(version) || /dev$/i.test(version);
  return (sign === '<' || sign === '>=') && !named ? `${version}-dev` : version;
}
