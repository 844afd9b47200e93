// Single header blocks, as archives of images are indexed by.
import { describe, expect, test } from 'vitest';
import { paxRecord, sealTarHeader, tarHeader, writeTar } from '../testing/write-tar.ts';
import { parseTarMember, parseTarRecords } from './member.ts';

const header = (name: string, type = '0', sizeBytes = 5): Buffer =>
  tarHeader({ name: Buffer.from(name, 'latin1'), type, sizeBytes });

describe('a header block', () => {
  test('is read as written', () => {
    expect(parseTarMember(header('./a//b'))).toEqual({ name: './a//b', link: '', type: '0', sizeBytes: 5 });
    expect(parseTarMember(writeTar([{ path: 'l', type: 'symlink', linkTarget: '../x' }]))).toMatchObject({
      name: 'l',
      link: '../x',
      type: '2',
    });
    expect(parseTarMember(header('\xff'))?.valueOf()).toMatchObject({ name: '\udcff' });
  });

  test("joins ustar's prefix, and takes what GNU tar has there for none", () => {
    const block = header('name');
    block.write('some/folder', 345);
    expect(parseTarMember(sealTarHeader(block))).toMatchObject({ name: 'some/folder/name' });
    block.write('ustar  \0', 257, 'latin1');
    expect(parseTarMember(sealTarHeader(block))).toMatchObject({ name: 'name' });
  });

  test.each<[string, (block: Buffer) => Buffer]>([
    ['a wrong check sum', (block) => block.fill(0x41, 0, 1)],
    ['a size that is no number', (block) => sealTarHeader(block.fill('x', 124, 130))],
    ['a negative size', (block) => sealTarHeader(block.fill(0xff, 124, 136))],
    ['less than a block', (block) => block.subarray(0, 511)],
  ])('with %s is none', (_, damage) => {
    expect(parseTarMember(damage(header('a')))).toBeUndefined();
  });

  test('of zeros is the end', () => {
    expect(parseTarMember(Buffer.alloc(512))).toBe('end');
  });
});

test('records replace name, link and size, and malformed ones are told', () => {
  const records = Object.entries({ path: 'a/ü', linkpath: 'l', size: '9000000000', mtime: '1.5', comment: 'x' });
  const bytes = Buffer.concat(records.map(([key, value]) => paxRecord(key, Buffer.from(value))));
  expect(parseTarRecords(bytes)).toEqual({ name: 'a/ü', link: 'l', sizeBytes: 9_000_000_000 });
  expect(parseTarRecords(Buffer.from('99 path=x\n'))).toBeUndefined();
  expect(parseTarRecords(paxRecord('size', Buffer.from('-1')))).toBeUndefined();
});
