// `plombe man`: a page for each command, which groff sets without a warning.
import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, it } from 'vitest';
import { hasProgram, installed, temporaryFolder } from './support/plombe.ts';

const home = temporaryFolder();
const plombe = installed(home);
const pages = join(home, 'man1');
const page = (name: string): string => readFileSync(join(pages, `${name}.1`), 'utf8');

beforeAll(async () => {
  expect(await plombe(['man', '--out', pages])).toMatchObject({ code: 0, stdout: '', stderr: '' });
});

it('has a page of the program and one of each command', () => {
  expect(readdirSync(pages)).toEqual(
    expect.arrayContaining(['plombe.1', 'plombe-scan.1', 'plombe-db-update.1', 'plombe-registry-posture.1']),
  );
  expect(page('plombe')).toMatch(/^\.B PLOMBE_FAIL_ON$/m);
  expect(page('plombe-scan')).toContain('.B \\-\\-fail\\-on <SEVERITY>\nExit 1 on findings');
  expect(page('plombe-db')).toContain('\\fBplombe\\-db\\-update\\fR(1)');
});

it('prints the page that is asked for', async () => {
  expect(await plombe(['man', 'db', 'update'])).toMatchObject({ code: 0, stdout: page('plombe-db-update') });
  expect(await plombe(['man'])).toMatchObject({ code: 0, stdout: page('plombe') });
  expect((await plombe(['man', 'nothing'])).stderr).toContain('There is no command "nothing". [config/invalid]');
});

it.skipIf(!hasProgram('groff'))('is set without a warning', () => {
  for (const name of readdirSync(pages)) {
    const { status, stdout, stderr } = spawnSync('groff', [
      '-man',
      '-Tutf8',
      '-ww',
      '-P-c',
      '-Kutf8',
      join(pages, name),
    ]);
    expect({ name, status, stderr: String(stderr) }).toEqual({ name, status: 0, stderr: '' });
    // Bold letters are struck twice.
    expect(String(stdout).replace(/.\u0008/g, '')).toContain('SYNOPSIS');
  }
});
