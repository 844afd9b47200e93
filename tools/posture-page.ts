// Writes the tables of docs/posture.md from the list of checks; `--check` only says whether it is current.
import { readFileSync, writeFileSync } from 'node:fs';
import { controlsOf, postureChecks } from '@plombe/connectors';

const path = new URL('../docs/posture.md', import.meta.url);
const areas: Readonly<Record<string, string>> = {
  outside: 'Any registry, from outside',
  acr: 'Azure Container Registry',
  harbor: 'Harbor',
  msr: 'Docker Trusted Registry, Mirantis Secure Registry',
};

const tables = Object.entries(areas).map(([area, title]) => {
  const rows = postureChecks
    .filter(({ id }) => id.startsWith(`${area}/`))
    .map((check) => {
      const texts = `${check.title.en}<br>${check.title.de}`;
      return `| \`${check.id}\` | ${check.severity} | ${texts} | ${check.fix.en} | ${controlsOf(check).join('<br>')} |`;
    });
  return [
    `### ${title}`,
    '',
    '| check | severity | holds where | what to do | controls |',
    '|---|---|---|---|---|',
    ...rows,
  ].join('\n');
});

const [start, end] = ['<!-- checks -->', '<!-- /checks -->'];
const page = readFileSync(path, 'utf8');
const [before, rest] = page.split(start);
const after = rest?.split(end)[1];
if (before === undefined || after === undefined) throw new Error(`docs/posture.md has no ${start} … ${end}`);
const made = `${before}${start}\n\n${tables.join('\n\n')}\n\n${end}${after}`;

if (process.argv.includes('--check')) {
  if (page !== made) {
    process.stderr.write('docs/posture.md is not current: run node tools/posture-page.ts\n');
    process.exitCode = 1;
  }
} else writeFileSync(path, made);
