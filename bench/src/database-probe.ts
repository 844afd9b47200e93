// Run as its own process: opens a database, matches one package, then a whole list, and prints the CPU time of each as JSON.
import { readFileSync } from 'node:fs';
import { openDatabase } from '@plombe/advisories';
import { parsePurlList } from '@plombe/engine';

const [folder = '', list = ''] = process.argv.slice(2);
const text = readFileSync(list, 'utf8');
const one = parsePurlList('pkg:npm/lodash@4.17.20', 'first');
const clock = { nowMs: () => Date.now() };

const beforeOpen = process.cpuUsage();
const database = openDatabase(folder, { clock });
const first = database.match(one);
const opened = process.cpuUsage(beforeOpen);

const inventory = parsePurlList(text, 'list');
const beforeMatch = process.cpuUsage();
const result = database.match(inventory);
const matched = process.cpuUsage(beforeMatch);
database.close();

process.stdout.write(
  JSON.stringify({
    openMs: (opened.user + opened.system) / 1000,
    matchMs: (matched.user + matched.system) / 1000,
    packages: inventory.packages.length,
    findings: result.findings.length,
    firstFindings: first.findings.length,
  }),
);
