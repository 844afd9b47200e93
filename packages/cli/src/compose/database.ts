// Which advisory database a command uses: the one named, the one of this user, or the starter that comes with the program.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { hasDatabase, openDatabase, openStarter, type AdvisoryDatabase } from '@plombe/advisories';
import type { Context } from '@plombe/model';
import type { Settings } from '../settings/settings.ts';
import { cacheFolder, databaseFolder } from './folders.ts';

/** Opens it. Throws `database/missing` where `--db` names a folder without one, and `database/damaged`. */
export function openAdvisories(values: Settings, ctx: Context): AdvisoryDatabase {
  const options = {
    clock: ctx.clock,
    ...(values.maxAgeDays === undefined ? {} : { maxAgeDays: values.maxAgeDays }),
  };
  const folder = databaseFolder(values);
  if (values.db !== undefined || hasDatabase(folder)) return openDatabase(folder, options);
  return openStarter({ ...options, starter: starterFolder(), cache: join(cacheFolder(values), 'starter') });
}

/** The database that a scan would use: the one named or the user's own, else the starter. */
export function currentDatabaseFolder(values: Settings): { readonly path: string; readonly starter: boolean } {
  const path = databaseFolder(values);
  const starter = values.db === undefined && !hasDatabase(path);
  return { path: starter ? starterFolder() : path, starter };
}

/** Where the starter is, from this file: beside the executable; beside the bundle, of which this is a chunk; in its package. */
const starterPlaces = ['./starter/', '../starter/', '../../../advisories/starter/'];

function starterFolder(): string {
  const place = starterPlaces.find((relative) => existsSync(new URL(relative, import.meta.url))) ?? './starter/';
  return fileURLToPath(new URL(place, import.meta.url));
}
