// The openssl command in a folder of its own, for tests that compare with it.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface OpensslFolder {
  readonly run: (...args: string[]) => string;
  readonly write: (name: string, data: string | Uint8Array) => void;
  readonly read: (name: string) => Buffer;
}

/** True where the command is there; else says that tests are skipped. */
export function hasOpenssl(): boolean {
  try {
    execFileSync('openssl', ['version']);
    return true;
  } catch {
    console.warn('skipped: openssl is not installed');
    return false;
  }
}

/** Runs a test in a new folder and removes it. */
export function inOpensslFolder(test: (folder: OpensslFolder) => void): void {
  const cwd = mkdtempSync(join(tmpdir(), 'plombe-pki-'));
  try {
    test({
      run: (...args) => execFileSync('openssl', args, { cwd, stdio: ['ignore', 'pipe', 'pipe'] }).toString(),
      write: (name, data) => writeFileSync(join(cwd, name), data),
      read: (name) => readFileSync(join(cwd, name)),
    });
  } finally {
    rmSync(cwd, { recursive: true });
  }
}
