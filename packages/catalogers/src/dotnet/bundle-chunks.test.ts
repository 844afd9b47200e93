// A single-file program is found however the layer's chunks cut it.
import { DotnetBundleReader } from '@plombe/formats';
import { expect, test } from 'vitest';
import { bundle, host } from './testing/programs.ts';

const program = bundle(host(), { 'app.dll': 'MZ', 'app.deps.json': '{"runtimeTarget":{}}' });
/** Of the mark that says where the list of files is. */
const markAt = 64_000;

test.each([-9, -8, -4, -1, 0, 1, 4, 7, 8, 9, 31, 32])('with a chunk that begins %i bytes behind the mark', (behind) => {
  const reader = new DotnetBundleReader();
  for (const chunk of [program.subarray(0, markAt + behind), program.subarray(markAt + behind)]) reader.write(chunk);
  expect(reader.finish()).toEqual({ deps: '{"runtimeTarget":{}}', assemblies: ['app.dll'] });
});
