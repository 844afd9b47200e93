// What a route of the double gets and answers, and the refusals that all share.
import type { Caller } from './access.ts';
import type { DoubleProject, DoubleState } from './state.ts';

export interface Call {
  readonly state: DoubleState;
  readonly caller: Caller;
  readonly values: Readonly<Record<string, string>>;
  readonly query: URLSearchParams;
  readonly body: unknown;
}

/** `list`: cut into pages by the server. */
export type Answer = { readonly status: number; readonly body?: unknown } | { readonly list: readonly unknown[] };

export type Route = (call: Call) => Answer;

/** An error in Harbor's form. */
export function refuse(status: number, code: string, message: string): Answer {
  return { status, body: { errors: [{ code, message }] } };
}

export const forbidden = (): Answer => refuse(403, 'FORBIDDEN', 'forbidden');
export const missing = (what: string): Answer => refuse(404, 'NOT_FOUND', `${what} not found`);

/** Runs where the caller may; 401 for nobody, 403 for somebody else. */
export function guarded(call: Call, resource: string, action: string, place: string, run: () => Answer): Answer {
  if (call.caller.may(resource, action, place)) return run();
  return call.caller.name === 'anonymous' ? refuse(401, 'UNAUTHORIZED', 'unauthorized') : forbidden();
}

/** The project that a path names, by name or number. */
export function projectOf({ state, values }: Call): DoubleProject | undefined {
  const text = values['project_name_or_id'] ?? values['project_name'] ?? '';
  return state.projects.find(({ name, id }) => name === text || String(id) === text);
}
