// A document's name is a name of a file, and hostile as such: errors that say it are inert (T21).
import { expect, test } from 'vitest';
import { memoryDocument, signal } from '../testing/documents.ts';
import { readJson } from './json.ts';

test('T21 an error names a document without what a terminal obeys', async () => {
  const document = memoryDocument('a\u001b[2J\n##vso[task]', 'no JSON');
  const error = await readJson(document, 1000, signal).catch((thrown: unknown) => thrown);
  expect(error).toMatchObject({ code: 'feed/malformed' });
  expect(String(error)).toContain('a\\u{1b}[2J\\u{a}#\\u{23}vso[task] (test) is not JSON');
});
