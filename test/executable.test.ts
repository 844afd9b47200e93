// The single executable says what the bundle of the same build says: its parts are in it, and the starter database is beside it.
import { spawnSync } from 'node:child_process';
import { statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { temporaryFolder } from './support/plombe.ts';

const bundle = fileURLToPath(new URL('../dist/plombe.mjs', import.meta.url));
const executable = fileURLToPath(new URL('../dist/plombe', import.meta.url));
const home = temporaryFolder();
const environment = { HOME: home, NODE_NO_WARNINGS: '1' };

/** Both are there, and the bundle was not built anew since. */
function areOfOneBuild(): boolean {
  const [first, second] = [bundle, executable].map((path) => statSync(path, { throwIfNoEntry: false })?.mtimeMs);
  if (first !== undefined && second !== undefined && second >= first) return true;
  console.warn('SKIPPED: dist/ has no executable of the same build as its bundle; npm run build makes both');
  return false;
}

/** When a document was made, and its id, which follows from that. */
const moments = /urn:uuid:[0-9a-f-]+|\d{4}-\d\d-\d\dT[\d:.]+Z/g;

function run(command: string, args: readonly string[]): object {
  const { status, stdout, stderr } = spawnSync(command, args, { env: environment, cwd: home, encoding: 'utf8' });
  return { status, stdout: stdout.replace(moments, ''), stderr };
}

it.skipIf(!areOfOneBuild()).each([
  ['the version', ['--version'], 0],
  ['help', ['custody', 'export', '--help'], 0],
  ['settings of a file, read by a package', ['config', 'explain'], 0],
  ['an inventory', ['sbom', 'purls:list', '-o', 'spdx'], 0],
  ['findings by the starter database', ['scan', 'purls:list', '--allow', 'stale,partial'], 0],
  ['a schema', ['policy', 'schema'], 0],
  ['a wrong flag', ['verify', '--kye', 'x'], 2],
  ['a failure', ['ledger', 'verify', '--ledger', 'nowhere'], 4],
] as const)('%s', (_, args, status) => {
  writeFileSync(join(home, 'plombe.yaml'), 'quiet: true\n');
  writeFileSync(join(home, 'list'), 'pkg:npm/lodash@4.17.4\npkg:apk/alpine/musl@1.2.5-r0?distro=alpine-3.20\n');
  const said = run(process.execPath, [bundle, ...args]);
  expect(said).toMatchObject({ status });
  expect(run(executable, args)).toEqual(said);
});
