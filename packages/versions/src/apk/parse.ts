// Alpine versions to order keys: numbers, letter, suffixes, commit, revision, as apk-tools orders them.
import { isDigit, isLower, numberKey, skipDigits, type VersionKey } from '../key.ts';

const suffixes: Readonly<Record<string, string>> = {
  alpha: '\u0001\u0001',
  beta: '\u0001\u0002',
  pre: '\u0001\u0003',
  rc: '\u0001\u0004',
  cvs: '\u0006\u0001',
  svn: '\u0006\u0002',
  git: '\u0006\u0003',
  hg: '\u0006\u0004',
  p: '\u0006\u0005',
};

// What may follow, from least to greatest: pre-release suffix, end, revision, commit, number of a suffix, suffix, letter, number.
const end = '\u0002';
const revision = '\u0003';
const commit = '\u0004';
const suffixNumber = '\u0005';
const letter = '\u0007';
const number = '\u0008';

type Part = 'number' | 'letter' | 'suffix' | 'suffixNumber' | 'commit' | 'revision';

/**
 * Returns the order key of `digits{.digits}[letter[digits…]]{_suffix[digits]}[~commit]{-rDIGITS}`, undefined for anything else.
 * A number after a dot sorts first by its leading zeros: `.001` before `.01` before `.1`.
 */
export function parseApk(text: string): VersionKey | undefined {
  let at = skipDigits(text, 0);
  if (at === 0) return undefined;
  let key = numberKey(text, 0, at);
  let part: Part = 'number';
  while (at < text.length) {
    const code = text.charCodeAt(at);
    if (code === 46 && part === 'number') {
      const to = skipDigits(text, at + 1);
      if (to === at + 1) return undefined;
      key += number + componentKey(text, at + 1, to);
      at = to;
    } else if (isLower(code) && part === 'number') {
      key += letter + text[at];
      at += 1;
      part = 'letter';
    } else if (isDigit(code) && (part === 'letter' || part === 'suffix')) {
      const to = skipDigits(text, at);
      key += (part === 'letter' ? `${number}\u0002` : suffixNumber) + numberKey(text, at, to);
      part = part === 'letter' ? 'number' : 'suffixNumber';
      at = to;
    } else if (code === 95 && part !== 'commit' && part !== 'revision') {
      let to = at + 1;
      while (to < text.length && isLower(text.charCodeAt(to))) to += 1;
      const name = text.slice(at + 1, to);
      if (!Object.hasOwn(suffixes, name)) return undefined;
      key += suffixes[name];
      at = to;
      part = 'suffix';
    } else if (code === 126 && part !== 'commit' && part !== 'revision') {
      let to = at + 1;
      while (to < text.length && isHex(text.charCodeAt(to))) to += 1;
      if (to === at + 1) return undefined;
      key += `${commit + text.slice(at + 1, to)}\u0000`;
      at = to;
      part = 'commit';
    } else if (code === 45 && text[at + 1] === 'r') {
      const to = skipDigits(text, at + 2);
      if (to === at + 2) return undefined;
      key += revision + numberKey(text, at + 2, to);
      at = to;
      part = 'revision';
    } else {
      return undefined;
    }
  }
  return (key + end) as VersionKey;
}

/** More leading zeros sort before fewer, any before none; a lone 0 has none beside itself. */
function componentKey(text: string, from: number, to: number): string {
  if (text.charCodeAt(from) !== 48) return `\u0002${numberKey(text, from, to)}`;
  let zeros = 1;
  while (from + zeros < to && text.charCodeAt(from + zeros) === 48) zeros += 1;
  const fewer = String.fromCharCode(0xffff - Math.floor(zeros / 0x8000), 0xffff - (zeros % 0x8000));
  return `\u0001${fewer}${numberKey(text, from, to)}`;
}

function isHex(code: number): boolean {
  return isDigit(code) || (code >= 97 && code <= 102);
}
