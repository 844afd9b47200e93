// Roles: names for sets of rights on a project.
import { inert, PlombeError } from '@plombe/kit';
import type { Action } from '../registry/ports.ts';

/** `promote`: out of quarantine. `grant`: roles of the project to others. `admin`: everything, also of accounts. */
export type Right = Action | 'promote' | 'grant' | 'admin';

/** What a robot may do. */
export const actions = ['pull', 'push', 'delete', 'sign'] as const satisfies readonly Action[];
/** What a role may hold; `admin` is the built-in role's alone. */
export const definableRights = [...actions, 'promote', 'grant'] as const satisfies readonly Right[];

/** The roles that are always there and cannot be defined otherwise. */
export const builtInRoles: Readonly<Record<string, readonly Right[]>> = {
  guest: ['pull'],
  developer: ['pull', 'push'],
  maintainer: ['pull', 'push', 'delete', 'sign', 'promote'],
  'project-admin': ['pull', 'push', 'delete', 'sign', 'promote', 'grant'],
  admin: ['pull', 'push', 'delete', 'sign', 'promote', 'grant', 'admin'],
};

/** Checks a list `pull,push` against the words that are allowed. Returns them in the order of `known`. Throws `config/invalid`. */
export function parseRights<R extends Right>(text: string, known: readonly R[], flag: string): readonly R[] {
  const words = text.split(',').map((word) => word.trim());
  const wrong = words.find((word) => !known.some((one) => one === word));
  if (wrong !== undefined) {
    throw new PlombeError(
      'config/invalid',
      `${flag}: there is no action ${inert(JSON.stringify(wrong.slice(0, 60)))}.`,
      {
        remedy: `Choose from: ${known.join(', ')}.`,
      },
    );
  }
  return known.filter((word) => words.includes(word));
}
