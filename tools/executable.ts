// Node's single executable application: a copy of the Node that runs this build, with the bundle as a blob inside it.
import { execFileSync } from 'node:child_process';
import { chmodSync, copyFileSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { bundle } from './bundle.ts';

const postject = fileURLToPath(new URL('../node_modules/postject/dist/cli.js', import.meta.url));

/** The mark by which Node finds the program inside its own executable; fixed by Node. */
const seaFuse = 'NODE_SEA_FUSE_fce680ab2cc467b6e072b8b5df1996b2';

/**
 * The first lines of the program in the executable, where no module has a path. What lies beside the program lies beside the executable, and the
 * parts of the bundle are in it, as assets by their name: `require` compiles one when it is first asked for.
 */
const head = `
const executableUrl = process.getBuiltinModule('node:url').pathToFileURL(process.execPath).href;
const parts = new Map([['plombe.cjs', module]]);
require = (id) => {
  const name = id.slice(id.lastIndexOf('/') + 1);
  let part = parts.get(name);
  if (part === undefined) {
    parts.set(name, (part = { exports: {} }));
    const code = process.getBuiltinModule('node:sea').getAsset(name, 'latin1');
    const names = ['exports', 'require', 'executableUrl'];
    process.getBuiltinModule('node:vm').compileFunction(code, names, { filename: name })(part.exports, require, executableUrl);
  }
  return part.exports;
};`;

/** Writes the executable to `path`. Throws what Node and postject say. */
export async function writeExecutable(path: string): Promise<void> {
  const folder = `${path}.parts`;
  mkdirSync(folder);
  const [main, ...parts] = await bundle('cjs', { head, ownUrl: 'executableUrl' });
  for (const { name, code } of [main, ...parts]) writeFileSync(join(folder, basename(name)), code);
  const config = {
    main: join(folder, main.name),
    output: join(folder, 'blob'),
    disableExperimentalSEAWarning: true,
    useCodeCache: true,
    assets: Object.fromEntries(parts.map(({ name }) => [basename(name), join(folder, basename(name))])),
  };
  writeFileSync(join(folder, 'sea.json'), JSON.stringify(config));
  execFileSync(process.execPath, ['--experimental-sea-config', join(folder, 'sea.json')], { stdio: 'inherit' });
  // Written in one piece by postject, the file would be mapped by the system in larger steps: 19 MiB more for every command. A copy is not.
  const injected = join(folder, 'executable');
  copyFileSync(process.execPath, injected);
  const args = [postject, injected, 'NODE_SEA_BLOB', config.output, '--sentinel-fuse', seaFuse];
  execFileSync(process.execPath, process.platform === 'darwin' ? [...args, '--macho-segment-name', 'NODE_SEA'] : args, {
    stdio: 'pipe',
  });
  copyFileSync(injected, path);
  chmodSync(path, 0o755);
  rmSync(folder, { recursive: true });
}
