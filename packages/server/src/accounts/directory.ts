// Who there is and what he may do, remembered until anything changes.
import type { Clock } from '@plombe/model';
import type { Database } from '@plombe/store';
import { generationOf } from './events.ts';
import { projectMatcher } from './project.ts';
import { builtInRoles, type Right } from './rights.ts';
import { robotPrefix } from './robots.ts';

/** Rights on the repositories of a project. */
export interface Grant {
  /** Absent: a robot's own. */
  readonly role?: string;
  /** Glob over repositories. */
  readonly project: string;
  readonly rights: ReadonlySet<Right>;
  /** Undefined: as long as the account. */
  readonly expiresAtMs?: number;
  matches(repository: string): boolean;
}

/** A robot, or a credential or session of a person. */
export interface Account {
  /** Which one, also after another of its name came: `robot:12`, `login:4`, `person:7`. Tokens name it. */
  readonly serial: string;
  /** `robot:NAME`, `person:ISSUER#SUBJECT`. */
  readonly id: string;
  readonly name: string;
  readonly kind: 'robot' | 'person';
  readonly username: string;
  readonly secretHash?: Uint8Array;
  readonly expiresAtMs: number;
  readonly grants: readonly Grant[];
}

/** Answers from memory; asks the database again after any change, by whichever process. */
export interface Directory {
  /** The account that logs in so, where it lives. */
  byUsername(username: string): Account | undefined;
  /** The account of that serial, where it lives. */
  bySerial(serial: string): Account | undefined;
}

/** What the server's command line says of administrators. */
export interface AdminGroup {
  readonly issuer: string;
  readonly group: string;
}

/** Enough for the accounts of a large company; a flood of unknown names is not remembered. */
const maxRemembered = 20_000;

/** Opens a directory over the tables of accounts. */
export function openDirectory(database: Database, clock: Clock, adminGroup: AdminGroup | undefined): Directory {
  const remembered = new Map<string, Account>();
  let generation = -1;
  let isFresh = false;

  /** Once for all that is asked without a pause: a request asks several times, and each costs ten microseconds. */
  function refresh(): void {
    const current = generationOf(database);
    if (current !== generation) remembered.clear();
    generation = current;
    isFresh = true;
    queueMicrotask(() => (isFresh = false));
  }

  function recall(key: string, load: () => Account | undefined): Account | undefined {
    if (!isFresh) refresh();
    let account = remembered.get(key);
    if (account === undefined) {
      account = load();
      if (account === undefined) return undefined;
      if (remembered.size >= maxRemembered) remembered.clear();
      remembered.set(key, account);
    }
    return account.expiresAtMs > clock.nowMs() ? account : undefined;
  }

  return {
    byUsername: (username) =>
      recall(`name ${username}`, () =>
        username.startsWith(robotPrefix)
          ? loadRobot(database, 'name', username.slice(robotPrefix.length))
          : loadCredential(database, 'username', username, adminGroup),
      ),
    bySerial: (serial) =>
      recall(`serial ${serial}`, () => {
        const [kind, id = ''] = serial.split(':', 2);
        if (!/^[0-9]{1,15}$/.test(id)) return undefined;
        if (kind === 'robot') return loadRobot(database, 'id', Number(id));
        if (kind === 'login') return loadCredential(database, 'id', Number(id), adminGroup);
        return kind === 'person' ? loadPerson(database, Number(id), adminGroup) : undefined;
      }),
  };
}

interface RobotRow {
  readonly id: number;
  readonly name: string;
  readonly secret_hash: Uint8Array;
  readonly repositories: string;
  readonly actions: string;
  readonly expires_at_ms: number;
}

function loadRobot(database: Database, by: 'name' | 'id', value: string | number): Account | undefined {
  const row = database.get<RobotRow>(
    `SELECT id, name, secret_hash, repositories, actions, expires_at_ms FROM robots WHERE ${by} = ? AND revoked_at_ms IS NULL`,
    value,
  );
  if (row === undefined) return undefined;
  const rights = new Set(JSON.parse(row.actions) as Right[]);
  return {
    serial: `robot:${row.id}`,
    id: `robot:${row.name}`,
    name: row.name,
    kind: 'robot',
    username: `${robotPrefix}${row.name}`,
    secretHash: row.secret_hash,
    expiresAtMs: row.expires_at_ms,
    grants: (JSON.parse(row.repositories) as string[]).map((project) => ({
      project,
      rights,
      matches: projectMatcher(project),
    })),
  };
}

