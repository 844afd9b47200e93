import fc from 'fast-check';
import { expect, test } from 'vitest';
import { JsonStreamError, jsonMembers } from './json-members.ts';

async function* chunksOf(text: string, size: number): AsyncGenerator<Uint8Array> {
  const bytes = new TextEncoder().encode(text);
  const buffer = new Uint8Array(size);
  for (let at = 0; at < bytes.length; at += size) {
    const part = bytes.subarray(at, at + size);
    buffer.set(part);
    yield buffer.subarray(0, part.length);
  }
}

async function read(text: string, path: readonly string[] = [], size = 7, maxMemberBytes = 10_000) {
  const out: [string, unknown][] = [];
  for await (const member of jsonMembers(chunksOf(text, size), { path, maxMemberBytes })) {
    out.push([member.key, JSON.parse(member.text)]);
  }
  return out;
}

test.each([
  ['an empty object', '{}', [], []],
  [
    'an object',
    '{"a": {"b": [1, 2]}, "c": "x,}]\\"{"}',
    [],
    [
      ['a', { b: [1, 2] }],
      ['c', 'x,}]"{'],
    ],
  ],
  [
    'an array',
    '[1, {"a": 2}, "x"]',
    [],
    [
      ['', 1],
      ['', { a: 2 }],
      ['', 'x'],
    ],
  ],
  [
    'a member of the document',
    '{"v": 1, "result": [{"a": 1}, {"b": [{}]}], "z": {"y": 1}}',
    ['result'],
    [
      ['', { a: 1 }],
      ['', { b: [{}] }],
    ],
  ],
  ['a name that leads nowhere', '{"result": 5, "x": {"result": 1}}', ['result'], []],
  ['a path of two', '{"a": {"x": 1}, "b": {"a": {}, "c": {"d": 1}}}', ['b', 'c'], [['d', 1]]],
] as [string, string, string[], unknown[]][])('reads %s', async (_, text, path, expected) => {
  for (const size of [1, 2, 5, 1000]) expect(await read(text, path, size)).toEqual(expected);
});

test('reads what JSON.stringify writes, however it is cut', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.dictionary(fc.string(), fc.jsonValue()),
      fc.integer({ min: 1, max: 40 }),
      async (value, size) => {
        const own = JSON.parse(JSON.stringify(value)) as Record<string, unknown>;
        expect(await read(JSON.stringify(own), [], size)).toEqual(Object.entries(own));
      },
    ),
    { numRuns: 200 },
  );
});

test.each(['', '{', '{"a": 1', '{"a": "', '[1, 2', '{"a": 1}}', 'nonsense'])(
  'T55 refuses %j as cut off or unbalanced',
  async (text) => {
    await expect(read(text)).rejects.toThrow(JsonStreamError);
  },
);

test('T58 refuses a member over the limit before it is whole in memory', async () => {
  await expect(read(`{"a": "${'x'.repeat(5000)}"}`, [], 100, 1000)).rejects.toThrow(/over 1000 bytes/);
});
