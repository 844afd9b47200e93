// What ecosystems declare as licences, as SPDX expressions where it is unmistakable.
import { sortedUnique } from '../order.ts';
import { addressedLicence } from './addresses.ts';
import { joinExpressions, listedTerm, readExpression, validExpression } from './expression.ts';
import { exceptionIds, licenceIds } from './ids.ts';
import { nameKey } from './name-key.ts';
import { namesOfExceptions, namesOfLicences } from './names.ts';
import { rememberedBy } from './remembered.ts';

/** Names of one ecosystem, as it writes them, and their expressions: they go before what the name means elsewhere. An empty text: the name means nothing. */
export type OwnNames = ReadonlyMap<string, string>;

/** A name is shorter than this; what is longer is the licence's text, or an expression. */
const maxName = 200;
/** The copyright file of a browser names 60 licences. */
const maxNames = 64;
const nothingSaid = new Set(['', 'none', 'noassertion', 'unknown', 'null', 'undefined', 'n/a']);
const noNames: OwnNames = new Map();

/**
 * Returns the expression that a declaration means: a valid one, or names, abbreviations and addresses of licences, joined by words, `&`, `|` or
 * commas. Undefined where a part of it means no licence of the list, or several. Never throws; the same again for what it returned.
 */
export function licenceExpression(text: string, own: OwnNames = noNames): string | undefined {
  return expressions(text, own);
}

const expressions = rememberedBy(expressionOf);

function expressionOf(text: string, own: OwnNames): string | undefined {
  const declared = text.trim();
  const ownName = own.get(declared);
  if (ownName !== undefined) return ownName === '' ? undefined : ownName;
  return (
    validExpression(declared) ??
    (declared.length > maxName ? undefined : termOf(declared, own)) ??
    readExpression(declared, (term) => termOf(term, own))
  );
}

/**
 * Returns licences that hold together: expressions where they have one, else the text as declared; each once and sorted. Nothing for a
 * licence's whole text. Of `MIT and Foo` each part stands for itself, where one of them has an expression.
 */
export function declaredLicences(declared: readonly string[], own?: OwnNames): readonly string[] {
  return sortedUnique(
    namesIn(declared).flatMap(
      (text) => licenceExpression(text, own) ?? (text.length > maxName ? [] : partly(text, own ?? noNames)),
    ),
  );
}

const partly = rememberedBy((text: string, own: OwnNames): readonly string[] => {
  const parts = /[()|]| or /i.test(text) ? [] : text.split(/,? and | ?& ?/i).map((part) => part.trim());
  const read = parts.map((part) => licenceExpression(part, own));
  const isList = parts.length > 1 && !parts.includes('') && read.some((one) => one !== undefined);
  return isList ? read.map((one, index) => one ?? (parts[index] as string)) : [text];
});

/** The same for names with spaces between, as package managers of old wrote them: `MIT GPL2+`. All of them must be known. */
export function spacedLicences(text: string, own?: OwnNames): readonly string[] {
  const words = text.trim().split(/\s+/);
  const read = words.length > maxNames ? [] : words.flatMap((word) => licenceExpression(word, own) ?? []);
  const isList = licenceExpression(text, own) === undefined && read.length === words.length;
  return isList ? [joinExpressions(read, 'AND')] : declaredLicences([text], own);
}

/** Returns licences of which one may be chosen, as one expression; joined as declared where a part of it has none. */
export function licenceChoice(declared: readonly string[], own?: OwnNames): readonly string[] {
  const names = declaredLicences(declared, own);
  if (names.length < 2) return names;
  const expressions = names.flatMap((name) => validExpression(name) ?? []);
  if (expressions.length === names.length) return [joinExpressions(expressions, 'OR')];
  return [
    names.map((name) => (/ (?:AND|OR|WITH) /i.test(name) && !name.startsWith('(') ? `(${name})` : name)).join(' OR '),
  ];
}

function namesIn(declared: readonly string[]): readonly string[] {
  return declared
    .slice(0, maxNames)
    .map((text) => text.trim())
    .filter((text) => !nothingSaid.has(text.toLowerCase()));
}

