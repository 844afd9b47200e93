// The folders Plombe uses when nobody names others, by the XDG base directory specification.
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Settings } from '../settings/settings.ts';

function base(variable: string, ...fallback: string[]): string {
  const set = process.env[variable];
  if (set?.startsWith('/')) return join(set, 'plombe');
  const home = process.env['HOME'] ?? homedir();
  return home === '' ? join(tmpdir(), 'plombe') : join(home, ...fallback, 'plombe');
}

/** `--cache`, else `$XDG_CACHE_HOME/plombe`. */
export function cacheFolder(values: Settings): string {
  return values.cache ?? base('XDG_CACHE_HOME', '.cache');
}

/** `--db`, else `$XDG_DATA_HOME/plombe/db`. */
export function databaseFolder(values: Settings): string {
  return values.db ?? join(dataFolder(), 'db');
}

/** `$XDG_DATA_HOME/plombe`. */
export function dataFolder(): string {
  return base('XDG_DATA_HOME', '.local', 'share');
}
