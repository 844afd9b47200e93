// Sessions of uploads: so many in memory, and those beyond it found again.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { Readable } from 'node:stream';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { networkContext } from '@plombe/oci/testing/context';
import { defaultRules, openDatabase, openFolderBlobs, openRegistry, registryMigrations } from '@plombe/store';
import { acceptAll } from './accept-all.ts';
import { createUploadSessions } from './upload-sessions.ts';

test('begun uploads beyond what is held go on from disk, and the gate waits for them no longer', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'plombe-sessions-'));
  const ctx = networkContext();
  const db = openDatabase(join(folder, 'state.db'), registryMigrations);
  const blobs = openFolderBlobs(folder);
  const store = await openRegistry({ db, blobs, folder, rules: defaultRules, clock: ctx.clock });
  onTestFinished(async () => {
    await store.close();
    db.close();
    rmSync(folder, { recursive: true });
  });
  const told: Promise<unknown>[] = [];
  const sessions = createUploadSessions(store, { ...acceptAll, observe: ({ done }) => void told.push(done) }, ctx, 3);
  const taken = sessions.begin('a', 'sha256');
  expect(taken.take()).toBe(true);
  const first = sessions.begin('a', 'sha256');
  await first.observe();
  await first.staged.append(Readable.from([Buffer.from('bytes')]));
  await first.staged.release();
  for (let i = 0; i < 10; i++) sessions.begin('a', 'sha256');
  expect(sessions.open()).toBe(3);
  expect(await told[0]).toBeUndefined();
  // Whoever works on it keeps it.
  expect(await sessions.find(taken.id, 'a')).toBe(taken);
  expect((await sessions.find(first.id, 'a'))?.staged.size()).toBe(5);
  expect(await sessions.find(first.id, 'b')).toBeUndefined();
});
