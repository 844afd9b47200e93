// The tables of accounts in state.db: robots, people and their credentials, roles and grants, sessions, and who changed what.
import type { Migration } from '@plombe/store';

/** Tables of the module `accounts`. Times are milliseconds since the epoch; secrets are there as hashes only. */
export const accountMigrations: readonly Migration[] = [
  {
    module: 'accounts',
    version: 1,
    sql: `
      CREATE TABLE robots (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        name TEXT NOT NULL,
        secret_hash BLOB NOT NULL,
        repositories TEXT NOT NULL,
        actions TEXT NOT NULL,
        created_at_ms INTEGER NOT NULL,
        expires_at_ms INTEGER NOT NULL,
        revoked_at_ms INTEGER
      ) STRICT;
      CREATE UNIQUE INDEX robots_in_use ON robots (name) WHERE revoked_at_ms IS NULL;
      CREATE TABLE people (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        issuer TEXT NOT NULL,
        subject TEXT NOT NULL,
        name TEXT NOT NULL,
        email TEXT,
        groups TEXT NOT NULL,
        groups_left_out INTEGER NOT NULL,
        first_login_ms INTEGER NOT NULL,
        last_login_ms INTEGER NOT NULL,
        disabled_at_ms INTEGER,
        UNIQUE (issuer, subject)
      ) STRICT;
      CREATE TABLE credentials (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        person INTEGER NOT NULL REFERENCES people (id),
        username TEXT NOT NULL UNIQUE,
        secret_hash BLOB NOT NULL,
        created_at_ms INTEGER NOT NULL,
        expires_at_ms INTEGER NOT NULL,
        revoked_at_ms INTEGER
      ) STRICT;
      CREATE TABLE sessions (
        secret_hash BLOB PRIMARY KEY,
        person INTEGER NOT NULL REFERENCES people (id),
        csrf TEXT NOT NULL,
        expires_at_ms INTEGER NOT NULL
      ) STRICT;
      CREATE TABLE spent_tokens (token_hash BLOB PRIMARY KEY, expires_at_ms INTEGER NOT NULL) STRICT;
      CREATE TABLE issuers (issuer TEXT PRIMARY KEY, noted_at_ms INTEGER NOT NULL) STRICT;
      CREATE TABLE roles (name TEXT PRIMARY KEY, rights TEXT NOT NULL) STRICT;
      CREATE TABLE grants (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        role TEXT NOT NULL,
        project TEXT NOT NULL,
        kind TEXT NOT NULL CHECK (kind IN ('person', 'email', 'group')),
        issuer TEXT NOT NULL,
        principal TEXT NOT NULL,
        granted_at_ms INTEGER NOT NULL,
        expires_at_ms INTEGER,
        UNIQUE (role, project, kind, issuer, principal)
      ) STRICT;
      CREATE INDEX grants_by_principal ON grants (issuer, kind, principal);
      CREATE TABLE account_events (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        at_ms INTEGER NOT NULL,
        actor TEXT NOT NULL,
        event TEXT NOT NULL,
        target TEXT NOT NULL,
        details TEXT NOT NULL
      ) STRICT;
      CREATE TRIGGER account_events_stay BEFORE UPDATE ON account_events BEGIN SELECT RAISE(ABORT, 'append only'); END;
      CREATE TRIGGER account_events_remain BEFORE DELETE ON account_events BEGIN SELECT RAISE(ABORT, 'append only'); END;
    `,
  },
];
