// A value against its schema: every problem with its path, and for an unknown field the nearest one that is known.
import { inert, isObject } from '@plombe/kit';
import { formatProblem } from './format.ts';
import type { ObjectSchema, Schema } from './schema.ts';

/** Where in the document, and what is wrong there. Inert text. */
export interface SchemaProblem {
  readonly path: readonly (string | number)[];
  readonly message: string;
}

/** 10,000: more exceptions than anyone reviews; a list of findings in a test case is far shorter. */
const maxItems = 10_000;
/** A list of problems longer than this helps nobody. */
const maxProblems = 20;

/** Returns the problems of a value, at most 20; empty where it fits. Properties are read as own ones only. (T73) */
export function validate(value: unknown, schema: Schema): readonly SchemaProblem[] {
  const problems: SchemaProblem[] = [];
  visit(value, schema, [], (path, message) => {
    if (problems.length < maxProblems) problems.push({ path, message });
  });
  return problems;
}

type Path = readonly (string | number)[];
type Report = (path: Path, message: string) => void;

function visit(value: unknown, schema: Schema, path: Path, report: Report): void {
  switch (schema.kind) {
    case 'any':
      return;
    case 'text':
      if (typeof value !== 'string') report(path, `must be text, not ${kindOf(value)}`);
      else if (schema.values !== undefined && !schema.values.includes(value)) {
        report(
          path,
          `must be one of ${schema.values.join(', ')}, not ${shown(value)}${nearestHint(value, schema.values)}`,
        );
      } else {
        const problem = formatProblem(value, schema.format);
        if (problem !== undefined) report(path, problem);
      }
      return;
    case 'number':
      if (typeof value !== 'number' || Number.isNaN(value)) report(path, `must be a number, not ${kindOf(value)}`);
      else if (value < schema.least || value > schema.most || (schema.whole === true && !Number.isInteger(value))) {
        report(path, `must be a${schema.whole === true ? ' whole' : ''} number from ${schema.least} to ${schema.most}`);
      }
      return;
    case 'flag':
      if (typeof value !== 'boolean') report(path, `must be true or false, not ${kindOf(value)}`);
      return;
    case 'list':
      if (!Array.isArray(value)) report(path, `must be a list, not ${kindOf(value)}`);
      else if (value.length > maxItems) report(path, `has more than ${maxItems} entries`);
      else if (value.length < (schema.least ?? 0)) report(path, 'must not be empty');
      else for (const [index, item] of value.entries()) visit(item, schema.of, [...path, index], report);
      return;
    case 'textMap':
      if (!isObject(value)) report(path, `must be a map, not ${kindOf(value)}`);
      else {
        for (const [key, item] of Object.entries(value)) {
          if (typeof item !== 'string') report([...path, key], `must be text, not ${kindOf(item)}`);
        }
      }
      return;
    case 'object':
      if (isObject(value)) visitFields(value, schema, path, report);
      else report(path, `must be a map with ${Object.keys(schema.fields).join(', ')}, not ${kindOf(value)}`);
  }
}

function visitFields(value: Readonly<Record<string, unknown>>, schema: ObjectSchema, path: Path, report: Report): void {
  const { fields, oneOf = [], needs = [] } = schema;
  const has = (name: string): boolean => Object.hasOwn(value, name);
  for (const [name, item] of Object.entries(value)) {
    const field = Object.hasOwn(fields, name) ? fields[name] : undefined;
    if (field === undefined) {
      const hint = nearestHint(name, Object.keys(fields));
      report([...path, name], `is not a field${hint === '' ? `; known are ${Object.keys(fields).join(', ')}` : hint}`);
    } else visit(item, field.schema, [...path, name], report);
  }
  for (const [name, field] of Object.entries(fields)) {
    if (field.required === true && !has(name)) report([...path, name], 'is missing');
  }
  for (const group of oneOf) {
    const given = group.filter(has);
    if (given.length === 0) report(path, `needs one of ${group.join(', ')}`);
    if (given.length > 1) report(path, `takes only one of ${group.join(', ')}, not ${given.join(' and ')}`);
  }
  for (const [name, needed] of needs) {
    if (has(name) && !has(needed)) report([...path, name], `needs ${needed} beside it`);
  }
}

function kindOf(value: unknown): string {
  if (value === null || value === undefined) return 'nothing';
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'object') return 'a map';
  return typeof value === 'string' ? shown(value) : (JSON.stringify(value) ?? 'nothing');
}

/** Text of a document in a message: inert and short. */
function shown(text: string): string {
  return inert(JSON.stringify(text.length > 60 ? `${text.slice(0, 60)}…` : text));
}

function nearestHint(given: string, known: readonly string[]): string {
  const nearest = nearestOf(given, known);
  return nearest === undefined ? '' : `; did you mean ${nearest}?`;
}

/** Returns the known word with the fewest edits, where those are at most a third of its length and one. */
export function nearestOf(given: string, known: readonly string[]): string | undefined {
  const lower = given.slice(0, 60).toLowerCase();
  const ranked = known
    .map((word) => ({ word, edits: editDistance(lower, word.toLowerCase()) }))
    .sort((a, b) => a.edits - b.edits);
  const [best] = ranked;
  return best !== undefined && best.edits <= 1 + best.word.length / 3 ? best.word : undefined;
}

function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const replace = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(replace, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}
