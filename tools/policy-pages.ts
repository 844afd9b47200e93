// Writes docs/schemas/policy-1.schema.json, policy-test-1.schema.json and the tables of docs/policy.md from the tables of fields; `--check` only compares.
import { readFileSync, writeFileSync } from 'node:fs';
import { documentKinds } from '@plombe/policy';

const root = new URL('../', import.meta.url);
const page = readFileSync(new URL('docs/policy.md', root), 'utf8');

/** The page with everything between a pair of markers replaced by the kind's table. */
function withTables(text: string): string {
  return Object.entries(documentKinds).reduce((done, [kind, { reference }]) => {
    const [start, end] = [`<!-- ${kind} -->`, `<!-- /${kind} -->`];
    const [before, rest] = done.split(start);
    const after = rest?.split(end)[1];
    if (before === undefined || after === undefined) throw new Error(`docs/policy.md has no ${start} … ${end}`);
    return `${before}${start}\n\n${reference.join('\n')}\n\n${end}${after}`;
  }, text);
}

const files: Readonly<Record<string, string>> = {
  'docs/policy.md': withTables(page),
  ...Object.fromEntries(
    Object.entries(documentKinds).map(([kind, { jsonSchema }]) => [
      `docs/schemas/${kind}-1.schema.json`,
      `${JSON.stringify(jsonSchema, null, 2)}\n`,
    ]),
  ),
};

for (const [path, text] of Object.entries(files)) {
  const place = new URL(path, root);
  if (process.argv.includes('--check')) {
    if (readFileSync(place, 'utf8') === text) continue;
    process.stderr.write(`${path} is not current: run node tools/policy-pages.ts\n`);
    process.exitCode = 1;
  } else writeFileSync(place, text);
}
