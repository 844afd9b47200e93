// T54: YAML that grows when it is read, in every file of a source tree that is YAML.
import { describe, expect, it } from 'vitest';
import { azurePipelinesCataloger } from './azure-pipelines/index.ts';
import { podfileLockCataloger } from './cocoapods/index.ts';
import { pubspecLockCataloger } from './dart/index.ts';
import { githubActionsCataloger } from './github-actions/index.ts';
import { haskellLockCataloger } from './haskell/index.ts';
import { imageNameCataloger } from './images/index.ts';
import { npmLockCataloger } from './npm/index.ts';
import { catalogOf } from './testing/folder.ts';

const lines = (count: number, line: (at: number) => string): string =>
  Array.from({ length: count }, (_, at) => line(at)).join('\n');

const bombs: Readonly<Record<string, string>> = {
  'aliases of aliases': `a0: &a0 [x, x, x, x, x, x, x, x, x]\n${lines(20, (at) => `a${at + 1}: &a${at + 1} [${`*a${at}, `.repeat(9)}x]`)}\n`,
  'merge keys of merge keys': `a0: &a0 {image: "x:1", uses: x/y@v1}\n${lines(20, (at) => `a${at + 1}: &a${at + 1}\n  <<: [*a${at}, *a${at}, *a${at}]\n  k${at}: *a${at}`)}\n`,
  'four hundred thousand documents': '---\n'.repeat(400_000),
  'two hundred thousand documents with something in them': '---\na: 1\n'.repeat(200_000),
  'tags of other languages':
    'a: !!js/function "() => 1"\nb: !!python/object/apply:os.system ["id"]\nc: !<tag:yaml.org,2002:map> {image: "x:1"}\n',
  'as deep as it is long': `${'['.repeat(20_000)}\n`,
  'as deep as it is long, in blocks': lines(1200, (at) => `${' '.repeat(at)}a:`),
  'an anchor of itself': 'a: &a [*a]\n',
  'a hundred thousand anchors': lines(100_000, (at) => `a${at}: &x${at} 1`),
};

/** Each reader with a file of its own, and what makes a text one of its kind. */
const readers = [
  ['azure-pipelines.yml', azurePipelinesCataloger, 'steps:\n'],
  ['Podfile.lock', podfileLockCataloger, 'PODS:\n'],
  ['pubspec.lock', pubspecLockCataloger, 'packages:\n'],
  ['.github/workflows/ci.yml', githubActionsCataloger, 'on: push\njobs:\n'],
  ['stack.yaml.lock', haskellLockCataloger, 'packages:\n'],
  ['docker-compose.yml', imageNameCataloger, 'services:\n'],
  ['k8s/all.yaml', imageNameCataloger, 'apiVersion: v1\nkind: Pod\n'],
  ['pnpm-lock.yaml', npmLockCataloger, "lockfileVersion: '9.0'\n"],
] as const;

describe.each(readers)('T54 %s', (path, cataloger, head) => {
  it.each(Object.entries(bombs))('%s', (_, bomb) => {
    for (const text of [bomb, `${head}${bomb}`]) {
      const { packages, diagnostics } = catalogOf(cataloger, { [path]: text });
      expect(packages.length).toBeLessThan(10);
      expect(diagnostics.length).toBeLessThan(10);
      for (const { message, code } of diagnostics) {
        expect(message.length).toBeLessThan(1000);
        expect(code).not.toMatch(/internal/);
      }
    }
  });
});
