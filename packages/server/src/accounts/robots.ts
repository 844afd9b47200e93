// Robots: accounts of programs, for named repositories and actions, that always end.
import { inert, PlombeError } from '@plombe/kit';
import type { Database } from '@plombe/store';
import type { Action } from '../registry/ports.ts';
import { recordEvent, type Author } from './events.ts';
import { parseProject } from './project.ts';
import { createSecret, hashSecret } from './secret.ts';

/** What a robot is made of. */
export interface RobotRequest {
  /** Lower-case letters, digits, `.`, `_`, `-`; at most 63. */
  readonly name: string;
  readonly repositories: readonly string[];
  readonly actions: readonly Action[];
  /** From now; at most 365 days. */
  readonly lifeMs: number;
}

/** What docker login takes. The password is nowhere else. */
export interface Credential {
  readonly username: string;
  readonly password: string;
  readonly expiresAtMs: number;
}

/** A robot as it may be shown. */
export interface Robot {
  readonly name: string;
  readonly username: string;
  readonly repositories: readonly string[];
  readonly actions: readonly Action[];
  readonly createdAtMs: number;
  readonly expiresAtMs: number;
  readonly state: 'active' | 'expired' | 'revoked';
}

const robotName = /^[a-z0-9][a-z0-9._-]{0,62}$/;
/** A year: whoever forgets a robot is reminded of it. */
const maxLifeMs = 365 * 86_400_000;
/** More than any pipeline names; each is matched for each request. */
const maxRepositories = 100;
/** What stands before a robot's name in its username; people's usernames begin otherwise. */
export const robotPrefix = 'robot-';

/** Makes a robot and returns its password, once. Throws `config/invalid`, also where one of that name lives. */
export function createRobot(database: Database, request: RobotRequest, author: Author): Credential {
  const { name, actions, lifeMs } = request;
  const invalid = (message: string, remedy: string): PlombeError =>
    new PlombeError('config/invalid', message, { remedy });
  if (!robotName.test(name)) {
    throw invalid(
      `${inert(JSON.stringify(name.slice(0, 100)))} is no name of a robot.`,
      'Use a-z, 0-9, ".", "_", "-", at most 63.',
    );
  }
  const repositories = [...new Set(request.repositories.map(parseProject))];
  if (repositories.length === 0 || repositories.length > maxRepositories) {
    throw invalid(`A robot is for 1 to ${maxRepositories} repositories or globs.`, 'Name them with --repository.');
  }
  if (actions.length === 0) throw invalid('A robot needs at least one action.', 'Name them with --actions.');
  if (!(lifeMs > 0 && lifeMs <= maxLifeMs)) {
    throw invalid('A robot lives at most 365 days.', 'Choose a shorter --expires, and make a new one when it ends.');
  }
  const nowMs = author.clock.nowMs();
  const password = createSecret('robot');
  const expiresAtMs = nowMs + lifeMs;
  database.transaction(() => {
    database.run(
      'UPDATE robots SET revoked_at_ms = expires_at_ms WHERE name = ? AND revoked_at_ms IS NULL AND expires_at_ms <= ?',
      name,
      nowMs,
    );
    if (database.get('SELECT 1 FROM robots WHERE name = ? AND revoked_at_ms IS NULL', name) !== undefined) {
      throw invalid(
        `There is a robot ${name} already.`,
        `Revoke it first (plombe robots revoke ${name}), or choose another name.`,
      );
    }
    database.run(
      'INSERT INTO robots (name, secret_hash, repositories, actions, created_at_ms, expires_at_ms) VALUES (?, ?, ?, ?, ?, ?)',
      name,
      hashSecret(password),
      JSON.stringify(repositories),
      JSON.stringify(actions),
      nowMs,
      expiresAtMs,
    );
    recordEvent(database, author, 'robot.create', `robot:${name}`, { repositories, actions, expiresAtMs });
  });
  return { username: `${robotPrefix}${name}`, password, expiresAtMs };
}

interface RobotRow {
  readonly name: string;
  readonly repositories: string;
  readonly actions: string;
  readonly created_at_ms: number;
  readonly expires_at_ms: number;
  readonly revoked_at_ms: number | null;
}

/** Returns all robots there ever were, by name and time; never a secret. */
export function listRobots(database: Database, nowMs: number): readonly Robot[] {
  const rows = database.all<RobotRow>(
    'SELECT name, repositories, actions, created_at_ms, expires_at_ms, revoked_at_ms FROM robots ORDER BY name, id',
  );
  return rows.map((row) => ({
    name: row.name,
    username: `${robotPrefix}${row.name}`,
    repositories: JSON.parse(row.repositories) as string[],
    actions: JSON.parse(row.actions) as Action[],
    createdAtMs: row.created_at_ms,
    expiresAtMs: row.expires_at_ms,
    state: row.expires_at_ms <= nowMs ? 'expired' : row.revoked_at_ms === null ? 'active' : 'revoked',
  }));
}

/** Ends a robot, with every token it was given. Throws `config/invalid` where none of that name lives. */
export function revokeRobot(database: Database, name: string, author: Author): void {
  database.transaction(() => {
    const nowMs = author.clock.nowMs();
    const changed = database.run(
      'UPDATE robots SET revoked_at_ms = ? WHERE name = ? AND revoked_at_ms IS NULL AND expires_at_ms > ?',
      nowMs,
      name,
      nowMs,
    );
    if (changed === 0) {
      throw new PlombeError('config/invalid', `No robot ${inert(name.slice(0, 100))} is in use.`, {
        remedy: '`plombe robots list` shows them.',
      });
    }
    recordEvent(database, author, 'robot.revoke', `robot:${name}`);
  });
}
