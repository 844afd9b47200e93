// Builds the starter database that the repository carries: `node tools/starter.ts FEEDS`.
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildStarter, enrichments, feeds } from '@plombe/advisories';

const from = process.argv[2] ?? fileURLToPath(new URL('../../shared/feeds', import.meta.url));
const to = fileURLToPath(new URL('../packages/advisories/starter', import.meta.url));
const work = mkdtempSync(join(tmpdir(), 'plombe-starter-'));
try {
  const { manifest, bytes } = await buildStarter({
    from,
    to,
    work,
    tool: 'plombe starter',
    lists: { feeds, enrichments },
    ctx: {
      clock: { nowMs: () => Date.now() },
      random: (size) => randomBytes(size),
      signal: new AbortController().signal,
    },
  });
  console.log(`${manifest.shards.length} shards, ${(bytes / 1048576).toFixed(1)} MiB in ${to}`);
} finally {
  rmSync(work, { recursive: true, force: true });
}
