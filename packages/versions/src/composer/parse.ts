// Composer versions to order keys: normalised as Composer does, then numbers and stabilities as PHP's version_compare orders them.
import { isDigit, numberKey, skipDigits, withoutBlanks, type VersionKey } from '../key.ts';

// What may follow, from least to greatest.
const dev = '\u0001';
const end = '\u0005';
const number = '\u0006';
const stabilities: readonly (readonly [name: string, key: string])[] = [
  ['stable', ''],
  ['alpha', '\u0002'],
  ['a', '\u0002'],
  ['beta', '\u0003'],
  ['b', '\u0003'],
  ['rc', '\u0004'],
  ['patch', '\u0007'],
  ['pl', '\u0007'],
  ['p', '\u0007'],
];
/** What Composer writes for a part of a branch that is not named: `1.x-dev` is `1.9999999.9999999.9999999-dev`. */
const anyPart = `${number}${numberKey('9999999', 0, 7)}`;
const zeroPart = `${number}\u0000`;

const alias = /^([^,\s]+) +as +[^,\s]+$/;
const stabilityFlag = /@(?:stable|rc|beta|alpha|dev)$/;
const metadata = /^([^,\s+]+)\+\S+$/;
const ascii = /^[\x21-\x7e ]+$/;
const branch = /^v?[0-9]+(?:\.(?:[0-9]+|[x*])){0,3}[.-]?dev$/;
const date = /^[0-9]{4}(?:[.:-]?[0-9]{2}){1,6}(?:[.:-]?[0-9]{1,3}){0,2}/;

/**
 * Returns the order key of a Composer version: `[v]N[.N[.N[.N]]]` or a date, then a stability with numbers and `-dev`, or a numbered
 * branch (`1.x-dev`). Undefined for all else, named branches (`dev-main`) among it: Composer does not order them either.
 */
export function parseComposer(text: string): VersionKey | undefined {
  let version = withoutBlanks(text).toLowerCase();
  if (!ascii.test(version)) return undefined;
  version = alias.exec(version)?.[1] ?? version;
  version = version.replace(stabilityFlag, '');
  version = metadata.exec(version)?.[1] ?? version;
  const start = version.startsWith('v') ? 1 : 0;
  return (classical(version, start) ?? dated(version, start) ?? numberedBranch(version, start)) as
    | VersionKey
    | undefined;
}

function classical(text: string, start: number): string | undefined {
  let key = '';
  let at = start;
  for (let numbers = 0; numbers < 4; numbers++) {
    const from = numbers === 0 ? at : at + 1;
    const to = numbers === 0 || text.charCodeAt(at) === 46 ? skipDigits(text, from) : from;
    if (to > from) {
      if (numbers === 0 && to - from > 5) return undefined;
      key += number + numberKey(text, from, to);
      at = to;
    } else if (numbers === 0) return undefined;
    else key += zeroPart;
  }
  const modifiers = modifiersKey(text, at);
  return modifiers === undefined ? undefined : key + modifiers;
}

function dated(text: string, start: number): string | undefined {
  const found = date.exec(text.slice(start))?.[0];
  if (found === undefined) return undefined;
  // Fewer digits may be meant for the date: `2024-01-01-1` is one with a fourth number, never a stability.
  const modifiers = modifiersKey(text, start + found.length);
  if (modifiers === undefined) return undefined;
  const numbers = found.split(/[.:-]/).map((part) => number + numberKey(part, 0, part.length));
  return numbers.join('') + modifiers;
}

function numberedBranch(text: string, start: number): string | undefined {
  if (!branch.test(text)) return undefined;
  const parts = text
    .slice(start)
    .replace(/[.-]?dev$/, '')
    .split('.');
  const key = parts.map((part) => (isDigit(part.charCodeAt(0)) ? number + numberKey(part, 0, part.length) : anyPart));
  return key.join('') + anyPart.repeat(4 - parts.length) + dev + end;
}

/** `[._-]?(stability([.-]?N)*)?([.-]?dev)?` up to the end of the text; undefined where something else is there. */
function modifiersKey(text: string, from: number): string | undefined {
  let at = '._-'.includes(text.charAt(from)) && from < text.length ? from + 1 : from;
  const stability = stabilities.find(([name]) => text.startsWith(name, at));
  let key = stability?.[1] ?? '';
  if (stability !== undefined) {
    at += stability[0].length;
    for (;;) {
      const digits = isSeparator(text.charCodeAt(at)) ? at + 1 : at;
      const to = skipDigits(text, digits);
      if (to === digits) break;
      key += number + numberKey(text, digits, to);
      at = to;
    }
  }
  if (stability?.[0] === 'stable') key = '';
  const rest = text.slice(isSeparator(text.charCodeAt(at)) ? at + 1 : at);
  const isDev = rest === 'dev';
  if (!isDev && at < text.length) return undefined;
  return stability?.[0] === 'stable' ? end : key + (isDev ? dev : '') + end;
}

function isSeparator(code: number): boolean {
  return code === 46 || code === 45;
}
