// Lock files that were cut off: at nothing, at the end of a line, within one, before the last byte. None of them loses a package without a word.
import { readdirSync, statSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { declaredCatalogers } from '../packages/catalogers/src/declared/list.ts';
import { readFolder } from '../packages/catalogers/src/declared/testing/folder.ts';
import { corpusOf } from '../tools/fuzz/corpus.ts';
import { silentCuts, type SilentCut } from '../tools/fuzz/cuts.ts';
import type { FuzzInput } from '../tools/fuzz/input.ts';
import { viewOf } from '../tools/fuzz/targets/catalogers.ts';

/**
 * Where a cut cannot be told: docs/declared.md, "What cannot be known from a file". `line`: only a cut between two lines, which leaves a shorter list of
 * the same form.
 */
const untold: readonly { readonly path: RegExp; readonly at: 'anywhere' | 'line'; readonly without?: RegExp }[] = [
  // What persons write: a shorter file is another one.
  { path: /(?:^|\/)(?:requirements[\w.-]*\.txt|conanfile\.txt|action\.ya?ml)$/, at: 'anywhere' },
  { path: /\.github\/workflows\/[^/]+$|azure-pipelines\.yml$|\.azuredevops\//, at: 'anywhere' },
  { path: /(?:^|\/)(?:Dockerfile|values\.yaml|k\.yml|all\.yaml|(?:docker-)?compose[\w.-]*\.ya?ml)$/, at: 'anywhere' },
  // Between two blocks of them.
  { path: /(?:^|\/)go\.(?:mod|work)$/, at: 'line' },
  // Lists that have no end, or whose graph leads nowhere without the manifest beside.
  { path: /(?:^|\/)paket\.lock$/, at: 'anywhere' },
  { path: /(?:^|\/)(?:go\.sum|pdm\.lock|pylock[\w.]*\.toml|Manifest\.toml)$/, at: 'line' },
  { path: /(?:^|\/)yarn\.lock$/, at: 'line', without: /(?:^|\/)package\.json$/ },
  // Here Cargo.toml is none, or that of the form of 2016.
  { path: /(?:^|\/)Cargo\.lock$/, at: 'line' },
];

function isUntold({ path, keptBytes }: SilentCut, input: FuzzInput): boolean {
  const text = new TextDecoder().decode(input.find((part) => part.path === path)?.bytes);
  const isLine = text[keptBytes] === '\n' || /\n[ \t]*$/.test(text.slice(0, keptBytes));
  return untold.some(
    (one) =>
      one.path.test(path) &&
      (one.at === 'anywhere' || isLine) &&
      (one.without === undefined || !input.some((part) => one.without?.test(part.path))),
  );
}

const declared = new URL('../packages/catalogers/src/declared/', import.meta.url);

/** Projects as their own tools wrote them, which lie beside the tests of the catalogers. */
const projects = readdirSync(declared, { recursive: true, encoding: 'utf8' })
  .filter((path) => /^[\w-]+\/testing\/[\w-]+$/.test(path) && statSync(new URL(path, declared)).isDirectory())
  .map((path): readonly [string, FuzzInput] => {
    const files = Object.entries(readFolder(new URL(`${path}/`, declared)));
    return [path, files.map(([name, text]) => ({ path: name, bytes: new TextEncoder().encode(text as string) }))];
  });

describe.each(declaredCatalogers.map((cataloger) => [cataloger.id, cataloger] as const))('%s', (id, cataloger) => {
  const catalog = (input: FuzzInput) => cataloger.catalog(viewOf(input, cataloger), {});
  const seeds = corpusOf(`cataloger/${id}`).map(({ file, input }) => [file.replace(/.*\//, ''), input] as const);
  const inputs = [...projects, ...seeds].filter(([, input]) => catalog(input).packages.length > 0);

  test('has something to cut', () => {
    expect(inputs.length).toBeGreaterThan(0);
  });

  test.each(inputs)('%s: what a cut takes away is told', (_, input) => {
    const silent = silentCuts(input, catalog).filter((cut) => !isUntold(cut, input));
    expect(silent.slice(0, 5)).toEqual([]);
  });
});
