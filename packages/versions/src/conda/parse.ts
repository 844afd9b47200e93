// conda's versions to order keys: epoch, version, local version; each a list of components, each a list of numbers and words.
import { isDigit, numberKey, skipDigits, withoutBlanks, type VersionKey } from '../key.ts';

const form = /^(?:(\d+)!)?([._0-9a-z]+)(?:\+([._0-9a-z]+))?$/;

// Something missing counts as 0, so the end stands for zeros without end, and zeros before something else go to its side: the more of them,
// the nearer it is to the end.
const below = 0x0100;
const end = '\u8000';
const above = 0xfffe;
/** Zeros in a row before something else; a version with more of them has no order here. */
const maxZeros = 0x7000;

/** Between `DEV` and letters conda has the underscore at a version's end; it sorts so in ASCII. */
const develop = '\u0001';
const post = '\u0002';

interface Item {
  /** Empty for 0. */
  readonly key: string;
  readonly isBelow: boolean;
}

const zero: Item = { key: '', isBelow: false };

/**
 * Returns the order key of `[epoch!]version[+local]` in any case, undefined for any other form. Hyphens are underscores where the version
 * has none of these; `dev` sorts before all words, words before numbers, `post` after all.
 */
export function parseConda(written: string): VersionKey | undefined {
  let text = withoutBlanks(written).toLowerCase();
  if (text.includes('-')) {
    if (text.includes('_')) return undefined;
    text = text.replaceAll('-', '_');
  }
  const match = form.exec(text);
  if (match === null) return undefined;
  const [, epoch = '', version = '', local] = match;
  const own = listKey(componentsOf(version));
  const further = local === undefined ? end : listKey(local.split(/[._]/));
  if (own === undefined || further === undefined) return undefined;
  return (numberKey(epoch, 0, epoch.length) + own + further) as VersionKey;
}

/** An underscore at the end belongs to the last component (`1.0.1_`, which OpenSSL's packages have before `1.0.1a`). */
function componentsOf(version: string): readonly string[] {
  if (!version.endsWith('_')) return version.split(/[._]/);
  const components = version.slice(0, -1).split(/[._]/);
  return [...components.slice(0, -1), `${components.at(-1) as string}_`];
}

function listKey(components: readonly string[]): string | undefined {
  const items: Item[] = [];
  for (const component of components) {
    const parts = component === '' || component === '_' ? undefined : partsOf(component);
    const key = parts && sequenceKey(parts);
    if (parts === undefined || key === undefined) return undefined;
    const first = parts.find((part) => part.key !== '');
    items.push(first === undefined ? zero : { key, isBelow: first.isBelow });
  }
  return sequenceKey(items);
}

/** A component that begins with a word begins with a 0 before it. */
function partsOf(component: string): readonly Item[] {
  const parts: Item[] = isDigit(component.charCodeAt(0)) ? [] : [zero];
  for (let at = 0; at < component.length;) {
    const digits = skipDigits(component, at);
    if (digits > at) {
      const key = numberKey(component, at, digits);
      parts.push(key.length === 1 ? zero : { key: `\u0001${key}`, isBelow: false });
      at = digits;
      continue;
    }
    let next = at + 1;
    while (next < component.length && !isDigit(component.charCodeAt(next))) next += 1;
    const word = component.slice(at, next);
    if (word === 'post') parts.push({ key: post, isBelow: false });
    else parts.push({ key: `${word === 'dev' ? develop : word}\u0000`, isBelow: true });
    at = next;
  }
  return parts;
}

function sequenceKey(items: readonly Item[]): string | undefined {
  let key = '';
  let zeros = 0;
  for (const item of items) {
    if (item.key === '') {
      zeros += 1;
      continue;
    }
    if (zeros > maxZeros) return undefined;
    key += String.fromCharCode(item.isBelow ? below + zeros : above - zeros) + item.key;
    zeros = 0;
  }
  return key + end;
}
