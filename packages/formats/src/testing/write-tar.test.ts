// The writer is right when GNU tar lists what was written.
import { execFileSync, spawnSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { paxRecord, writeTar } from './write-tar.ts';

const hasTar = spawnSync('tar', ['--version']).stdout?.includes('GNU tar') ?? false;

test.skipIf(!hasTar)('GNU tar lists what writeTar wrote', () => {
  const long = `${'d'.repeat(90)}/${'f'.repeat(90)}`;
  const archive = writeTar([
    { path: 'etc', type: 'directory' },
    { path: 'etc/a', content: 'hello' },
    { path: long, content: Buffer.alloc(513) },
    { path: 'usr/ä', content: '' },
    { path: 'l', type: 'symlink', linkTarget: '../x' },
    { path: 'h', type: 'hardlink', linkTarget: 'etc/a' },
    { path: 'etc/gone', type: 'whiteout' },
    { path: 'opt', type: 'opaque' },
    { path: 'p', type: 'fifo', mode: 0o4600 },
  ]);
  const listing = execFileSync('tar', ['--quoting-style=literal', '-tf', '-'], { input: archive }).toString();
  expect(listing.trim().split('\n')).toEqual([
    'etc/',
    'etc/a',
    long,
    'usr/ä',
    'l',
    'h',
    'etc/.wh.gone',
    'opt/.wh..wh..opq',
    'p',
  ]);
});

test.each([
  ['path', 'x', '9 path=x\n'],
  ['a', 'x'.repeat(93), `99 a=${'x'.repeat(93)}\n`],
  ['a', 'x'.repeat(94), `101 a=${'x'.repeat(94)}\n`],
])('a PAX record counts its own length: %s', (key, value, expected) => {
  expect(paxRecord(key, Buffer.from(value)).toString()).toBe(expected);
});
