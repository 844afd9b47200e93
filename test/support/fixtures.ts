// Images of real software that the recipes of `fixtures/` have built on this machine; they take minutes to build, so a test only takes what is there.
import { existsSync, readdirSync, statSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const folder = fileURLToPath(new URL('../../fixtures/.cache', import.meta.url));

/** Returns the newest layout of the recipe; undefined, and said, where none is built. */
export function builtFixture(id: string): string | undefined {
  const names = existsSync(folder) ? readdirSync(folder) : [];
  const built = names
    .filter((name) => name.startsWith(`${id}-`) && /^-(?:gzip|zstd|none)-[0-9a-f]+$/.test(name.slice(id.length)))
    .map((name) => `${folder}/${name}`)
    .filter((path) => existsSync(`${path}/index.json`))
    .sort((a, b) => statSync(b).mtimeMs - statSync(a).mtimeMs);
  if (built.length === 0) console.warn(`SKIPPED: build it with node fixtures/src/main.ts ${id}`);
  return built[0];
}
