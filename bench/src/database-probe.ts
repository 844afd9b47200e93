// Run as its own process: opens a database, matches one package, then a whole list, and prints the CPU time of each as JSON.
import { readFileSync } from 'node:fs';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
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
// What stripping the types of the sources left behind is no work of the matcher, and collecting it costs as much as a third of it.
setFlagsFromString('--expose-gc');
(runInNewContext('gc') as () => void)();
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
