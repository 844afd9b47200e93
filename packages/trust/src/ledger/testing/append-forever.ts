// Appends batches to the ledger in the folder given until it is killed, and prints each answer once it has it.
import { writeSync } from 'node:fs';
import { folderStore } from '../folder.ts';
import { openWriter } from '../writer.ts';
import { digestOf, randomOf } from './ledgers.ts';

const [folder = '', seed = '1'] = process.argv.slice(2);
const random = randomOf(Number(seed));
const writer = await openWriter(folderStore(folder), { nowMs: () => Date.now() });
for (;;) {
  const batch = Array.from({ length: 1 + random(random(4) === 0 ? 400 : 5) }, () => ({
    digest: digestOf(random(7)),
    kind: 'run' as const,
    content: { at: random(1e6) },
  }));
  const answers = await writer.append(batch);
  writeSync(1, answers.map((answer) => `${JSON.stringify(answer)}\n`).join(''));
}
