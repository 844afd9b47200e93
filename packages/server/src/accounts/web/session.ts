// Sessions of people in a browser: a random cookie, of which the server keeps the hash.
import type { IncomingMessage } from 'node:http';
import type { Clock } from '@plombe/model';
import type { Database } from '@plombe/store';
import type { Account, Directory } from '../directory.ts';
import { createSecret, hashSecret, secretMatches } from '../secret.ts';

export interface Session {
  readonly account: Account;
  /** Number of the person. */
  readonly person: number;
  /** The issuer named no groups of the person, because there are too many. */
  readonly groupsLeftOut: boolean;
  /** What each form of the session carries. */
  readonly csrf: string;
}

/** A working day. */
const sessionLifeMs = 12 * 3_600_000;
/** `__Host-`: from this host alone, by https, for all paths (RFC 6265bis, 4.1.3.2). */
export const sessionCookie = '__Host-plombe';
export const loginCookie = '__Host-plombe-login';

/** Begins a session and returns its cookie's value. Sessions that are over are removed on the way. */
export function beginSession(database: Database, person: number, clock: Clock): string {
  const secret = createSecret('session');
  const nowMs = clock.nowMs();
  database.run('DELETE FROM sessions WHERE expires_at_ms <= ?', nowMs);
  database.run(
    'INSERT INTO sessions (secret_hash, person, csrf, expires_at_ms) VALUES (?, ?, ?, ?)',
    hashSecret(secret),
    person,
    createSecret('session'),
    nowMs + sessionLifeMs,
  );
  return secret;
}

/** Returns the session of a request; undefined where there is none, it is over, or the person was disabled. */
export function sessionOf(
  { database, directory, clock }: { database: Database; directory: Directory; clock: Clock },
  request: IncomingMessage,
): Session | undefined {
  const secret = cookieOf(request, sessionCookie);
  if (secret === undefined) return undefined;
  const row = database.get<{ person: number; csrf: string; expires_at_ms: number; groups_left_out: number }>(
    'SELECT person, csrf, expires_at_ms, groups_left_out FROM sessions JOIN people ON people.id = person WHERE secret_hash = ?',
    hashSecret(secret),
  );
  if (row === undefined || row.expires_at_ms <= clock.nowMs()) return undefined;
  const account = directory.bySerial(`person:${row.person}`);
  return account === undefined
    ? undefined
    : { account, person: row.person, csrf: row.csrf, groupsLeftOut: row.groups_left_out === 1 };
}

/** Ends the session of a request. */
export function endSession(database: Database, request: IncomingMessage): void {
  const secret = cookieOf(request, sessionCookie);
  if (secret !== undefined) database.run('DELETE FROM sessions WHERE secret_hash = ?', hashSecret(secret));
}

/** Returns a cookie's value; undefined where it is absent or there twice: which of them counts, nobody knows. */
export function cookieOf(request: IncomingMessage, name: string): string | undefined {
  const values = (request.headers.cookie ?? '').split(';').flatMap((pair) => {
    const equals = pair.indexOf('=');
    return pair.slice(0, equals).trim() === name ? [pair.slice(equals + 1).trim()] : [];
  });
  return values.length === 1 ? values[0] : undefined;
}

/** Returns `Set-Cookie`; no script reads it, no other site sends it along but by a link. An empty value removes the cookie. */
export function setCookie(name: string, value: string, maxAgeSeconds: number): string {
  const age = value === '' ? 0 : maxAgeSeconds;
  return `${name}=${value}; Path=/; Max-Age=${age}; HttpOnly; Secure; SameSite=Lax`;
}

/** `Max-Age` of a session's cookie. */
export const sessionSeconds = sessionLifeMs / 1000;

/** True where a form was sent by a page of this session: from the same origin, with the session's token. (T65) */
export function isOwnForm(request: IncomingMessage, origin: string, session: Session, token: string | null): boolean {
  const { origin: from, 'sec-fetch-site': site } = request.headers;
  if (from !== undefined && from !== origin) return false;
  if (site !== undefined && site !== 'same-origin') return false;
  return secretMatches(token ?? '', hashSecret(session.csrf));
}
