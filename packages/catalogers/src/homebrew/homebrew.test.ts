// Homebrew's kegs: names, taps, licences; hostile.
import { describe, expect, test } from 'vitest';
import { catalogerContract } from '../testing/contract.ts';
import { type FileSpecs, viewOf } from '../testing/view.ts';
import { homebrewCataloger } from './index.ts';

const keg = 'home/linuxbrew/.linuxbrew/Cellar/openssl@3/3.4.0_1';
const path = `${keg}/INSTALL_RECEIPT.json`;
const receipt = JSON.stringify({
  homebrew_version: '4.4.10',
  poured_from_bottle: true,
  arch: 'x86_64',
  source: { spec: 'stable', versions: { stable: '3.4.0' }, path: '/x/openssl@3.rb', tap: 'homebrew/core' },
});
const formula =
  'class OpensslAT3 < Formula\n  desc "Cryptography"\n  license "Apache-2.0"\n  def install\n  end\nend\n';
const example = { [path]: receipt, [`${keg}/.brew/openssl@3.rb`]: formula };
const catalog = (specs: FileSpecs) => homebrewCataloger.catalog(viewOf(specs, homebrewCataloger), {});

catalogerContract(homebrewCataloger, example);

test('a package in full', () => {
  expect(catalog(example)).toEqual({
    packages: [
      {
        type: 'brew',
        name: 'openssl@3',
        version: '3.4.0_1',
        architecture: 'x86_64',
        licences: ['Apache-2.0'],
        paths: [path],
      },
    ],
    diagnostics: [],
    complete: true,
  });
  const [other] = catalog({ [path]: receipt.replace('homebrew/core', 'Some-Org/some-tap') }).packages;
  expect([other?.namespace, other?.licences]).toEqual(['some-org/some-tap', []]);
});

test.each([
  ['license any_of: ["MIT", "Apache-2.0"]', ['MIT OR Apache-2.0']],
  ['license all_of: ["MIT", "BSD-3-Clause"]', ['MIT AND BSD-3-Clause']],
  [
    'license "GPL-2.0-or-later" => { with: "Classpath-exception-2.0" }',
    ['GPL-2.0-or-later WITH Classpath-exception-2.0'],
  ],
  [
    'license all_of: [\n    "MIT",\n    any_of: ["GPL-2.0", "Zlib"], # ]\n    { any_of: ["ISC", "X11"] },\n  ]',
    ['MIT AND (GPL-2.0-only OR Zlib) AND (ISC OR X11)'],
  ],
  ['license :public_domain', ['public_domain']],
  ['license any_of: ["MIT", all_of: ["X"]]', ['MIT OR X']],
  ['license any_of: [', []],
  [`license ${'any_of: ['.repeat(50)}"MIT"${']'.repeat(50)}`, []],
])('%s', (line, expected) => {
  const specs = { ...example, [`${keg}/.brew/openssl@3.rb`]: formula.replace('license "Apache-2.0"', line) };
  expect(catalog(specs).packages[0]?.licences).toEqual(expected);
});

describe('T15 hostile kegs', () => {
  test.each([
    ['no JSON', path, '{'],
    ['a list', path, '[]'],
    ['a version with a space', 'Cellar/a/1 2/INSTALL_RECEIPT.json', receipt],
    ['a name with an escape', 'Cellar/\u001b[2J/1/INSTALL_RECEIPT.json', receipt],
  ])('%s is reported', (_title, place, content) => {
    const { packages, complete, diagnostics } = catalog({ [place]: content });
    expect([packages, complete, diagnostics[0]?.code]).toEqual([[], false, 'package/metadata-invalid']);
  });

  test.each(['Cellar/INSTALL_RECEIPT.json', 'Cellar/a/1/x/INSTALL_RECEIPT.json', 'srv/INSTALL_RECEIPT.json'])(
    '%s is not wanted',
    (place) => {
      expect(
        homebrewCataloger.wants({ path: place, type: 'file', sizeBytes: 1, mode: 0o644, uid: 0, gid: 0 }),
      ).toBeUndefined();
    },
  );
});
