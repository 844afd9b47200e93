// What is found in a program does not depend on the pieces it comes in.
import { deflateSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { decodeCargoAudit } from './parse.ts';
import { type CargoAudit, CargoAuditReader } from './reader.ts';

/** An ELF file without a layout, so that all of it is looked at; `parts` by offset. */
function program(sizeBytes: number, parts: Readonly<Record<number, string | Uint8Array>>): Buffer {
  const file = Buffer.alloc(sizeBytes);
  file.set([0x7f, 0x45, 0x4c, 0x46, 2, 1, 1]);
  for (const [at, part] of Object.entries(parts)) file.set(Buffer.from(part), Number(at));
  return file;
}

function read(file: Uint8Array, pieceBytes: number): CargoAudit | undefined {
  const reader = new CargoAuditReader();
  for (let at = 0; at < file.length; at += pieceBytes) if (!reader.write(file.subarray(at, at + pieceBytes))) break;
  const found = reader.finish();
  return found === undefined ? undefined : decodeCargoAudit(found);
}

const pieces = [1_000_000, 65_536, 16_384, 997, 61, 13];

describe.each(pieces)('in pieces of %i bytes', (pieceBytes) => {
  test('the version of the compiler is whole wherever a piece ends', () => {
    for (let at = 19_900; at < 20_050; at += 7) {
      const file = program(21_000, { [at]: 'rustc version 1.75.0-beta.1 (82e1608df 2023-12-21)' });
      expect(read(file, pieceBytes)).toEqual({ lists: [], compiler: 'rustc 1.75.0-beta.1' });
    }
  });

  test('a mark that names no compiler hides none behind it', () => {
    const file = program(40_000, {
      18_000: 'rustc version of the day',
      18_100: '/rustc/of/the/day',
      18_200: '/rustc-1.80.1-src/library/core',
      18_300: 'rustc version 1.75.0 (82e1608df 2023-12-21)',
    });
    expect(read(file, pieceBytes)).toEqual({ lists: [], compiler: 'rustc 1.80.1' });
  });

  test('of two compilers, the first in the file counts', () => {
    const commit = '82e1608dfa6e0b5569232559e3d385fea5a93112';
    const path = `/rustc/${commit}/library/std/src/panic.rs`;
    const version = 'rustc version 1.75.0 (82e1608df 2023-12-21)';
    expect(read(program(40_000, { 18_000: version, 18_100: path }), pieceBytes)?.compiler).toBe('rustc 1.75.0');
    expect(read(program(40_000, { 18_000: path, 18_100: version }), pieceBytes)?.compiler).toBe(`rustc ${commit}`);
  });

  test('a list is found at the very end', () => {
    const list = JSON.stringify({ packages: [{ name: 'app', version: '1.0.0', source: 'local' }] });
    const packed = deflateSync(list);
    const file = program(20_000 + packed.length, { 20_000: packed });
    expect(read(file, pieceBytes)).toEqual({ lists: [list] });
  });

  test('lists that follow upon each other are all found, behind a damaged one too', () => {
    const lists = Array.from({ length: 4 }, (_, app) => {
      const packages = Array.from({ length: 300 }, (__, index) => ({
        name: `a${app}-${index * 7919}`,
        version: `1.${index}.0`,
      }));
      return JSON.stringify({ packages });
    });
    const packed = lists.map((list) => deflateSync(list));
    const damaged = Buffer.from(packed[0] as Buffer);
    damaged.fill(0xff, 1000, 1200);
    const file = program(60_000, { 17_000: Buffer.concat([damaged, ...packed]) });
    expect(read(file, pieceBytes)).toEqual({ lists, problem: 'has a damaged list of crates' });
  });
});
