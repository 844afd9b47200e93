// Grants: who has which role on which project; and the roles that are defined besides the built-in ones.
import { inert, PlombeError } from '@plombe/kit';
import type { Database } from '@plombe/store';
import { rightsOfRole } from './directory.ts';
import { recordEvent, type Author } from './events.ts';
import { parseEmail } from './people.ts';
import { isEverything, parseProject } from './project.ts';
import { builtInRoles, definableRights, type Right } from './rights.ts';

/** Whom a grant is for. All three are of one issuer: the same name elsewhere is somebody else. (T62) */
export interface Principal {
  readonly kind: 'person' | 'email' | 'group';
  readonly issuer: string;
  /** Subject, verified e-mail address, or value of the claim `groups`. */
  readonly value: string;
}

/** A grant as it is listed. */
export interface GrantEntry {
  readonly id: number;
  readonly role: string;
  readonly project: string;
  readonly principal: Principal;
  readonly grantedAtMs: number;
  readonly expiresAtMs: number | undefined;
}

/** A role with what it allows. */
export interface RoleEntry {
  readonly name: string;
  readonly rights: readonly Right[];
  readonly builtIn: boolean;
}

const roleName = /^[a-z][a-z0-9-]{0,39}$/;

/** Returns all roles: the built-in ones, then the others by name. */
export function listRoles(database: Database): readonly RoleEntry[] {
  const builtIn = Object.entries(builtInRoles).map(([name, rights]) => ({ name, rights, builtIn: true }));
  const own = database.all<{ name: string; rights: string }>('SELECT name, rights FROM roles ORDER BY name');
  return [
    ...builtIn,
    ...own.map(({ name, rights }) => ({ name, rights: JSON.parse(rights) as Right[], builtIn: false })),
  ];
}

/** Defines a role, or defines it anew for all who have it. Throws `config/invalid` for a built-in one. */
export function defineRole(
  database: Database,
  name: string,
  rights: readonly (typeof definableRights)[number][],
  author: Author,
): void {
  if (!roleName.test(name) || Object.hasOwn(builtInRoles, name)) {
    throw new PlombeError(
      'config/invalid',
      `A role cannot be defined under the name ${inert(JSON.stringify(name.slice(0, 60)))}.`,
      {
        remedy: `Use a-z, 0-9 and "-", at most 40, and none of: ${Object.keys(builtInRoles).join(', ')}.`,
      },
    );
  }
  database.transaction(() => {
    database.run('INSERT OR REPLACE INTO roles (name, rights) VALUES (?, ?)', name, JSON.stringify(rights));
    recordEvent(database, author, 'role.define', `role:${name}`, { rights });
  });
}

/** What is granted to whom. */
export interface GrantRequest {
  readonly role: string;
  readonly project: string;
  readonly principal: Principal;
  /** From now; absent: until it is revoked. */
  readonly lifeMs?: number;
}

/** Grants a role; the same grant again only moves its end. Returns its number. Throws `config/invalid`. */
export function addGrant(database: Database, request: GrantRequest, author: Author): number {
  const { role, lifeMs } = request;
  const project = parseProject(request.project);
  const principal = parsePrincipal(request.principal);
  if (rightsOfRole(database, role).length === 0) {
    throw new PlombeError('config/invalid', `There is no role ${inert(JSON.stringify(role.slice(0, 60)))}.`, {
      remedy: '`plombe roles list` shows them; `plombe roles define` makes one.',
    });
  }
  if (role === 'admin' && !isEverything(project)) {
    throw new PlombeError('config/invalid', 'The role admin is for everything.', {
      remedy: "Grant project-admin on the project, or admin with --project '*'.",
    });
  }
  const nowMs = author.clock.nowMs();
  return database.transaction(() => {
    const row = database.get<{ id: number }>(
      `INSERT INTO grants (role, project, kind, issuer, principal, granted_at_ms, expires_at_ms) VALUES (?, ?, ?, ?, ?, ?, ?)
       ON CONFLICT DO UPDATE SET granted_at_ms = excluded.granted_at_ms, expires_at_ms = excluded.expires_at_ms RETURNING id`,
      role,
      project,
      principal.kind,
      principal.issuer,
      principal.value,
      nowMs,
      lifeMs === undefined ? null : nowMs + lifeMs,
    );
    recordEvent(database, author, 'grant.add', principalText(principal), { role, project, lifeMs });
    return row?.id ?? 0;
  });
}

/** One spelling for each: an address in lower case, an issuer that is an address. */
function parsePrincipal(principal: Principal): Principal {
  const { kind, issuer } = principal;
  const value = kind === 'email' ? parseEmail(principal.value) : principal.value;
  if (value !== undefined && value !== '' && value.length <= 256 && /^https?:\/\/[^\s#]+$/.test(issuer)) {
    return { kind, issuer, value };
  }
  throw new PlombeError('config/invalid', `${inert(principalText(principal).slice(0, 300))} names nobody.`, {
    remedy: 'Name a person as ISSUER#SUBJECT, or an e-mail address or group together with its issuer.',
  });
}

interface GrantRow {
  readonly id: number;
  readonly role: string;
  readonly project: string;
  readonly kind: Principal['kind'];
  readonly issuer: string;
  readonly principal: string;
  readonly granted_at_ms: number;
  readonly expires_at_ms: number | null;
}

/** Returns all grants, by project, role and number. */
export function listGrants(database: Database): readonly GrantEntry[] {
  return database.all<GrantRow>('SELECT * FROM grants ORDER BY project, role, id').map((row) => ({
    id: row.id,
    role: row.role,
    project: row.project,
    principal: { kind: row.kind, issuer: row.issuer, value: row.principal },
    grantedAtMs: row.granted_at_ms,
    expiresAtMs: row.expires_at_ms ?? undefined,
  }));
}

/** Takes a grant back. Throws `config/invalid` where there is none of that number. */
export function removeGrant(database: Database, id: number, author: Author): void {
  database.transaction(() => {
    const row = database.get<GrantRow>('DELETE FROM grants WHERE id = ? RETURNING *', id);
    if (row === undefined) {
      throw new PlombeError('config/invalid', `There is no grant ${id}.`, {
        remedy: '`plombe roles list` shows them.',
      });
    }
    const { role, project, kind, issuer, principal } = row;
    recordEvent(database, author, 'grant.remove', principalText({ kind, issuer, value: principal }), { role, project });
  });
}

/** `person:ISSUER#SUBJECT`, `email:ISSUER#ADDRESS`, `group:ISSUER#GROUP`. */
export function principalText({ kind, issuer, value }: Principal): string {
  return `${kind}:${issuer}#${value}`;
}

/** Remembers the issuer that the server is configured for, so that commands need not name it. */
export function noteIssuer(database: Database, issuer: string, author: Author): void {
  database.transaction(() => {
    if (database.get('SELECT 1 FROM issuers WHERE issuer = ?', issuer) !== undefined) return;
    database.run('INSERT INTO issuers (issuer, noted_at_ms) VALUES (?, ?)', issuer, author.clock.nowMs());
    recordEvent(database, author, 'issuer.note', issuer);
  });
}

/** Returns the issuers that the server was ever started with. */
export function knownIssuers(database: Database): readonly string[] {
  return database.all<{ issuer: string }>('SELECT issuer FROM issuers ORDER BY issuer').map(({ issuer }) => issuer);
}
