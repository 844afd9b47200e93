// Maven versions to order keys: numbers and qualifiers in one sequence, each with the separator before it.
import { isDigit, numberKey, withoutBlanks, type VersionKey } from '../key.ts';

// No blank, no bracket, no comma: these are the signs of a version range.
const allowed = /^[\x21-\x27*+\x2d-\x5a\x5c\x5e-\x7e]+$/;

// What may stand at one place, from least to greatest; a released qualifier with something behind it lies beside the end, on that one's side.
const releaseBelow = '\u0006';
const end = '\u0007';
const releaseAbove = '\u0008';
const servicePack = '\u0009';
const otherQualifier = '\u000a';
const dashNumber = '\u000b';
const dotNumber = '\u000c';

const qualifiers: ReadonlyMap<string, string> = new Map([
  ['alpha', '\u0001'],
  ['beta', '\u0002'],
  ['milestone', '\u0003'],
  ['rc', '\u0004'],
  ['cr', '\u0004'],
  ['snapshot', '\u0005'],
  ['ga', ''],
  ['final', ''],
  ['release', ''],
  ['sp', servicePack],
]);
const shorthands: ReadonlyMap<string, string> = new Map([
  ['a', 'alpha'],
  ['b', 'beta'],
  ['m', 'milestone'],
]);

/** One number, or a qualifier with the number that follows it at once or after a hyphen (`rc1`, `rc-1`). */
interface Token {
  readonly dash: boolean;
  readonly name?: string;
  /** Key of the number, undefined for a qualifier without one. */
  readonly number?: string;
}

/**
 * Returns the order key of a Maven version: every printable ASCII text that holds no range. Zeros and released qualifiers (`ga`, `final`,
 * `release`) do not count before a qualifier and at the end; case does not count.
 */
export function parseMaven(text: string): VersionKey | undefined {
  const version = withoutBlanks(text).toLowerCase();
  if (!allowed.test(version)) return undefined;
  const parts: string[] = [end];
  let follows = end;
  const tokens = tokensOf(version);
  for (let at = tokens.length - 1; at >= 0; at--) {
    const token = tokens[at] as Token;
    const key =
      token.name === undefined ? numberPart(token, follows) : qualifierPart(token.name, token.number, follows);
    if (key === '') continue;
    parts.push(key);
    follows = key.charAt(0);
  }
  return parts.reverse().join('') as VersionKey;
}

function numberPart({ dash, number = '' }: Token, follows: string): string {
  if (number === zero && follows < dashNumber) return '';
  return (dash ? dashNumber : dotNumber) + number;
}

function qualifierPart(written: string, number: string | undefined, follows: string): string {
  const name = number === undefined ? written : (shorthands.get(written) ?? written);
  const rank = qualifiers.get(name);
  // `ga0` is `ga`, though `rc0` is more than `rc`.
  const counted = rank === '' && number === zero ? undefined : number;
  const tail = counted === undefined ? '\u0001' : `\u0002${counted}`;
  if (rank === undefined) return `${otherQualifier + name}\u0000${tail}`;
  if (rank !== '') return rank + tail;
  if (counted !== undefined) return releaseAbove + tail;
  if (follows === end) return '';
  return (follows < end ? releaseBelow : releaseAbove) + tail;
}

const zero = numberKey('', 0, 0);

/** Splits at dots, hyphens and where digits begin or end; an empty token is 0. A hyphen between a qualifier and a number joins them. */
function tokensOf(text: string): readonly Token[] {
  const tokens: Token[] = [];
  let start = 0;
  let dash = false;
  let digits = false;
  // Where the number of a qualifier begins, 0 for none.
  let split = 0;
  const add = (to: number): void => {
    if (start === to) tokens.push({ dash, number: zero });
    else if (split > 0)
      tokens.push({ dash, name: text.slice(start, split).replace('-', ''), number: numberKey(text, split, to) });
    else if (digits) tokens.push({ dash, number: numberKey(text, start, to) });
    else tokens.push({ dash, name: text.slice(start, to) });
    split = 0;
    dash = false;
  };
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === 46) {
      add(at);
      start = at + 1;
    } else if (code === 45) {
      if (!digits && at > start && isDigit(text.charCodeAt(at + 1))) continue;
      add(at);
      start = at + 1;
      dash = true;
    } else if (isDigit(code)) {
      if (!digits && at > start) split = at;
      digits = true;
    } else {
      if (digits && at > start) {
        add(at);
        start = at;
        dash = true;
      }
      digits = false;
    }
  }
  if (start < text.length) add(text.length);
  return tokens;
}
