import { describe, expect, it } from 'vitest';
import { isPlombeError } from '@plombe/kit';
import { databaseSchemaVersion, parseManifest } from './manifest.ts';

function refusal(manifest: unknown): string {
  try {
    parseManifest(JSON.stringify(manifest), 'manifest.json');
  } catch (thrown) {
    if (isPlombeError(thrown, 'database/damaged')) return thrown.message;
    throw thrown;
  }
  return '';
}

describe('a manifest', () => {
  it.each([
    [1, `manifest.json has schema version 1; this release reads ${databaseSchemaVersion}.`],
    [{ toString: 1 }, `manifest.json has schema version ?; this release reads ${databaseSchemaVersion}.`],
    ['\u001b[2J\u202e', `manifest.json has schema version ?; this release reads ${databaseSchemaVersion}.`],
  ])('of the schema version %j is refused', (schemaVersion, message) => {
    expect(refusal({ schemaVersion, shards: [] })).toBe(message);
  });

  it('repeats no text that does harm in a terminal', () => {
    const shards = [{ id: 'a\u009b\u202eb', file: 'shards/a', sha256: 'ab'.repeat(32) }];
    expect(refusal({ schemaVersion: databaseSchemaVersion, shards })).toMatch(/^[\x20-\x7e]+$/);
  });
});
