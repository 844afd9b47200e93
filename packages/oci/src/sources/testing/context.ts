// A context for tests of sources: no network, a fixed clock, and a folder that goes away with the test.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { onTestFinished } from 'vitest';
import type { Context } from '@plombe/model';

/** Returns a context whose `fetch` fails: no source of files may use the network. */
export function offlineContext(signal: AbortSignal = new AbortController().signal): Context {
  return {
    clock: { nowMs: () => 0 },
    random: (size) => new Uint8Array(size),
    log: { debug: () => {}, info: () => {}, warn: () => {} },
    fetch: () => Promise.reject(new Error('no network in this test')),
    signal,
  };
}

/** Returns a new folder that is deleted when the test ends. */
export function temporaryFolder(): string {
  const path = mkdtempSync(`${tmpdir()}/plombe-test-`);
  onTestFinished(() => rmSync(path, { recursive: true, force: true }));
  return path;
}
