// Keys for updates: where they come from, and that no message holds one.
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isPlombeError } from '@plombe/kit';
import { expect, test } from 'vitest';
import { updateSecrets } from './update-secrets.ts';

const path = join(mkdtempSync(join(tmpdir(), 'plombe-secret-')), 'key');
writeFileSync(path, 'of-the-file\n');

test.each([
  [{}, {}, {}],
  [{ PLOMBE_NVD_API_KEY: '' }, {}, {}],
  [{ PLOMBE_NVD_API_KEY: ' of-the-environment\n' }, {}, { nvd: 'of-the-environment' }],
  [{}, { nvdApiKeyFile: path }, { nvd: 'of-the-file' }],
  [{ PLOMBE_NVD_API_KEY: 'of-the-environment' }, { nvdApiKeyFile: path }, { nvd: 'of-the-environment' }],
])('of %j and %j', (environment, values, expected) => {
  expect(updateSecrets(values, environment)).toEqual(expected);
});

test('what cannot be sent is refused, and not shown', () => {
  try {
    updateSecrets({}, { PLOMBE_NVD_API_KEY: 'secret\r\nX-Other: 1' });
    expect.unreachable();
  } catch (error) {
    if (!isPlombeError(error)) throw error;
    expect([error.code, error.message.includes('secret')]).toEqual(['config/invalid', false]);
  }
});
