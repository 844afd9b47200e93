// Writes .oxlintrc.json from the table of layers, so that the direction of imports is stated once.
import { writeFileSync } from 'node:fs';

const firstLevels = ['model', 'kit', 'formats', 'versions', 'pki'];
const belowEngine = [...firstLevels, 'oci', 'catalogers', 'sbom', 'advisories', 'notation', 'trust', 'policy'];

/** What each package may import from the workspace; everything else is a lint error. */
const mayImport: Record<string, readonly string[]> = {
  model: [],
  kit: ['model'],
  formats: ['model', 'kit'],
  versions: ['model', 'kit'],
  pki: ['model', 'kit'],
  oci: ['model', 'kit', 'formats'],
  catalogers: ['model', 'kit', 'formats'],
  sbom: ['model', 'kit', 'formats'],
  advisories: ['model', 'kit', 'formats', 'versions'],
  notation: ['model', 'kit', 'pki'],
  trust: ['model', 'kit', 'pki'],
  policy: ['model', 'kit'],
  engine: [...belowEngine],
  store: ['model', 'kit'],
  connectors: ['model', 'kit', 'formats', 'oci'],
  server: [...belowEngine, 'engine', 'store', 'connectors'],
  cli: [...belowEngine, 'engine', 'store', 'connectors', 'server'],
};

const belowL4 = Object.keys(mayImport).filter((name) => name !== 'cli');

const overrides: object[] = [
  ...Object.entries(mayImport).map(([name, allowed]) => ({
    files: [`packages/${name}/src/**/*.ts`],
    excludeFiles: ['**/*.test.ts', '**/testing/**'],
    rules: {
      'no-restricted-imports': [
        'error',
        {
          patterns: [
            {
              group: ['@plombe/*', ...allowed.map((other) => `!@plombe/${other}`)],
              message: `packages/${name} may import only: ${allowed.join(', ') || 'nothing of the workspace'} (ARCHITECTURE.md, Direction).`,
            },
            { group: ['**/packages/**'], message: 'Import another package by its name.' },
          ],
        },
      ],
    },
  })),
  {
    files: belowL4.map((name) => `packages/${name}/src/**/*.ts`),
    excludeFiles: ['**/*.test.ts', '**/testing/**'],
    rules: {
      'no-console': 'error',
      'no-restricted-properties': [
        'error',
        { object: 'process', property: 'env', message: 'Only the composition root reads the environment.' },
        { object: 'process', property: 'exit', message: 'Only the composition root ends the process.' },
        { object: 'Date', property: 'now', message: 'Use ctx.clock.' },
        { object: 'Math', property: 'random', message: 'Use ctx.random.' },
      ],
    },
  },
  {
    files: ['**/*.test.ts', '**/testing/**', 'test/**', 'fixtures/**', 'bench/**', 'tools/**'],
    rules: { 'no-console': 'off', 'typescript/no-floating-promises': 'error' },
  },
];

const config = {
  $schema: './node_modules/oxlint/configuration_schema.json',
  plugins: ['typescript', 'import', 'unicorn', 'oxc'],
  categories: { correctness: 'error' },
  rules: {
    'import/no-cycle': 'error',
    'import/no-default-export': 'error',
    // The bundler leaves out a module of which no name is used (tools/build.ts).
    'import/no-unassigned-import': ['error', { allow: ['**/launch.ts'] }],
    'typescript/no-floating-promises': 'error',
    'typescript/no-misused-promises': 'error',
    'typescript/await-thenable': 'error',
    'typescript/no-explicit-any': 'error',
    'no-console': 'error',
    'no-control-regex': 'off',
    eqeqeq: 'error',
    'prefer-const': 'error',
    'no-var': 'error',
  },
  ignorePatterns: ['dist', 'node_modules', 'coverage'],
  overrides: [...overrides, { files: ['vitest.config.ts'], rules: { 'import/no-default-export': 'off' } }],
};

writeFileSync(new URL('../.oxlintrc.json', import.meta.url), `${JSON.stringify(config, null, 2)}\n`);
