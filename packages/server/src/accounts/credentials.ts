// Registry credentials of people: what docker login takes, for at most a working day.
import { randomBytes } from 'node:crypto';
import { PlombeError } from '@plombe/kit';
import type { Database } from '@plombe/store';
import { recordEvent, type Author } from './events.ts';
import type { Credential } from './robots.ts';
import { createSecret, hashSecret } from './secret.ts';

/** Longest life: whoever works longer logs in again, and a leaver's last credential is gone by the morning. */
export const maxCredentialLifeMs = 12 * 3_600_000;
/** A person has some machines. */
const maxAlive = 30;

/** Makes a credential for a person, whose end is at most 12 h away. Throws `config/invalid` where he has 30 already. */
export function createCredential(
  database: Database,
  person: { readonly number: number; readonly id: string },
  lifeMs: number,
  author: Author,
): Credential {
  const nowMs = author.clock.nowMs();
  const password = createSecret('login');
  // Nothing of the person: user names are sent to whoever asks for a login.
  const username = `login-${randomBytes(8).toString('hex')}`;
  const expiresAtMs = nowMs + Math.min(Math.max(lifeMs, 60_000), maxCredentialLifeMs);
  database.transaction(() => {
    const alive = database.get<{ count: number }>(
      'SELECT count(*) AS count FROM credentials WHERE person = ? AND revoked_at_ms IS NULL AND expires_at_ms > ?',
      person.number,
      nowMs,
    );
    if ((alive?.count ?? 0) >= maxAlive) {
      throw new PlombeError('config/invalid', `There are ${maxAlive} credentials of ${person.id} already.`, {
        remedy: 'Log out where they are not needed (plombe logout), or wait for them to end.',
      });
    }
    database.run(
      'INSERT INTO credentials (person, username, secret_hash, created_at_ms, expires_at_ms) VALUES (?, ?, ?, ?, ?)',
      person.number,
      username,
      hashSecret(password),
      nowMs,
      expiresAtMs,
    );
    recordEvent(database, author, 'credential.create', person.id, { username, expiresAtMs });
  });
  return { username, password, expiresAtMs };
}

/** Ends one credential. */
export function revokeCredential(database: Database, username: string, author: Author): void {
  database.transaction(() => {
    const nowMs = author.clock.nowMs();
    database.run(
      'UPDATE credentials SET revoked_at_ms = ? WHERE username = ? AND revoked_at_ms IS NULL',
      nowMs,
      username,
    );
    recordEvent(database, author, 'credential.revoke', author.actor, { username });
  });
}
