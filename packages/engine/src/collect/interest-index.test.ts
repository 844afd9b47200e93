// Terms: an interest is asked about what meets one of them, in the order of the list, and one without terms about everything.
import type { FileInterest } from '@plombe/catalogers';
import { expect, test } from 'vitest';
import { InterestIndex } from './interest-index.ts';

const interest = (id: string, where?: FileInterest['where']): FileInterest => ({
  id,
  wantsVersion: 1,
  ...(where === undefined ? {} : { where }),
  wants: () => undefined,
});

const index = new InterestIndex([
  interest('names', { names: ['status', '.packlist'] }),
  interest('always'),
  interest('extensions', { extensions: ['jar', 'spdx'], names: ['status'] }),
  interest('folders', { folders: ['conda-meta', 'status.d'] }),
]);

test.each([
  ['bin/sh', 'always'],
  ['', 'always'],
  ['status', 'names always extensions'],
  ['var/lib/dpkg/status', 'names always extensions'],
  ['usr/lib/perl5/.packlist', 'names always'],
  ['app/a.jar', 'always extensions'],
  ['app/A.JAR', 'always extensions'],
  ['jar', 'always'],
  ['.jar', 'always extensions'],
  ['a.jar/b', 'always'],
  ['opt/conda-meta/x.json', 'always folders'],
  ['conda-meta/x', 'always folders'],
  ['conda-meta/sub/x', 'always'],
  ['var/lib/dpkg/status.d/status', 'names always extensions folders'],
])('%s', (path, asked) => {
  expect(
    index
      .of(path)
      .map(({ id }) => id)
      .join(' '),
  ).toBe(asked);
});
