// The release build: dist/plombe.mjs with its parts in dist/chunks, one executable, dist/plombe, the manual pages and the starter database beside them.
import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { fileURLToPath } from 'node:url';
import { bundle } from './bundle.ts';
import { writeExecutable } from './executable.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const dist = `${root}dist`;
const starter = `${root}packages/advisories/starter`;

async function writeBundle(): Promise<void> {
  const [main, ...parts] = await bundle('esm', { head: '#!/usr/bin/env node' });
  mkdirSync(`${dist}/chunks`, { recursive: true });
  for (const { name, code } of [...parts, main]) writeFileSync(`${dist}/${name}`, code);
  chmodSync(`${dist}/${main.name}`, 0o755);
  const written = new Set(parts.map(({ name }) => name));
  for (const name of readdirSync(`${dist}/chunks`)) {
    if (!written.has(`chunks/${name}`)) rmSync(`${dist}/chunks/${name}`);
  }
  report('dist/plombe.mjs', main.code.length);
  report(
    `dist/chunks (${parts.length})`,
    parts.reduce((sum, { code }) => sum + code.length, 0),
  );
}

function report(name: string, bytes: number): void {
  process.stdout.write(`${name}  ${(bytes / 1048576).toFixed(2)} MiB\n`);
}

function checkVersion(): void {
  const stated = /version = '([^']+)'/.exec(readFileSync(`${root}packages/cli/src/version.ts`, 'utf8'))?.[1];
  const manifest = JSON.parse(readFileSync(`${root}packages/cli/package.json`, 'utf8')) as { version: string };
  if (stated !== manifest.version)
    throw new Error(`version.ts says ${stated}, packages/cli/package.json ${manifest.version}`);
}

checkVersion();
const bundleOnly = process.argv.includes('--bundle-only');
if (!bundleOnly) rmSync(dist, { recursive: true, force: true });
mkdirSync(dist, { recursive: true });
await writeBundle();
if (!bundleOnly) {
  await writeExecutable(`${dist}/plombe`);
  report('dist/plombe', statSync(`${dist}/plombe`).size);
}
if (!bundleOnly)
  execFileSync(process.execPath, [`${dist}/plombe.mjs`, 'man', '--out', `${dist}/man`], { stdio: 'inherit' });
if (existsSync(starter)) cpSync(starter, `${dist}/starter`, { recursive: true });
