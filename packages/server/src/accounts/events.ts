// The record of every change to accounts: time, who, what, of whom. Rows are only ever added.
import type { Clock } from '@plombe/model';
import type { Database } from '@plombe/store';

/** What changed. Names are stable. */
export type AccountEvent =
  | 'robot.create'
  | 'robot.revoke'
  | 'person.login'
  | 'person.disable'
  | 'person.enable'
  | 'credential.create'
  | 'credential.revoke'
  | 'role.define'
  | 'grant.add'
  | 'grant.remove'
  | 'issuer.note';

/** Who changes accounts, and when. `actor` is an identity's id, or `command:USER`. */
export interface Author {
  readonly actor: string;
  readonly clock: Clock;
}

/** Adds an event; belongs into the transaction of the change. `details` never holds a secret. */
export function recordEvent(
  database: Database,
  { actor, clock }: Author,
  event: AccountEvent,
  target: string,
  details: Readonly<Record<string, unknown>> = {},
): void {
  database.run(
    'INSERT INTO account_events (at_ms, actor, event, target, details) VALUES (?, ?, ?, ?, ?)',
    clock.nowMs(),
    actor,
    event,
    target,
    JSON.stringify(details),
  );
}

/** Returns a number that grows with every change to accounts, by whichever process: what was remembered before it is void. Some microseconds. */
export function generationOf(database: Database): number {
  return database.get<{ last: number | null }>('SELECT max(id) AS last FROM account_events')?.last ?? 0;
}