function termOf(text: string, own: OwnNames): string | undefined {
  const ownName = own.get(text);
  if (ownName !== undefined) return ownName === '' ? undefined : ownName;
  const listed = listedTerm(text);
  if (listed !== undefined || text.length > maxName) return listed;
  const addressed = addressedLicence(text);
  if (addressed !== undefined)
    return 'expression' in addressed
      ? addressed.expression
      : (validExpression(addressed.name) ?? named(addressed.name));
  return named(text) ?? withException(text, own) ?? abbreviated(text) ?? alternatives(text);
}

function named(text: string): string | undefined {
  const key = nameKey(text);
  return gnuLicence(key) ?? (byKey ??= indexOfNames()).get(key);
}

/** `GPL 2+`, said once or several times; without a version any of them may be chosen (GPL 2, section 9). */
function gnuLicence(key: string): string | undefined {
  const words = key.split(' ');
  const family = words[0] ?? '';
  if (!/^(?:[al]?gpl\+?|gfdl)$/.test(family)) return undefined;
  const name = family.replace('+', '');
  let version: string | undefined;
  let isLater = false;
  for (const word of words) {
    const [, number, plus] = /^(\d(?:\.\d)?)(\+?)$/.exec(word) ?? [];
    if (number !== undefined) {
      if (version !== undefined && version !== number) return undefined;
      version = number;
      isLater ||= plus === '+';
    } else if (word !== 'only' && word !== name && word !== family) return undefined;
  }
  if (version === undefined)
    return name === 'gpl' ? 'GPL-1.0-or-later' : name === 'lgpl' ? 'LGPL-2.0-or-later' : undefined;
  const id = `${name}-${version.includes('.') ? version : `${version}.0`}-${isLater ? 'or-later' : 'only'}`;
  return licenceIds.get(id);
}

/** `GPL-2+ with Bison exception`, `GPL2 w/ CPE`. */
function withException(text: string, own: OwnNames): string | undefined {
  const [left, right, ...more] = text.split(/(?:,? |-)(?:with|w\/)[ -](?:the )?/i);
  if (left === undefined || right === undefined || more.length > 0) return undefined;
  const licence = termOf(left, own);
  if (licence === undefined || licence.includes(' ')) return undefined;
  const id = exceptionIds.get(right.toLowerCase());
  if (id !== undefined) return `${licence} WITH ${id}`;
  const found = exceptionNamed(right.replace(/[ -]exceptions?$/i, ''), licence);
  return found === undefined ? undefined : `${licence} WITH ${found}`;
}

/** `Mozilla Public License 2.0 (MPL 2.0)`: both must say the same. */
function abbreviated(text: string): string | undefined {
  const [, name = '', short = ''] = /^([^()]{1,150}) ?\(([^()]{1,50})\)$/.exec(text) ?? [];
  if (name === '') return undefined;
  const licence = named(name);
  return licence !== undefined && licence === (listedTerm(short) ?? named(short)) ? licence : undefined;
}

/** `MIT/Apache-2.0`, a choice as crates and packages of npm wrote it. */
function alternatives(text: string): string | undefined {
  const parts = text.split('/').map((part) => part.trim());
  if (parts.length < 2 || parts.length > 4) return undefined;
  const licences = parts.flatMap((part) => listedTerm(part) ?? named(part) ?? []);
  return licences.length === parts.length ? joinExpressions(licences, 'OR') : undefined;
}

// Made when the first name is looked up: most programs that load this need no table.
let byKey: ReadonlyMap<string, string> | undefined;

function indexOfNames(): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  const ambiguous = new Set<string>();
  for (const id of licenceIds.values()) {
    const key = nameKey(id);
    const expression = listedTerm(id) ?? id;
    if (found.has(key) && found.get(key) !== expression) ambiguous.add(key);
    found.set(key, expression);
  }
  for (const key of ambiguous) found.delete(key);
  for (const [expression, ...names] of namesOfLicences) for (const name of names) found.set(nameKey(name), expression);
  return found;
}

function exceptionNamed(name: string, licence: string): string | undefined {
  const key = nameKey(name);
  exceptionKeys ??= namesOfExceptions.map(([, , ...names]) => names.map(nameKey));
  const keys = exceptionKeys;
  return namesOfExceptions.find(
    ([pattern], index) => keys[index]?.includes(key) === true && pattern.test(licence),
  )?.[1];
}

// As above.
let exceptionKeys: readonly (readonly string[])[] | undefined;
