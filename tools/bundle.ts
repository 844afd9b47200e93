// Bundles the program into one file to start with and parts beside it, which are loaded when a command first needs them.
import { fileURLToPath } from 'node:url';
import { rolldown, type OutputChunk, type OutputOptions } from 'rolldown';
import { lazyBuiltins } from './lazy-builtins.ts';

const packages = fileURLToPath(new URL('../packages/', import.meta.url));

/** What V8 reads before the command is known: the parser of the command line and all flags. A static import in the wrong place doubles it. */
const maxStartBytes = 150_000;

/** A file of the bundle: its name relative to the first one, and its text. */
export interface BundleFile {
  readonly name: string;
  readonly code: string;
}

/**
 * The first file, `plombe.mjs` or `.cjs`, and the parts: what is behind each `import()`, one part for every set of commands that have modules in
 * common. `head` is put before the first file's code; `ownUrl` is the code that stands for `import.meta.url`. Throws where the start has become too large.
 */
export async function bundle(
  format: 'esm' | 'cjs',
  { head, ownUrl }: { readonly head: string; readonly ownUrl?: string },
): Promise<readonly [BundleFile, ...BundleFile[]]> {
  const build = await rolldown({
    input: { plombe: `${packages}cli/src/main.ts` },
    platform: 'node',
    plugins: [lazyBuiltins],
    treeshake: {
      // Modules of this project do nothing when they are loaded (the linter says so), all but one. So a part gets only what its commands use,
      // whatever else is named by the index of a package.
      moduleSideEffects: (id) => (id.startsWith(packages) ? id.endsWith('/cli/src/launch.ts') : undefined),
    },
    ...(ownUrl === undefined ? {} : { transform: { define: { 'import.meta.url': ownUrl } } }),
  });
  const { output } = await build.generate({ ...names(format), format, minify: true, banner: startingWith(head) });
  await build.close();
  const [first, ...others] = output;
  const parts = others.filter((file) => file.type === 'chunk');
  const start = [first, ...parts.filter(({ fileName }) => loadedWith(first, parts).has(fileName))];
  const startBytes = start.reduce((sum, { code }) => sum + code.length, 0);
  if (startBytes > maxStartBytes) {
    throw new Error(`${startBytes} bytes are loaded before the command is known, of at most ${maxStartBytes}`);
  }
  return [fileOf(first), ...parts.map(fileOf)];
}

/** The hash keeps the parts of two releases apart. */
function names(format: 'esm' | 'cjs'): OutputOptions {
  const extension = format === 'esm' ? 'mjs' : 'cjs';
  return { entryFileNames: `[name].${extension}`, chunkFileNames: `chunks/[name]-[hash].${extension}` };
}

function startingWith(head: string): OutputOptions['banner'] {
  return ({ isEntry }) => (isEntry ? head : '');
}

/** All that a file imports statically, and what that imports. */
function loadedWith({ imports }: OutputChunk, parts: readonly OutputChunk[]): ReadonlySet<string> {
  const loaded = new Set(imports);
  for (const name of loaded) {
    for (const next of parts.find(({ fileName }) => fileName === name)?.imports ?? []) loaded.add(next);
  }
  return loaded;
}

function fileOf({ fileName, code }: OutputChunk): BundleFile {
  return { name: fileName, code: asciiOf(code) };
}

/**
 * Escapes what is not ASCII, which in minified code stands in strings, templates and patterns only: V8 keeps and parses text with one such
 * character at two bytes a character.
 */
function asciiOf(code: string): string {
  return code.replace(/[^\0-\x7f]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);
}
