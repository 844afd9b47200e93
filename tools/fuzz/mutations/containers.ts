// Mutations of what holds other files: fields of tar headers with the sum made right again, and what is inside of gzip.
import { gunzipSync, gzipSync } from 'node:zlib';
import { sealTarHeader } from '../../../packages/formats/src/testing/write-tar.ts';
import type { Chance } from '../random.ts';
import type { Mutation } from './bytes.ts';

/** Offset and width of the fields of a header (POSIX.1-2017, ustar). */
const tarFields = [[0, 100], [100, 8], [108, 8], [116, 8], [124, 12], [136, 12], [156, 1], [157, 100], [257, 8], [265, 32], [345, 155]] as const; // prettier-ignore

const fieldValues = [
  '',
  '0',
  '00000000001',
  '77777777777',
  '-1',
  '../../a',
  '/a',
  'a/./b',
  '.wh.',
  '.wh..wh..opq',
  'x',
  'g',
  'L',
  'K',
  'S',
  '5',
  '2',
  '1',
  '\xff\xff\xff\xff\xff\xff\xff\xff',
  '\x80\x7f\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff',
  'ustar  ',
  '9',
  ' 12 ',
];

/** A field of one header. */
export const changeTarField: Mutation = (bytes, chance) => {
  const copy = Buffer.from(bytes);
  const at = 512 * chance.below(Math.floor(copy.length / 512));
  if (copy.length < at + 512 || copy.toString('latin1', at + 257, at + 262) !== 'ustar') return bytes;
  const block = copy.subarray(at, at + 512);
  const [offset, width] = chance.pick(tarFields);
  const value = Buffer.from(chance.pick(fieldValues), 'latin1').subarray(0, width);
  block.fill(0, offset, offset + width);
  block.set(value, offset);
  sealTarHeader(block);
  return copy;
};

/** Returns the mutation of what a gzip file holds, by another. */
export function insideGzip(inner: (bytes: Uint8Array, chance: Chance) => Mutation): Mutation {
  return (bytes, chance, other, maxBytes) => {
    try {
      const plain = gunzipSync(bytes, { maxOutputLength: maxBytes });
      return gzipSync(
        inner(plain, chance)(
          plain,
          chance,
          isGzip(other) ? gunzipSync(other, { maxOutputLength: maxBytes }) : other,
          maxBytes,
        ),
        { level: 1 },
      );
    } catch {
      return bytes;
    }
  };
}

export function isTar(bytes: Uint8Array): boolean {
  return Buffer.from(bytes.subarray(257, 262)).toString('latin1') === 'ustar';
}

export function isGzip(bytes: Uint8Array): boolean {
  return bytes[0] === 0x1f && bytes[1] === 0x8b;
}
