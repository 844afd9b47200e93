// Kills a real writing process at random moments, again and again, while another reads.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { afterAll, expect, test } from 'vitest';
import { auditLedger } from './audit.ts';
import { parseCheckpoint, type Checkpoint } from './checkpoint.ts';
import { folderStore } from './folder.ts';
import { openReader, readRecords } from './reader.ts';
import { digestOf, makeLedger, randomOf, temporaryFolder } from './testing/ledgers.ts';
import { openWriter, type RecordAnswer } from './writer.ts';

const program = fileURLToPath(new URL('testing/append-forever.ts', import.meta.url));
const folder = temporaryFolder();
afterAll(() => folder.end());
const rounds = 15;
const clock = { nowMs: () => Date.now() };

test('kill -9 at any instant loses no acknowledged record and leaves no fork', async () => {
  const seed = Number(process.env['PLOMBE_SEED'] ?? 1);
  const random = randomOf(seed);
  await makeLedger(folder.path, [], { clock });
  const acknowledged: RecordAnswer[] = [];
  const seen: Checkpoint[] = [];
  const look = (): void => {
    const checkpoint = parseCheckpoint(readFileSync(join(folder.path, 'checkpoint'), 'utf8'));
    // A reader never meets half a checkpoint.
    expect(checkpoint).toBeDefined();
    if (checkpoint !== undefined && checkpoint.size !== seen.at(-1)?.size) seen.push(checkpoint);
  };
  for (let round = 0; round < rounds; round++) {
    const child = spawn(process.execPath, [
      '--disable-warning=ExperimentalWarning',
      program,
      folder.path,
      String(round),
    ]);
    const ended = once(child, 'close');
    let text = '';
    let complaint = '';
    child.stderr.on('data', (chunk: Buffer) => (complaint += chunk.toString()));
    child.stdout.on('data', (chunk: Buffer) => (text += chunk.toString()));
    await Promise.race([once(child.stdout, 'data'), ended]);
    expect(complaint).toBe('');
    if (round === 0)
      await expect(openWriter(folderStore(folder.path), clock)).rejects.toMatchObject({ code: 'ledger/locked' });
    const untilMs = performance.now() + random(60);
    while (performance.now() < untilMs) {
      look();
      await sleep(1);
    }
    child.kill('SIGKILL');
    await ended;
    look();
    // The last line may be cut off: then it was not answered.
    acknowledged.push(
      ...text
        .slice(0, text.lastIndexOf('\n') + 1)
        .split('\n')
        .filter(Boolean)
        .map((line) => JSON.parse(line) as RecordAnswer),
    );
  }
  const writer = await openWriter(folderStore(folder.path), clock);
  await writer.append([{ digest: digestOf(1), kind: 'retire' }]);
  await writer.close();
  look();
  expect(acknowledged.length).toBeGreaterThan(rounds);
  const store = folderStore(folder.path);
  const ledger = await openReader(store);
  for (let number = 0; number < 7; number++) {
    const records = await readRecords(ledger, digestOf(number));
    const indexes = new Map(records.map(({ index, statement }) => [statement.sequence, index]));
    const own = acknowledged.filter(({ digest }) => digest === digestOf(number));
    expect(own.filter(({ sequence, index }) => indexes.get(sequence) !== index)).toEqual([]);
  }
  const verdict = await auditLedger(store, seen, new AbortController().signal);
  expect(verdict).toMatchObject({ verdict: 'verified' });
}, 240_000);