interface PersonRow {
  readonly id: number;
  readonly issuer: string;
  readonly subject: string;
  readonly name: string;
  readonly email: string | null;
  readonly groups: string;
}

function loadPerson(database: Database, id: number, adminGroup: AdminGroup | undefined): Account | undefined {
  const row = database.get<PersonRow>(
    'SELECT id, issuer, subject, name, email, groups FROM people WHERE id = ? AND disabled_at_ms IS NULL',
    id,
  );
  if (row === undefined) return undefined;
  return {
    serial: `person:${row.id}`,
    id: `person:${row.issuer}#${row.subject}`,
    name: row.name,
    kind: 'person',
    username: row.email ?? row.name,
    expiresAtMs: Number.POSITIVE_INFINITY,
    grants: grantsOf(database, row, adminGroup),
  };
}

interface CredentialRow {
  readonly id: number;
  readonly person: number;
  readonly username: string;
  readonly secret_hash: Uint8Array;
  readonly expires_at_ms: number;
}

function loadCredential(
  database: Database,
  by: 'username' | 'id',
  value: string | number,
  adminGroup: AdminGroup | undefined,
): Account | undefined {
  const row = database.get<CredentialRow>(
    `SELECT id, person, username, secret_hash, expires_at_ms FROM credentials WHERE ${by} = ? AND revoked_at_ms IS NULL`,
    value,
  );
  const person = row === undefined ? undefined : loadPerson(database, row.person, adminGroup);
  if (row === undefined || person === undefined) return undefined;
  return {
    ...person,
    serial: `login:${row.id}`,
    username: row.username,
    secretHash: row.secret_hash,
    expiresAtMs: row.expires_at_ms,
  };
}

interface GrantRow {
  readonly role: string;
  readonly project: string;
  readonly expires_at_ms: number | null;
}

/** A group counts with the issuer that names it: a group of the same name elsewhere is another one. (T62) */
function grantsOf(database: Database, person: PersonRow, adminGroup: AdminGroup | undefined): readonly Grant[] {
  const groups = JSON.parse(person.groups) as string[];
  const rows = database.all<GrantRow>(
    `SELECT role, project, expires_at_ms FROM grants WHERE issuer = ?1 AND (
       (kind = 'person' AND principal = ?2) OR (kind = 'email' AND principal = ?3)
       OR (kind = 'group' AND principal IN (SELECT value FROM json_each(?4)))) ORDER BY id`,
    person.issuer,
    person.subject,
    person.email,
    person.groups,
  );
  const grants = rows.map(({ role, project, expires_at_ms }): Grant => {
    const end = expires_at_ms === null ? {} : { expiresAtMs: expires_at_ms };
    return { role, project, rights: new Set(rightsOfRole(database, role)), matches: projectMatcher(project), ...end };
  });
  if (adminGroup === undefined || adminGroup.issuer !== person.issuer || !groups.includes(adminGroup.group))
    return grants;
  return [
    ...grants,
    { role: 'admin', project: '**', rights: new Set(builtInRoles['admin']), matches: projectMatcher('**') },
  ];
}

/** Returns the rights of a built-in or defined role; none where there is no such role. */
export function rightsOfRole(database: Database, role: string): readonly Right[] {
  if (Object.hasOwn(builtInRoles, role)) return builtInRoles[role] ?? [];
  const row = database.get<{ rights: string }>('SELECT rights FROM roles WHERE name = ?', role);
  return row === undefined ? [] : (JSON.parse(row.rights) as Right[]);
}

/** True where one of the grants holds the right on the repository now. */
export function mayNow(account: Account, right: Right, repository: string, nowMs: number): boolean {
  return account.grants.some(
    (grant) => grant.rights.has(right) && (grant.expiresAtMs ?? Infinity) > nowMs && grant.matches(repository),
  );
}
