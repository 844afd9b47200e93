// `plombe registry replication`: how far a server's copies to other registries are.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { inert, jsonText, PlombeError } from '@plombe/kit';
import { replicationMigrations, replicationStatus, type ReplicationStatus } from '@plombe/server';
import { openDatabase } from '@plombe/store';
import { ownOutputs } from '../compose/reports.ts';
import type { LoadedSettings } from '../settings/load.ts';
import { exitCodes } from '../terminal/failure.ts';
import { parseOutputs, writeReport } from '../terminal/output.ts';

const formats = ['text', 'json'];

/** Prints the state of each rule; exit code 1 where something fails. Throws `config/invalid`, `store/unusable`. */
export function replicationCommand(loaded: LoadedSettings, flags: Readonly<Record<string, unknown>>): number {
  const targets = parseOutputs(ownOutputs(loaded, formats), formats, 'text');
  const folder = String(flags['data']);
  if (!existsSync(join(folder, 'state.db'))) {
    throw new PlombeError('config/invalid', `--data ${inert(folder)} is no folder of a server: it has no state.db.`, {
      remedy: 'Name the folder that plombe serve --data names.',
    });
  }
  const db = openDatabase(join(folder, 'state.db'), replicationMigrations);
  try {
    const rules = replicationStatus(db);
    for (const target of targets) {
      writeReport(target, [target.format === 'json' ? `${jsonText({ rules })}\n` : describe(rules)]);
    }
    return rules.some(({ failing }) => failing > 0) ? exitCodes.findings : exitCodes.fine;
  } finally {
    db.close();
  }
}

function describe(rules: readonly ReplicationStatus[]): string {
  if (rules.length === 0) return 'Nothing was copied, and nothing waits.\n';
  return rules
    .map(({ rule, copied, waiting, failing, lastCopiedAt, lastFailure }) => {
      const last = lastCopiedAt === undefined ? '' : `, last at ${lastCopiedAt}`;
      const why = lastFailure === undefined ? '' : `\n  ${inert(lastFailure)}`;
      return `${rule}: ${copied} copied${last}; ${waiting} waiting, ${failing} of them failed before${why}\n`;
    })
    .join('');
}
