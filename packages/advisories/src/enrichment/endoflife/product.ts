// A product of endoflife.date to its release lines: the API's JSON and the front matter of the repository's pages.
import { type JsonObject, field, isObject, objectField, objectsField, textField } from '@plombe/kit';
import { clipText, parseDate, parseToken } from '../../normal/ids.ts';
import type { ProductCycle } from '../contract.ts';

function identifiersOf(product: JsonObject): string[] {
  return objectsField(product, 'identifiers').flatMap((entry) => {
    // The API has {type, id}, the pages {<type>: <id>}.
    const type = textField(entry, 'type');
    const pairs = type === undefined ? Object.entries(entry) : [[type, field(entry, 'id')] as const];
    return pairs.flatMap(([key, id]) => {
      const token = parseToken(id);
      return token === undefined ? [] : [`${key}:${token}`];
    });
  });
}

/** A date, or true for "ended" and false for "not ended" without one. */
function when(value: unknown): { readonly date?: string; readonly ended?: boolean } {
  if (typeof value === 'boolean') return { ended: value };
  const date = parseDate(value instanceof Date ? value.toISOString().slice(0, 10) : value);
  return date === undefined ? {} : { date };
}

function cycleOf(
  base: Pick<ProductCycle, 'product' | 'title' | 'category' | 'identifiers'>,
  release: JsonObject,
): ProductCycle | undefined {
  const name = field(release, 'releaseCycle') ?? field(release, 'name');
  const cycle = parseToken(typeof name === 'number' ? String(name) : name);
  if (cycle === undefined) return undefined;
  const fromPage = Object.hasOwn(release, 'eol');
  const eol = fromPage
    ? when(field(release, 'eol'))
    : { ...when(field(release, 'isEol')), ...when(field(release, 'eolFrom')) };
  const extended = when(field(release, fromPage ? 'eoes' : 'eoesFrom'));
  const codename = clipText(textField(release, 'codename'), 80);
  const releasedAt = when(field(release, 'releaseDate')).date;
  const latestObject = objectField(release, 'latest');
  const latest = parseToken(latestObject === undefined ? field(release, 'latest') : field(latestObject, 'name'));
  return {
    ...base,
    cycle,
    ...(codename === undefined ? {} : { codename }),
    ...(releasedAt === undefined ? {} : { releasedAt }),
    ...(eol.date === undefined ? {} : { eolDate: eol.date }),
    ...(eol.date !== undefined || eol.ended === undefined ? {} : { ended: eol.ended }),
    ...(extended.date === undefined ? {} : { extendedDate: extended.date }),
    ...(latest === undefined ? {} : { latest }),
  };
}

/** Returns the release lines of a product; undefined where it has no name or no releases. */
export function parseProduct(value: unknown, name: string | undefined): ProductCycle[] | undefined {
  if (!isObject(value)) return undefined;
  const product = parseToken(name ?? field(value, 'name'));
  const releases = objectsField(value, 'releases');
  if (product === undefined || releases.length === 0) return undefined;
  const title = clipText(textField(value, 'label') ?? textField(value, 'title'), 80);
  const category = parseToken(field(value, 'category'));
  const base = {
    product,
    ...(title === undefined ? {} : { title }),
    ...(category === undefined ? {} : { category }),
    identifiers: identifiersOf(value),
  };
  return releases
    .map((release) => cycleOf(base, release))
    .filter((cycle): cycle is ProductCycle => cycle !== undefined);
}
