// Folders of the state where something else lies.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { isPlombeError } from '@plombe/kit';
import { expect, onTestFinished, test } from 'vitest';
import { defaultRules, openDatabase, openFolderBlobs, openRegistry, registryMigrations } from '../index.ts';

async function codeOf(file: string): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'plombe-state-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  mkdirSync(dirname(join(folder, file)), { recursive: true });
  if (file.endsWith('/')) mkdirSync(join(folder, file));
  else writeFileSync(join(folder, file), '');
  const db = openDatabase(join(folder, 'state.db'), registryMigrations);
  onTestFinished(() => db.close());
  try {
    const clock = { nowMs: () => 0 };
    const registry = await openRegistry({ db, blobs: openFolderBlobs(folder), folder, rules: defaultRules, clock });
    await registry.close();
    return 'fine';
  } catch (error) {
    return isPlombeError(error) ? error.code : 'another';
  }
}

test.each(['layout', 'layout/blobs/sha256', 'uploads', 'layout/oci-layout/', 'layout/index.json/'])(
  'T25 %s of another kind is store/unusable',
  async (file) => {
    expect(await codeOf(file)).toBe('store/unusable');
  },
);
