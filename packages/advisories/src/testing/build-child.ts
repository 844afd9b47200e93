// Builds a database over and over in a process of its own, for tests that kill it: `node build-child.ts FEEDS DATABASE`.
import { buildTest } from './records.ts';

const [, , from = '', to = ''] = process.argv;
process.stdout.write('ready\n');
for (let round = 0; round < 1000; round++) await buildTest(`${from}/${round % 2}`, to, { acceptChange: true });
