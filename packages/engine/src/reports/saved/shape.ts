// Shapes of JSON: says where a value is not what its reader takes it for, and leaves everything that it does not know as it is.
import { inert, isObject, type JsonObject } from '@plombe/kit';

/** What is wrong, and where: `['findings', '3', 'severity']`. */
export interface ShapeProblem {
  readonly at: string[];
  readonly expects: string;
}

/** Answers the first problem of a value; undefined where there is none. */
export type Shape = (value: unknown) => ShapeProblem | undefined;

function fails(expects: string): ShapeProblem {
  return { at: [], expects };
}

function within(step: string, problem: ShapeProblem | undefined): ShapeProblem | undefined {
  problem?.at.unshift(step);
  return problem;
}

export const text: Shape = (value) => (typeof value === 'string' ? undefined : fails('text'));
export const flag: Shape = (value) => (typeof value === 'boolean' ? undefined : fails('true or false'));

/** A finite number from `min` to `max`. */
export function number(min = -Infinity, max = Infinity): Shape {
  return (value) =>
    typeof value === 'number' && Number.isFinite(value) && value >= min && value <= max
      ? undefined
      : fails(min === -Infinity ? 'a number' : `a number from ${min}${max === Infinity ? '' : ` to ${max}`}`);
}

/** A whole number from 0 that a double holds exactly. */
export const count: Shape = (value) =>
  Number.isSafeInteger(value) && (value as number) >= 0 ? undefined : fails('a whole number from 0');

export function oneOf(...words: readonly (string | number)[]): Shape {
  return (value) =>
    words.includes(value as string | number) ? undefined : fails(`one of ${words.map((word) => `${word}`).join(', ')}`);
}

export function matching(pattern: RegExp, expects: string): Shape {
  return (value) => (typeof value === 'string' && pattern.test(value) ? undefined : fails(expects));
}

export function orNull(shape: Shape): Shape {
  return (value) => (value === null ? undefined : shape(value));
}

export function list(shape: Shape): Shape {
  return (value) => {
    if (!Array.isArray(value)) return fails('a list');
    for (const [index, entry] of (value as readonly unknown[]).entries()) {
      const problem = shape(entry);
      if (problem !== undefined) return within(String(index), problem);
    }
    return undefined;
  };
}

/** An object with these members; `optional` ones are looked at where they are there. Members beyond them are left alone. */
export function record(
  required: Readonly<Record<string, Shape>>,
  optional: Readonly<Record<string, Shape>> = {},
): Shape {
  const needed = Object.entries(required);
  const other = Object.entries(optional);
  return (value) => {
    if (!isObject(value)) return fails('an object');
    for (const [name, shape] of needed) {
      const problem = Object.hasOwn(value, name) ? shape(value[name]) : fails('there, and is not');
      if (problem !== undefined) return within(name, problem);
    }
    for (const [name, shape] of other) {
      const problem = Object.hasOwn(value, name) ? shape(value[name]) : undefined;
      if (problem !== undefined) return within(name, problem);
    }
    return undefined;
  };
}

/** An object whose every member has this shape. */
export function dictionary(shape: Shape): Shape {
  return (value) => {
    if (!isObject(value)) return fails('an object');
    for (const [name, entry] of Object.entries(value)) {
      const problem = shape(entry);
      if (problem !== undefined) return within(inert(name.slice(0, 40)), problem);
    }
    return undefined;
  };
}

/** True where objects and lists are nested deeper than `levels`: writing such a value again would exhaust the stack. */
export function isDeeperThan(value: unknown, levels: number): boolean {
  if (typeof value !== 'object' || value === null) return false;
  if (levels === 0) return true;
  const members: readonly unknown[] = Array.isArray(value) ? value : Object.values(value as JsonObject);
  return members.some((member) => isDeeperThan(member, levels - 1));
}
