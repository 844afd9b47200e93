// Python versions to order keys (PEP 440, now the PyPA version specifier specification).
import { isDigit, isLower, numberKey, skipDigits, type VersionKey } from '../key.ts';

// Spelling and key, in the order in which they are tried.
type Kinds = readonly (readonly [name: string, key: string])[];

const preKinds: Kinds = [
  ['alpha', '\u0002'],
  ['a', '\u0002'],
  ['beta', '\u0003'],
  ['b', '\u0003'],
  ['preview', '\u0004'],
  ['pre', '\u0004'],
  ['c', '\u0004'],
  ['rc', '\u0004'],
];
const postKinds: Kinds = [
  ['post', '\u0002'],
  ['rev', '\u0002'],
  ['r', '\u0002'],
];
const devKinds: Kinds = [['dev', '\u0001']];
const ascii = /^[\x00-\x7f]*$/;

/**
 * Returns the order key of `[v][N!]N(.N)*[{a|b|rc}N][.postN][.devN][+local]` with every spelling that PEP 440 normalises;
 * undefined for all else. Trailing zeros of the release do not count.
 */
export function parsePep440(text: string): VersionKey | undefined {
  if (!ascii.test(text)) return undefined;
  const version = text.trim().toLowerCase();
  const plus = version.indexOf('+');
  const end = plus < 0 ? version.length : plus;
  let at = version[0] === 'v' ? 1 : 0;
  let to = skipDigits(version, at);
  if (to === at) return undefined;
  let key = '\u0000';
  if (version[to] === '!') {
    key = numberKey(version, at, to);
    at = to + 1;
    to = skipDigits(version, at);
    if (to === at) return undefined;
  }
  const release = releaseKey(version, at);
  key += release.key;
  at = release.end;

  const pre = suffix(version, at, preKinds);
  at = pre?.end ?? at;
  const post = suffix(version, at, postKinds) ?? implicitPost(version, at);
  at = post?.end ?? at;
  const dev = suffix(version, at, devKinds);
  at = dev?.end ?? at;
  if (at !== end) return undefined;
  const local = plus < 0 ? '\u0001' : localKey(version, plus + 1);
  if (local === undefined) return undefined;
  // Without pre-release: before every one where only `.dev` follows, else after every one.
  const preKey = pre?.key ?? (post === undefined && dev !== undefined ? '\u0001' : '\u0005');
  return (key + preKey + (post?.key ?? '\u0001') + (dev?.key ?? '\u0002') + local) as VersionKey;
}

interface Piece {
  readonly key: string;
  readonly end: number;
}

function releaseKey(text: string, from: number): Piece {
  let key = '';
  let kept = '';
  let at = from;
  for (;;) {
    const to = skipDigits(text, at);
    const number = numberKey(text, at, to);
    key += `\u0002${number}`;
    if (number.length > 1) kept = key;
    at = to;
    if (text[at] !== '.' || !isDigit(text.charCodeAt(at + 1))) return { key: `${kept}\u0001`, end: at };
    at += 1;
  }
}

/** `[-_.]?kind[-_.]?digits?`; a missing number is 0. */
function suffix(text: string, from: number, kinds: Kinds): Piece | undefined {
  const start = isSeparator(text[from]) ? from + 1 : from;
  const kind = kinds.find(([name]) => text.startsWith(name, start));
  if (kind === undefined) return undefined;
  const after = start + kind[0].length;
  const digits = isSeparator(text[after]) ? after + 1 : after;
  const end = skipDigits(text, digits);
  return { key: kind[1] + numberKey(text, digits, end), end };
}

function implicitPost(text: string, at: number): Piece | undefined {
  if (text[at] !== '-' || !isDigit(text.charCodeAt(at + 1))) return undefined;
  const to = skipDigits(text, at + 1);
  return { key: `\u0002${numberKey(text, at + 1, to)}`, end: to };
}

// Local segments: text before numbers, the shorter first.
function localKey(text: string, from: number): string | undefined {
  let key = '\u0002';
  let at = from;
  for (;;) {
    let to = at;
    let digits = true;
    while (to < text.length && (isDigit(text.charCodeAt(to)) || isLower(text.charCodeAt(to)))) {
      digits &&= isDigit(text.charCodeAt(to));
      to += 1;
    }
    if (to === at) return undefined;
    key += digits ? `\u0003${numberKey(text, at, to)}` : `\u0002${text.slice(at, to)}\u0000`;
    if (to === text.length) return `${key}\u0001`;
    if (!isSeparator(text[to])) return undefined;
    at = to + 1;
  }
}

function isSeparator(character: string | undefined): boolean {
  return character === '.' || character === '-' || character === '_';
}
