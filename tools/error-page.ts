// Writes docs/errors.md from the table of codes; `--check` only says whether it is current.
import { readFileSync, writeFileSync } from 'node:fs';
import { errorCodes } from '../packages/kit/src/error-codes.ts';

const path = new URL('../docs/errors.md', import.meta.url);
const rows = Object.entries(errorCodes).map(
  ([code, { meaning, remedy }]) => `| \`${code}\` | ${meaning} | ${remedy} |`,
);
const page = `# Error and diagnostic codes

Codes are stable: scripts may match on them. The same code is used for an error that ends a command and for a diagnostic that is
recorded with its result. This page is made by \`node tools/error-page.ts\` from \`packages/kit/src/error-codes.ts\`.

| code | meaning | what to do |
|---|---|---|
${rows.join('\n')}
`;

if (process.argv.includes('--check')) {
  if (readFileSync(path, 'utf8') !== page) {
    process.stderr.write('docs/errors.md is not current: run node tools/error-page.ts\n');
    process.exitCode = 1;
  }
} else writeFileSync(path, page);
