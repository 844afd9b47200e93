// People: known since they first logged in, with what their issuer last said of them.
import { inert, PlombeError } from '@plombe/kit';
import type { Database } from '@plombe/store';
import { recordEvent, type Author } from './events.ts';

/** What a verified ID token says of a person. */
export interface PersonClaims {
  readonly issuer: string;
  readonly subject: string;
  readonly name: string;
  /** Only where the issuer says that it verified it. */
  readonly email?: string;
  readonly groups: readonly string[];
  /** The issuer named none, because there are too many. */
  readonly groupsLeftOut: boolean;
}

/** Returns an e-mail address in the one spelling that is compared; undefined for what is none, or has letters that look like others. */
export function parseEmail(text: string): string | undefined {
  return /^[\x21-\x3f\x41-\x7e]{1,64}@[A-Za-z0-9.-]{1,190}$/.test(text) ? text.toLowerCase() : undefined;
}

/** A person as he may be shown. */
export interface Person {
  /** `ISSUER#SUBJECT`, as grants and commands name him. */
  readonly principal: string;
  readonly name: string;
  readonly email: string | undefined;
  readonly groups: readonly string[];
  readonly firstLoginMs: number;
  readonly lastLoginMs: number;
  readonly disabled: boolean;
  /** Registry credentials that live. */
  readonly credentials: number;
}

/** Notes a login with all that changed. Returns the person's number; undefined where he was disabled. */
export function noteLogin(database: Database, claims: PersonClaims, author: Author): number | undefined {
  const { issuer, subject, name, groups } = claims;
  const email = claims.email ?? null;
  const nowMs = author.clock.nowMs();
  return database.transaction(() => {
    const row = database.get<{ id: number; disabled_at_ms: number | null }>(
      `INSERT INTO people (issuer, subject, name, email, groups, groups_left_out, first_login_ms, last_login_ms) VALUES (?1, ?2, ?3, ?4, ?5, ?7, ?6, ?6)
       ON CONFLICT (issuer, subject) DO UPDATE SET name = ?3, email = ?4, groups = ?5, groups_left_out = ?7, last_login_ms = ?6
       RETURNING id, disabled_at_ms`,
      issuer,
      subject,
      name,
      email,
      JSON.stringify(groups),
      nowMs,
      claims.groupsLeftOut ? 1 : 0,
    );
    recordEvent(database, author, 'person.login', `person:${issuer}#${subject}`, {
      email,
      groups,
      refused: row?.disabled_at_ms !== null,
    });
    return row?.disabled_at_ms === null ? row.id : undefined;
  });
}

interface PersonRow {
  readonly id: number;
  readonly issuer: string;
  readonly subject: string;
  readonly name: string;
  readonly email: string | null;
  readonly groups: string;
  readonly first_login_ms: number;
  readonly last_login_ms: number;
  readonly disabled_at_ms: number | null;
  readonly credentials: number;
}

/** Returns everybody who ever logged in, by issuer and subject. */
export function listPeople(database: Database, nowMs: number): readonly Person[] {
  const rows = database.all<PersonRow>(
    `SELECT *, (SELECT count(*) FROM credentials WHERE person = people.id AND revoked_at_ms IS NULL AND expires_at_ms > ?) AS credentials
     FROM people ORDER BY issuer, subject`,
    nowMs,
  );
  return rows.map((row) => ({
    principal: `${row.issuer}#${row.subject}`,
    name: row.name,
    email: row.email ?? undefined,
    groups: JSON.parse(row.groups) as string[],
    firstLoginMs: row.first_login_ms,
    lastLoginMs: row.last_login_ms,
    disabled: row.disabled_at_ms !== null,
    credentials: row.credentials,
  }));
}

/**
 * Locks a person out: sessions and credentials end at once, and the issuer's word opens none. Named by `ISSUER#SUBJECT`, or by an e-mail address
 * that one person has. Returns his principal. Throws `config/invalid`.
 */
export function disablePerson(database: Database, named: string, author: Author): string {
  return database.transaction(() => {
    const person = findPerson(database, named);
    const nowMs = author.clock.nowMs();
    database.run('UPDATE people SET disabled_at_ms = coalesce(disabled_at_ms, ?) WHERE id = ?', nowMs, person.id);
    database.run(
      'UPDATE credentials SET revoked_at_ms = ? WHERE person = ? AND revoked_at_ms IS NULL',
      nowMs,
      person.id,
    );
    database.run('DELETE FROM sessions WHERE person = ?', person.id);
    recordEvent(database, author, 'person.disable', `person:${person.principal}`);
    return person.principal;
  });
}

/** Lets a person log in again; what ended stays ended. Throws `config/invalid`. */
export function enablePerson(database: Database, named: string, author: Author): string {
  return database.transaction(() => {
    const person = findPerson(database, named);
    database.run('UPDATE people SET disabled_at_ms = NULL WHERE id = ?', person.id);
    recordEvent(database, author, 'person.enable', `person:${person.principal}`);
    return person.principal;
  });
}

function findPerson(database: Database, named: string): { readonly id: number; readonly principal: string } {
  const rows = database.all<{ id: number; principal: string }>(
    "SELECT id, issuer || '#' || subject AS principal FROM people WHERE issuer || '#' || subject = ?1 OR email = ?2 LIMIT 2",
    named,
    parseEmail(named) ?? null,
  );
  const [person] = rows;
  if (person !== undefined && rows.length === 1) return person;
  const shown = inert(named.slice(0, 200));
  const message =
    person === undefined ? `Nobody named ${shown} has logged in.` : `More than one person has the address ${shown}.`;
  throw new PlombeError('config/invalid', message, {
    remedy: '`plombe people list` shows everybody as ISSUER#SUBJECT.',
  });
}
