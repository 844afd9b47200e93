// The text of Go's build info as modules and settings.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseGoBuildInfo } from './parse.ts';

const parse = (text: string) => parseGoBuildInfo(Buffer.from(text));

test('main module, dependencies, replacements and settings', () => {
  const info = parse(
    [
      'go1.22.3 X:boringcrypto',
      'path\texample.org/app/cmd/x',
      'mod\texample.org/app\t(devel)\t',
      'dep\texample.org/a\tv1.0.0\th1:abc=',
      'dep\texample.org/b\tv2.0.0+incompatible',
      '=>\texample.org/fork\tv2.0.1\th1:def=',
      'build\t-ldflags="-X \'main.version=1 2\' -X main.q=\\"x\\" \\u00e4"',
      'build\tCGO_ENABLED=0',
      'build\tvcs.time=2024-01-01T00:00:00Z',
      'unknown\tline',
    ].join('\n'),
  );
  expect(info).toEqual({
    toolchain: 'go1.22.3 X:boringcrypto',
    mainPackage: 'example.org/app/cmd/x',
    main: { path: 'example.org/app', version: '(devel)' },
    dependencies: [
      { path: 'example.org/a', version: 'v1.0.0', sum: 'h1:abc=' },
      {
        path: 'example.org/b',
        version: 'v2.0.0+incompatible',
        replacement: { path: 'example.org/fork', version: 'v2.0.1', sum: 'h1:def=' },
      },
    ],
    settings: new Map([
      ['-ldflags', `-X 'main.version=1 2' -X main.q="x" ä`],
      ['CGO_ENABLED', '0'],
      ['vcs.time', '2024-01-01T00:00:00Z'],
    ]),
  });
});

test.each([
  ['no line end', 'go1.22.3', undefined],
  ['only a toolchain', 'go1.22.3\n', { toolchain: 'go1.22.3', dependencies: [], settings: new Map() }],
  ['a replacement of nothing', 'go1\n=>\ta\tv1', { toolchain: 'go1', dependencies: [], settings: new Map() }],
  [
    'T73 __proto__',
    'go1\nbuild\t__proto__=1',
    { toolchain: 'go1', dependencies: [], settings: new Map([['__proto__', '1']]) },
  ],
])('%s', (_title, text, expected) => {
  expect(parse(text)).toEqual(expected);
});

test('never throws', () => {
  const lines = fc.array(
    fc.oneof(fc.string(), fc.constantFrom('dep\ta\tv1', '=>\tb\tv2', 'build\t"a\\', 'mod\t', 'build\t"\\U99999999"="')),
  );
  fc.assert(fc.property(lines, (all) => void parse(all.join('\n'))));
});
