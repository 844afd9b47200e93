// Actions that workflows use.
import { expect, it } from 'vitest';
import { declaredContract } from '../testing/contract.ts';
import { catalogOf, lines } from '../testing/folder.ts';
import { githubActionsCataloger } from './index.ts';

const of = (specs: Parameters<typeof catalogOf>[1]) => catalogOf(githubActionsCataloger, specs);
const commit = '08c6903cd8c0fde910a37f88322edcfb5dd907a8';
const workflow = `name: ci
on: [push]
jobs:
  test:
    runs-on: ubuntu-latest
    container: node:20
    services:
      db: { image: "postgres:16" }
    steps:
      - uses: actions/checkout@v4
      - name: pinned
        uses: tj-actions/changed-files@${commit} # v44.0.0
      - uses: acme/bare@${commit}
      - uses: github/codeql-action/init@v3.25.1
      - uses: ./local
      - uses: docker://alpine:3.19
      - run: |
          uses: not/this@v1.0.0
  call:
    uses: acme/flows/.github/workflows/build.yml@main
`;

it('versions by tag, commits by their comment; what moves is open', () => {
  const result = of({ '.github/workflows/ci.yml': workflow });
  expect(lines(result)).toEqual([
    `acme/bare@${commit} development direct vcs`,
    'acme/flows@main development direct vcs',
    'actions/checkout@v4 development direct vcs',
    'alpine@3.19 development direct image',
    'github/codeql-action@v3.25.1 development direct',
    'node@20 development direct image',
    'postgres@16 development direct image',
    'tj-actions/changed-files@v44.0.0 development direct',
  ]);
  expect(result.packages.find(({ name }) => name === 'changed-files')).toMatchObject({ weak: true, facts: { commit } });
  expect(result.packages.find(({ name }) => name === 'codeql-action')).toMatchObject({ subpath: 'init' });
  expect(result.diagnostics.map(({ code }) => code).sort()).toEqual(['package/image-named', 'package/version-open']);
});

it('composite actions; workflows of other folders are none', () => {
  const action = 'runs:\n  using: composite\n  steps:\n    - uses: actions/cache@v4.0.2\n';
  expect(lines(of({ 'a/action.yml': action, 'workflows/x.yml': workflow }))).toEqual([
    'actions/cache@v4.0.2 development direct',
  ]);
  expect(lines(of({ 'action.yaml': 'runs: {using: docker, image: "docker://a/b:1"}\n' }))).toEqual([
    'a/b@1 development direct image',
  ]);
});

it('comments that do not agree say nothing', () => {
  const text = `jobs: \n  a:\n    steps:\n      - uses: a/b@${commit} # v1.0.0\n      - uses: a/b@${commit} # v2.0.0\n`;
  expect(lines(of({ '.github/workflows/a.yml': text }))).toEqual([`a/b@${commit} development direct vcs`]);
});

declaredContract(githubActionsCataloger, { '.github/workflows/ci.yml': workflow });
