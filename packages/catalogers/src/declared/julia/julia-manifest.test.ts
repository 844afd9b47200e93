// Manifest.toml of both formats, written to the published format.
import { expect, it } from 'vitest';
import { declaredContract } from '../testing/contract.ts';
import { catalogOf, lines } from '../testing/folder.ts';
import { juliaManifestCataloger } from './index.ts';

const uuid = '682c06a0-de6a-54ab-a142-c8b1cf79cde6';
const manifest = `julia_version = "1.10.0"
manifest_format = "2.0"
[[deps.JSON]]
deps = ["Parsers", "Dates"]
git-tree-sha1 = "ab"
uuid = "${uuid}"
version = "0.21.3"
[[deps.Parsers]]
git-tree-sha1 = "ab"
uuid = "${uuid}"
version = "2.5.10"
[[deps.Dates]]
uuid = "${uuid}"
[[deps.Own]]
path = "own"
uuid = "${uuid}"
version = "0.1.0"
[[deps.Fork]]
git-tree-sha1 = "ab"
repo-url = "https://git.example/f.git"
uuid = "${uuid}"
version = "1.0.0"
`;

it('packages of registries, folders and repositories', () => {
  const result = catalogOf(juliaManifestCataloger, {
    'Manifest.toml': manifest,
    'Project.toml': `[deps]\nJSON = "${uuid}"\n`,
  });
  expect(lines(result)).toEqual([
    'Fork@1.0.0 runtime vcs',
    'JSON@0.21.3 runtime direct',
    'Own@0.1.0 runtime local',
    'Parsers@2.5.10 runtime',
  ]);
  expect(
    lines(
      catalogOf(juliaManifestCataloger, {
        'Manifest.toml': manifest
          .replace('manifest_format = "2.0"', '')
          .replace('julia_version = "1.10.0"', '')
          .replaceAll('[[deps.', '[['),
      }),
    ),
  ).toHaveLength(4);
});

declaredContract(juliaManifestCataloger, { 'Manifest.toml': manifest });
