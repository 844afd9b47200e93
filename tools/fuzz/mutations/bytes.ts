// Mutations of any bytes: flips, cuts, copies, splices, and numbers at their limits.
import type { Chance } from '../random.ts';

/** Returns other bytes; `other` is another seed of the target, `maxBytes` the most to return. */
export type Mutation = (bytes: Uint8Array, chance: Chance, other: Uint8Array, maxBytes: number) => Uint8Array;

const flip: Mutation = (bytes, chance) => {
  const copy = Uint8Array.from(bytes);
  for (let left = 1 + chance.below(8); left > 0 && copy.length > 0; left--) {
    const at = chance.below(copy.length);
    copy[at] = (copy[at] ?? 0) ^ (1 << chance.below(8));
  }
  return copy;
};

const replaceByte: Mutation = (bytes, chance) => {
  const copy = Uint8Array.from(bytes);
  if (copy.length > 0)
    copy[chance.below(copy.length)] = chance.pick([0, 0xff, 0x7f, 0x80, 10, 13, 32, 34, 39, 92, chance.below(256)]);
  return copy;
};

const truncate: Mutation = (bytes, chance) => bytes.subarray(0, chance.below(bytes.length));

const remove: Mutation = (bytes, chance) => {
  const { from, to } = range(bytes, chance);
  return Buffer.concat([bytes.subarray(0, from), bytes.subarray(to)]);
};

const move: Mutation = (bytes, chance) => {
  const { from, to } = range(bytes, chance);
  const at = chance.below(bytes.length);
  return Buffer.concat([bytes.subarray(0, at), bytes.subarray(from, to), bytes.subarray(at)]);
};

/** A piece many times over, up to a share of the most bytes: what is quadratic shows. */
const repeat: Mutation = (bytes, chance, _other, maxBytes) => {
  const { from, to } = range(bytes, chance);
  const piece = bytes.subarray(from, Math.min(to, from + 1 + chance.below(chance.pick([4, 40, 4000]))));
  if (piece.length === 0) return bytes;
  const most = chance.pick([100, 4000, maxBytes]) - bytes.length;
  return Buffer.concat([bytes.subarray(0, to), Buffer.alloc(Math.max(0, most), piece), bytes.subarray(to)]);
};

const splice: Mutation = (bytes, chance, other) =>
  Buffer.concat([bytes.subarray(0, chance.below(bytes.length)), other.subarray(chance.below(other.length))]);

const insertOther: Mutation = (bytes, chance, other) => {
  const { from, to } = range(other, chance);
  const at = chance.below(bytes.length);
  return Buffer.concat([bytes.subarray(0, at), other.subarray(from, to), bytes.subarray(at)]);
};

/** A length or offset of 1 to 8 bytes set to what is nothing, one, negative, or far too much. */
const number: Mutation = (bytes, chance) => {
  const copy = Buffer.from(bytes);
  const width = chance.pick([1, 2, 4, 8]);
  if (copy.length < width) return copy;
  const at = chance.below(copy.length - width + 1);
  const limit = 1n << BigInt(width * 8);
  const value =
    chance.pick([
      0n,
      1n,
      limit - 1n,
      limit / 2n,
      limit / 2n - 1n,
      BigInt(copy.length),
      BigInt(copy.length - at),
      BigInt(at),
    ]) % limit;
  const isLittle = chance.below(2) === 0;
  for (let i = 0; i < width; i++) copy[at + (isLittle ? i : width - 1 - i)] = Number((value >> BigInt(8 * i)) & 0xffn);
  return copy;
};

/** For bytes of every kind. */
export const byteMutations: readonly Mutation[] = [
  flip,
  replaceByte,
  truncate,
  remove,
  move,
  repeat,
  splice,
  insertOther,
  number,
];

/** A piece of the bytes, short ones more often. */
export function range(bytes: Uint8Array, chance: Chance): { readonly from: number; readonly to: number } {
  const from = chance.below(bytes.length);
  return {
    from,
    to: from + 1 + chance.below(chance.below(3) === 0 ? bytes.length - from : Math.min(32, bytes.length - from)),
  };
}
