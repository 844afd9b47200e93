// `plombe registry gc`: retention and garbage collection of a server's folder, whether the server runs or not.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { inert, jsonText, PlombeError } from '@plombe/kit';
import {
  applyRetention,
  collectGarbage,
  lockFolder,
  openDatabase,
  openRegistry,
  registryMigrations,
  type Collected,
  type Retired,
} from '@plombe/store';
import { openRememberedBlobs } from '../compose/blobs.ts';
import { openSession } from '../compose/context.ts';
import { registryRules } from '../compose/registry-rules.ts';
import { ownOutputs } from '../compose/reports.ts';
import type { LoadedSettings } from '../settings/load.ts';
import { exitCodes } from '../terminal/failure.ts';
import { parseOutputs, writeReport } from '../terminal/output.ts';

const formats = ['text', 'json'];

/** Applies the rules and collects; prints what went. Throws `config/invalid`, `store/unusable`. */
export async function collectCommand(
  loaded: LoadedSettings,
  flags: Readonly<Record<string, unknown>>,
): Promise<number> {
  const targets = parseOutputs(ownOutputs(loaded, formats), formats, 'text');
  const folder = String(flags['data']);
  if (!existsSync(join(folder, 'state.db'))) {
    throw new PlombeError('config/invalid', `--data ${inert(folder)} is no folder of a server: it has no state.db.`, {
      remedy: 'Name the folder that plombe serve --data names.',
    });
  }
  const rules = await registryRules(flags);
  const { ctx } = openSession(loaded.values);
  const db = openDatabase(join(folder, 'state.db'), registryMigrations);
  try {
    const blobs = await openRememberedBlobs(loaded.values, folder, db, ctx);
    const keepsLayout = !isServed(folder);
    const store = await openRegistry({ db, blobs, folder, rules, clock: ctx.clock, keepsLayout });
    const dryRun = flags['dryRun'] === true;
    const parts = { db, blobs, store, rules, clock: ctx.clock, signal: ctx.signal, dryRun };
    const result = { dryRun, ...(await applyRetention(parts)), ...(await collectGarbage(parts)) };
    await store.close();
    await db.durable();
    for (const target of targets) {
      writeReport(target, [target.format === 'json' ? `${jsonText(result)}\n` : describe(result)]);
    }
  } finally {
    db.close();
  }
  return exitCodes.fine;
}

/** A server that runs keeps the layout's index itself. */
function isServed(folder: string): boolean {
  try {
    lockFolder(join(folder, 'lock.db')).release();
    return false;
  } catch {
    return true;
  }
}

function describe({
  dryRun,
  tags,
  manifests,
  links,
  blobs,
  blobBytes,
  uploads,
}: Retired & Collected & { dryRun: boolean }): string {
  const verb = dryRun ? 'would be removed' : 'removed';
  const size = `${(blobBytes / 2 ** 20).toFixed(1)} MiB`;
  return `${verb}: ${tags} tags, ${manifests} manifests, ${links} blobs out of repositories, ${blobs} blobs of ${size}, ${uploads} uploads\n`;
}
