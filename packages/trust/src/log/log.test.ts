// Inclusion proofs against trees computed by the definition; checkpoints line by line.
import { createHash, randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { attempt } from '../parse/refused.ts';
import { namesOrigin, readCheckpoint } from './checkpoint.ts';
import { leafHash, rootOfInclusion } from './merkle.ts';

const node = (left: Uint8Array, right: Uint8Array): Buffer =>
  createHash('sha256').update(Buffer.of(1)).update(left).update(right).digest();

/** MTH of RFC 6962, 2.1, by its definition. */
function rootOf(leaves: readonly Uint8Array[]): Uint8Array {
  if (leaves.length === 1) return leaves[0] as Uint8Array;
  const split = splitOf(leaves.length);
  return node(rootOf(leaves.slice(0, split)), rootOf(leaves.slice(split)));
}

/** PATH of RFC 6962, 2.1.1, by its definition. */
function pathOf(index: number, leaves: readonly Uint8Array[]): readonly Uint8Array[] {
  if (leaves.length === 1) return [];
  const split = splitOf(leaves.length);
  return index < split
    ? [...pathOf(index, leaves.slice(0, split)), rootOf(leaves.slice(split))]
    : [...pathOf(index - split, leaves.slice(split)), rootOf(leaves.slice(0, split))];
}

const splitOf = (size: number): number => 2 ** Math.floor(Math.log2(size - 1));

describe('rootOfInclusion', () => {
  it('accepts exactly one index in every tree of up to 20 leaves', () => {
    for (let size = 1; size <= 20; size++) {
      const leaves = Array.from({ length: size }, (_, index) => leafHash(Buffer.from(`${index}`)));
      const root = rootOf(leaves);
      for (let index = 0; index < size; index++) {
        const path = pathOf(index, leaves);
        const leaf = leaves[index] as Uint8Array;
        const accepted = Array.from({ length: size + 3 }, (_, other) => other).filter((other) => {
          const found = rootOfInclusion(leaf, other, size, path);
          return found !== undefined && Buffer.compare(found, root) === 0;
        });
        expect([size, index, accepted]).toEqual([size, index, [index]]);
        expect(rootOfInclusion(leaf, index, size, path.slice(1)) ?? Buffer.alloc(0)).not.toEqual(
          size === 1 ? Buffer.alloc(0) : root,
        );
        expect(rootOfInclusion(leaf, index, size, [...path, randomBytes(32)])).toBeUndefined();
      }
    }
  });

  it('holds beyond 32 bits', () => {
    const leaf = leafHash(Buffer.from('x'));
    const size = 2 ** 40;
    const path = Array.from({ length: 40 }, () => randomBytes(32));
    const first = path.reduce((root, hash) => node(root, hash), leaf as Buffer);
    const last = path.reduce((root, hash) => node(hash, root), leaf as Buffer);
    expect(rootOfInclusion(leaf, 0, size, path)).toEqual(first);
    expect(rootOfInclusion(leaf, size - 1, size, path)).toEqual(last);
    expect(rootOfInclusion(leaf, 2 ** 33, size, path)).not.toEqual(first);
    expect(rootOfInclusion(leaf, -1, size, path)).toBeUndefined();
    expect(rootOfInclusion(leaf, 0, 1, [randomBytes(31)])).toBeUndefined();
  });
});

describe('readCheckpoint', () => {
  const root = Buffer.alloc(32, 7).toString('base64');
  const signature = Buffer.alloc(68, 1).toString('base64');
  const line = `\u2014 log.example ${signature}\n`;
  const note = `log.example\n12\n${root}\n\n${line}`;

  it('reads origin, size, root and signatures, and keeps extension lines signed', () => {
    const extended = note.replace(`${root}\n`, `${root}\nextension\n`);
    const read = attempt(() => readCheckpoint(extended));
    expect(read).toMatchObject({ kind: 'parsed', value: { origin: 'log.example', treeSize: 12 } });
    expect(read.kind === 'parsed' && read.value.signedText).toBe(`log.example\n12\n${root}\nextension\n`);
    expect(read.kind === 'parsed' && read.value.signatures).toHaveLength(1);
  });

  it.each([
    ['no newline at the end', note.slice(0, -1)],
    ['no blank line', note.replace('\n\n', '\n')],
    ['no origin', note.slice('log.example\n'.length)],
    ['empty origin', note.replace(/^log\.example/, '')],
    ['no size', note.replace('\n12\n', '\n')],
    ['size with a leading zero', note.replace('\n12\n', '\n012\n')],
    ['size with a sign', note.replace('\n12\n', '\n+12\n')],
    ['huge size', note.replace('\n12\n', '\n9999999999999999999\n')],
    ['short root', note.replace(root, 'AAAA')],
    ['root that is not base64', note.replace(root, '!')],
    ['no signature', `log.example\n12\n${root}\n\n`],
    ['a hyphen for the dash', note.replace('\u2014', '-')],
    ['a short signature', note.replace(signature, 'AAAA')],
    ['a line in between', `${note}\n`],
  ])('refuses %s', (_, text) => {
    expect(attempt(() => readCheckpoint(text)).kind).toBe('malformed');
  });

  it('is bounded', () => {
    expect(attempt(() => readCheckpoint(note + line.repeat(101))).kind).toBe('limit');
    expect(attempt(() => readCheckpoint(note + line.repeat(1000))).kind).toBe('limit');
  });

  it.each([
    ['log.example', 'log.example', true],
    ['rekor.example', 'rekor.example - 2605736670972794746', true],
    ['rekor.example', 'rekor.example - x', false],
    ['rekor', 'rekor.example', false],
    ['other.example', 'log.example', false],
  ])('%s signs for the origin %s: %s', (name, origin, expected) => {
    expect(namesOrigin(name, origin)).toBe(expected);
  });
});
