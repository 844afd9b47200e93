// `plombe db`: fetch, build, show and check the advisory database.
import {
  buildFromDirectory,
  databaseStatus,
  enrichments,
  feeds,
  knownEcosystem,
  requestsOf,
  updateDatabase,
  verifyDatabase,
  type BuildResult,
  type DatabaseStatus,
} from '@plombe/advisories';
import { layoutTable } from '@plombe/engine';
import { inert, jsonText, PlombeError } from '@plombe/kit';
import { openSession } from '../compose/context.ts';
import { currentDatabaseFolder } from '../compose/database.ts';
import { databaseFolder } from '../compose/folders.ts';
import { updateFetch } from '../compose/fetch.ts';
import { ownOutputs } from '../compose/reports.ts';
import { updateSecrets } from '../compose/update-secrets.ts';
import type { LoadedSettings } from '../settings/load.ts';
import type { Settings } from '../settings/settings.ts';
import { exitCodes } from '../terminal/failure.ts';
import { parseOutputs, print, writeReport } from '../terminal/output.ts';
import { version } from '../version.ts';

type Flags = Readonly<Record<string, unknown>>;

const lists = { feeds, enrichments };

/** Builds from a folder of feeds. Returns 3 where a feed was refused and its last good shard stays. */
export async function buildCommand(values: Settings, flags: Flags): Promise<number> {
  const { ctx, progress } = openSession(values);
  const to = databaseFolder(values);
  const from = String(flags['from']);
  try {
    const result = await buildFromDirectory({ ...common(values, flags), from, ctx });
    progress.clear();
    return report(result, to);
  } finally {
    progress.clear();
  }
}

/** Fetches what changed upstream and builds it. Returns 3 where a feed could not be had or was refused. */
export async function updateCommand(values: Settings, flags: Flags): Promise<number> {
  const { ctx, progress } = openSession(values);
  if (values.offline === true) {
    throw new PlombeError(
      'config/invalid',
      'db update needs the network, and --offline turns it off. Use db build --from DIR.',
    );
  }
  try {
    const settings = common(values, flags);
    const unheard = settings.only?.find((name) => !isFetched(name));
    if (unheard !== undefined) throw unknownName(unheard);
    const fetch = updateFetch(values);
    const secrets = updateSecrets(values, process.env);
    const result = await updateDatabase({ ...settings, secrets, ctx: { ...ctx, fetch } });
    progress.clear();
    return report(result, databaseFolder(values));
  } finally {
    progress.clear();
  }
}

function common(values: Settings, flags: Flags) {
  const only = (flags['ecosystem'] as readonly string[] | undefined)?.map(ecosystemNamed);
  return {
    to: databaseFolder(values),
    tool: `plombe ${version}`,
    lists,
    ...(only === undefined ? {} : { only }),
    ...(flags['acceptShrink'] === true ? { acceptChange: true } : {}),
  };
}

/** True where a feed fetches something for the name: an update of it never ends as if there were nothing new. */
function isFetched(name: string): boolean {
  return feeds.some((feed) => requestsOf(feed, [name]).length > 0);
}

/** As OSV spells it, whatever the case; the ids of feeds and shards stay as they are. Throws `config/invalid` for what no feed knows. */
function ecosystemNamed(given: string): string {
  const [base = '', ...release] = given.split(':');
  const known = knownEcosystem(base);
  const spellings = [given, ...(known === undefined ? [] : [[known, ...release].join(':')]), given.toLowerCase()];
  const name = spellings.find(isFetched);
  if (name !== undefined) return name;
  if (known !== undefined) return [known, ...release].join(':');
  if (feeds.some(({ id }) => id === given || given.startsWith(`${id}-`))) return given;
  throw unknownName(given);
}

function unknownName(given: string): PlombeError {
  return new PlombeError('config/invalid', `There is no ecosystem or feed ${inert(given)}.`, {
    remedy: `Name an ecosystem as OSV does (Alpine, Debian:12, Go, npm), a shard, or a feed: ${feeds.map(({ id }) => id).join(', ')}.`,
  });
}

function report({ shards, diagnostics, complete }: BuildResult, to: string): number {
  const rows = layoutTable(
    [
      { title: 'SHARD', text: ({ id }) => inert(id), dropOrder: 0 },
      {
        title: 'OUTCOME',
        text: ({ outcome, missing }) => (missing === true ? `${outcome}, none before` : outcome),
        dropOrder: 0,
      },
      { title: 'RECORDS', text: ({ records }) => String(records), dropOrder: 0, alignRight: true },
    ],
    shards,
    120,
  );
  print(`${rows.join('\n')}\n`);
  for (const note of diagnostics) process.stderr.write(`plombe: ${note.level} ${inert(note.message)} [${note.code}]\n`);
  const held = shards.filter(({ missing }) => missing !== true).length;
  print(`${held} of ${shards.length} shards in ${inert(to)}\n`);
  return complete ? exitCodes.fine : exitCodes.notAssessed;
}

const statusFormats = ['table', 'json'];
const starterNote = 'This is the starter database that comes with plombe. `plombe db update` fetches current data.\n';

/** Prints each shard of the database that a scan would use as a row, or as JSON with `-o json`. Returns 0. */
export function statusCommand(loaded: LoadedSettings): number {
  const { values } = loaded;
  const { path, starter } = currentDatabaseFolder(values);
  const status = databaseStatus(path, statusOptions(values));
  for (const target of parseOutputs(ownOutputs(loaded, statusFormats), statusFormats, 'table')) {
    const text = target.format === 'json' ? `${jsonText(status, 2)}\n` : describe(status);
    writeReport(target, [text]);
  }
  if (starter) process.stderr.write(starterNote);
  return exitCodes.fine;
}

/** Reads every shard and compares its digest. Returns 4 where one is damaged. */
export function verifyCommand(values: Settings): number {
  const status = verifyDatabase(databaseFolder(values), statusOptions(values));
  print(describe(status));
  return status.shards.some(({ state }) => state === 'damaged') ? exitCodes.unreadable : exitCodes.fine;
}

function statusOptions(values: Settings) {
  const { ctx } = openSession(values);
  return { clock: ctx.clock, ...(values.maxAgeDays === undefined ? {} : { maxAgeDays: values.maxAgeDays }) };
}

function describe(status: DatabaseStatus): string {
  const rows = layoutTable(
    [
      { title: 'SHARD', text: ({ id }) => inert(id), dropOrder: 0 },
      { title: 'STATE', text: ({ state }) => state, dropOrder: 0 },
      {
        title: 'AGE',
        text: ({ ageDays }) => (ageDays === undefined ? '?' : `${Math.floor(ageDays)} d`),
        dropOrder: 0,
        alignRight: true,
      },
      { title: 'RECORDS', text: ({ records }) => String(records), dropOrder: 1, alignRight: true },
      { title: 'KIND', text: ({ kind }) => kind, dropOrder: 2 },
      { title: 'DATA OF', text: ({ dataDate }) => (dataDate ?? '?').slice(0, 10), dropOrder: 2 },
      { title: 'LICENCE', text: ({ licence }) => inert(licence ?? '?'), dropOrder: 3, elastic: true, maxWidth: 40 },
    ],
    status.shards,
    process.stdout.isTTY ? process.stdout.columns : 160,
  );
  const size = (status.bytes / 1048576).toFixed(1);
  return [
    ...rows,
    `${status.shards.length} shards, ${size} MiB, built ${status.builtAt} by ${inert(status.tool)} in ${inert(status.path)}`,
    '',
  ].join('\n');
}
