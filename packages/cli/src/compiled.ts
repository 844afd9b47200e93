// Code as V8 compiled it, kept between runs: reading and compiling it anew is a tenth of a scan whose layers are in the cache.
import { mkdirSync, statSync } from 'node:fs';
import { enableCompileCache } from 'node:module';
import { join } from 'node:path';

/**
 * Keeps what the release build loads from here on in `$XDG_CACHE_HOME/plombe/compiled`, as the launcher has Node do from its start on; so does whoever sets
 * NODE_COMPILE_CACHE. Not the sources, which change, nor the executable, whose parts are no files.
 */
export function keepCompiled(environment: Readonly<Record<string, string | undefined>>): void {
  if (!import.meta.url.endsWith('.mjs') || environment['NODE_COMPILE_CACHE'] !== undefined) return;
  const { XDG_CACHE_HOME: cache = '', HOME: home = '' } = environment;
  if (cache.startsWith('/')) keepCompiledIn(join(cache, 'plombe', 'compiled'));
  else if (home.startsWith('/')) keepCompiledIn(join(home, '.cache', 'plombe', 'compiled'));
}

/**
 * False where nothing is kept. The folder above must be there already, with what an earlier run left in it: where each run has a new one, keeping costs
 * 20 ms and gains nothing. Compiled code is run: a folder that is another user's, or that others may write to, is left alone.
 */
export function keepCompiledIn(folder: string): boolean {
  try {
    const status = statSync(folder, { throwIfNoEntry: false });
    if (status === undefined) mkdirSync(folder, { mode: 0o700 });
    else if (status.uid !== process.geteuid?.() || (status.mode & 0o022) !== 0) return false;
    enableCompileCache(folder);
    return true;
  } catch {
    // Nothing is lost but time.
    return false;
  }
}
