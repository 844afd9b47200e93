// Fills a template: names are looked up in the value at hand and then in those around it, own members only, nothing is ever called.
import { isObject, PlombeError } from '@plombe/kit';
import type { Escape } from './escape.ts';
import type { TemplateNode } from './parse.ts';

/** A value that names are looked up in, within those around it. */
interface Scope {
  readonly value: unknown;
  /** Place in the list that is gone through. */
  readonly index?: number;
  readonly last?: boolean;
  readonly outer?: Scope;
}

/** Ten million pieces are a report of several hundred MB; lists within lists would otherwise never end. */
const maxPieces = 10_000_000;

/** Yields the text. Throws `report/template` where it would be too long. */
export function* renderTemplate(
  nodes: readonly TemplateNode[],
  data: unknown,
  escape: Escape,
  limit = maxPieces,
): Iterable<string> {
  const left = { pieces: limit };
  yield* fill(nodes, { value: data }, escape, left);
}

function* fill(
  nodes: readonly TemplateNode[],
  scope: Scope,
  escape: Escape,
  left: { pieces: number },
): Iterable<string> {
  for (const node of nodes) {
    if (left.pieces-- <= 0) throw new PlombeError('report/template', 'The template writes more than a report may be.');
    if (node.kind === 'text') yield node.text;
    else if (node.kind === 'value') yield textOf(lookUp(node.path, scope), escape);
    else yield* fillSection(node, scope, escape, left);
  }
}

function* fillSection(
  { path, inverted, inner }: TemplateNode & { kind: 'section' },
  scope: Scope,
  escape: Escape,
  left: { pieces: number },
): Iterable<string> {
  const value = lookUp(path, scope);
  const holds = isThere(value);
  if (inverted) {
    if (!holds) yield* fill(inner, scope, escape, left);
    return;
  }
  if (!holds) return;
  if (!Array.isArray(value)) {
    // A text, number or truth only says whether; an object is looked into.
    yield* fill(inner, isObject(value) ? { value, outer: scope } : scope, escape, left);
    return;
  }
  for (const [index, entry] of (value as readonly unknown[]).entries()) {
    // Empty sections cost too.
    if (left.pieces-- <= 0) throw new PlombeError('report/template', 'The template writes more than a report may be.');
    yield* fill(inner, { value: entry, index, last: index === value.length - 1, outer: scope }, escape, left);
  }
}

/** Zero is a value: "0 findings" is something to say. */
function isThere(value: unknown): boolean {
  return (
    value !== undefined &&
    value !== null &&
    value !== false &&
    value !== '' &&
    !(Array.isArray(value) && value.length === 0)
  );
}

function lookUp(path: readonly string[], scope: Scope): unknown {
  const [first, ...rest] = path;
  if (first === undefined) return scope.value;
  if (first.startsWith('@')) return ofLoop(first, scope);
  for (let around: Scope | undefined = scope; around !== undefined; around = around.outer) {
    if (isObject(around.value) && Object.hasOwn(around.value, first)) {
      return rest.reduce<unknown>(
        (value, step) => (isObject(value) && Object.hasOwn(value, step) ? value[step] : undefined),
        around.value[first],
      );
    }
  }
  return undefined;
}

/** `@index`, `@number`, `@first` and `@last` of the innermost list. */
function ofLoop(name: string, scope: Scope): unknown {
  let around: Scope | undefined = scope;
  while (around !== undefined && around.index === undefined) around = around.outer;
  const index = around?.index;
  if (index === undefined) return undefined;
  const answers: Readonly<Record<string, unknown>> = {
    '@index': index,
    '@number': index + 1,
    '@first': index === 0,
    '@last': around?.last,
  };
  return answers[name];
}

/** Texts and numbers as they are, lists of them with commas; an object has no text. */
function textOf(value: unknown, escape: Escape): string {
  if (Array.isArray(value))
    return escape(
      value
        .map(plain)
        .filter((text) => text !== '')
        .join(', '),
    );
  return escape(plain(value));
}

function plain(value: unknown): string {
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' ? String(value) : '';
}
