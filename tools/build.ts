// The release build: one bundled file, dist/plombe.mjs, and one executable, dist/plombe, with the starter database beside them.
import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  copyFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { fileURLToPath } from 'node:url';
import { rolldown } from 'rolldown';
import { lazyBuiltins } from './lazy-builtins.ts';
import { lazyPackages } from './lazy-packages.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const dist = `${root}dist`;
const starter = `${root}packages/advisories/starter`;

/** The mark by which Node finds the program inside its own executable; fixed by Node. */
const seaFuse = 'NODE_SEA_FUSE_fce680ab2cc467b6e072b8b5df1996b2';

/** In the executable there is no module with a path: what lies beside the program lies beside the executable. */
const executableUrl = `const executableUrl = process.getBuiltinModule('node:url').pathToFileURL(process.execPath).href;`;

async function bundle(format: 'esm' | 'cjs', file: string): Promise<void> {
  const build = await rolldown({
    input: `${root}packages/cli/src/main.ts`,
    platform: 'node',
    plugins: [lazyBuiltins, lazyPackages],
    ...(format === 'cjs' ? { transform: { define: { 'import.meta.url': 'executableUrl' } } } : {}),
  });
  await build.write({
    file: `${dist}/${file}`,
    format,
    minify: true,
    codeSplitting: false,
    banner: format === 'esm' ? '#!/usr/bin/env node' : executableUrl,
  });
  await build.close();
  writeFileSync(`${dist}/${file}`, asciiOf(readFileSync(`${dist}/${file}`, 'utf8')));
}

/**
 * Escapes what is not ASCII, which in minified code stands in strings, templates and patterns only: V8 keeps and parses text with one such
 * character at two bytes a character.
 */
function asciiOf(code: string): string {
  return code.replace(/[^\0-\x7f]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

/** Node's single executable application: the bundle as a blob inside a copy of the Node that runs this build. */
function executable(): void {
  const config = {
    main: `${dist}/plombe.cjs`,
    output: `${dist}/plombe.blob`,
    disableExperimentalSEAWarning: true,
    useCodeCache: true,
  };
  writeFileSync(`${dist}/sea.json`, JSON.stringify(config));
  execFileSync(process.execPath, ['--experimental-sea-config', `${dist}/sea.json`], { stdio: 'inherit' });
  copyFileSync(process.execPath, `${dist}/plombe`);
  chmodSync(`${dist}/plombe`, 0o755);
  const args = [
    `${root}node_modules/postject/dist/cli.js`,
    `${dist}/plombe`,
    'NODE_SEA_BLOB',
    `${dist}/plombe.blob`,
    '--sentinel-fuse',
    seaFuse,
  ];
  execFileSync(process.execPath, process.platform === 'darwin' ? [...args, '--macho-segment-name', 'NODE_SEA'] : args, {
    stdio: 'pipe',
  });
  for (const left of ['sea.json', 'plombe.blob', 'plombe.cjs']) rmSync(`${dist}/${left}`);
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
await bundle('esm', 'plombe.mjs');
chmodSync(`${dist}/plombe.mjs`, 0o755);
if (!bundleOnly) {
  await bundle('cjs', 'plombe.cjs');
  executable();
}
if (existsSync(starter)) cpSync(starter, `${dist}/starter`, { recursive: true });
for (const file of ['plombe.mjs', 'plombe']) {
  if (existsSync(`${dist}/${file}`))
    process.stdout.write(`dist/${file}  ${(statSync(`${dist}/${file}`).size / 1048576).toFixed(1)} MiB\n`);
}
