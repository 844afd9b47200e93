// Mutations of text: nesting, numbers, lines, words that mean something to a parser, and characters that mean something to a terminal.
import type { Mutation } from './bytes.ts';

/** What means something to one format or another, or to those who show it. */
const words = [
  '\u0000', '\u001b[2J', '\u009b', '\ufeff', '\u202e', '\u2028', 'ß', '٣', '\ud83d\ude00', 'e\u0301', '\\u0000', '\\ud800', '\\x00', '%00', '%', '&#0;', '&lt;',
  '&x;', '<!DOCTYPE a [<!ENTITY x "y">]>', '<![CDATA[', ']]>', '<!--', '-->', '/*', '*/', '//', '#', '"""', "'''", '"', "'", '`', '\\', '\\\n', '\r\n', '\r', '\n',
  '\n\n', '\t', ' ', '  - ', '- ', ': ', ':', '::', ';', ',', '=', '==', '>=', '~>', '^', '*', '|', '>', '|-\n', '>+9\n', '---\n', '...\n', '&a ', '*a', '<<: *a',
  '!!js/function ', '? ', '{', '}', '[', ']', '(', ')', '<', '</', '{}', '[]', '${', '${a}', '$(', '{{', '%{', '#{', '../', '/../', '/', '//', '.', '..', '@', '__proto__',
  'constructor', 'toString', 'null', 'true', 'NaN', 'Infinity', '-0', '1e999', '1e-999', '0x', '99999999999999999999', '-1', '4294967296', '9007199254740993',
  '0', '1.', '.1', '1970-01-01', '0000-00-00T99:99:99Z', '##vso[task]', '::set-env', '=cmd()', 'v', '-', '+', '_', '!', '!/', 'file:', 'npm:', 'git+ssh://', 'workspace:*',
] as const; // prettier-ignore

const nests: readonly (readonly [string, string])[] = [
  ['[', ']'], ['{"a":', '}'], ['{a: ', '}'], ['(', ')'], ['<a>', '</a>'], ['{', '}'], ['"', '"'], ['- ', ''], ['array(', ')'], ['#{', '}'], ['<<1,', '>>'], ['a.', ''],
  ['-', ''], ['!', ''], ['a=[', ']'], ['/*', '*/'], ['%w(', ')'], ['\\', ''], ['a:{i:0;', '}'], ['[[', ']]'], ['s:9:"', '";'], ['if(', ')'], ['{{', '}}'],
]; // prettier-ignore

const insertWord: Mutation = (bytes, chance) => {
  let text = decode(bytes);
  for (let left = 1 + chance.below(3); left > 0; left--) {
    const at = chance.below(text.length + 1);
    text = text.slice(0, at) + chance.pick(words) + text.slice(at + chance.pick([0, 0, 1, 4]));
  }
  return encode(text);
};

const repeatWord: Mutation = (bytes, chance, _other, maxBytes) => {
  const text = decode(bytes);
  const at = chance.below(text.length + 1);
  const word = chance.pick(words) + chance.pick(['', '', ' ', 'a', '\n', chance.pick(words)]);
  const count = Math.floor(chance.pick([100, 4000, maxBytes - bytes.length]) / Buffer.byteLength(word));
  return encode(text.slice(0, at) + word.repeat(Math.max(0, count)) + text.slice(at));
};

const nest: Mutation = (bytes, chance, _other, maxBytes) => {
  const text = decode(bytes);
  const at = chance.below(text.length + 1);
  const to = chance.pick([at, at + chance.below(text.length - at + 1), at + 1]);
  const [open, close] = chance.pick(nests);
  const depth = Math.floor(chance.pick([10, 100, 3000, maxBytes / 2]) / (open.length + close.length));
  return encode(
    text.slice(0, at) +
      open.repeat(depth) +
      text.slice(at, to) +
      close.repeat(chance.below(2) * depth) +
      text.slice(to),
  );
};

const changeNumber: Mutation = (bytes, chance) => {
  const text = decode(bytes);
  const numbers = [...text.slice(0, 40_000).matchAll(/\d+/g)];
  if (numbers.length === 0) return bytes;
  const { index, 0: digits } = chance.pick(numbers);
  const value = chance.pick([
    '0',
    '-1',
    '1',
    '255',
    '65536',
    '2147483648',
    '4294967296',
    '9007199254740993',
    '9'.repeat(40),
    '9'.repeat(5000),
    '',
    '1e9',
    '0x1',
    `0${digits}`,
    '٣',
  ]);
  return encode(text.slice(0, index) + value + text.slice(index + digits.length));
};

/** Lines in another order, twice, gone, or indented otherwise. */
const changeLines: Mutation = (bytes, chance, other) => {
  const lines = decode(bytes).split('\n');
  const others = decode(other).split('\n');
  const at = chance.below(lines.length);
  const line = lines[at] ?? '';
  const changed = chance.pick([
    [],
    [line, line],
    [line, chance.pick(lines)],
    [chance.pick(others)],
    [`${' '.repeat(chance.below(9))}${line.trimStart()}`],
    [line.trimEnd(), `  ${chance.pick(others)}`],
  ]);
  return encode([...lines.slice(0, at), ...changed, ...lines.slice(at + 1)].join('\n'));
};

/** For what is text. */
export const textMutations: readonly Mutation[] = [
  insertWord,
  insertWord,
  repeatWord,
  nest,
  changeNumber,
  changeLines,
  changeLines,
];

/** True where the bytes are UTF-8 with no zero byte in front. */
export function isText(bytes: Uint8Array): boolean {
  return !bytes.subarray(0, 512).includes(0) && Buffer.from(decode(bytes.subarray(0, 512))).length <= 516;
}

function decode(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes);
}

function encode(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}
