// Podfile.lock, written to its published format.
import { by } from '@plombe/kit';
import { expect, it } from 'vitest';
import { declaredContract } from '../testing/contract.ts';
import { catalogOf, lines } from '../testing/folder.ts';
import { podfileLockCataloger } from './index.ts';

const lock = `PODS:
  - Alamofire (5.6.4)
  - Firebase/Core (8.0.0):
    - Firebase/CoreOnly
    - Nanopb (~> 2.0)
  - Firebase/CoreOnly (8.0.0)
  - Nanopb (2.30908.0)
  - Own (0.1.0)
  - "Fork (1.0.0)"

DEPENDENCIES:
  - Alamofire
  - Firebase/Core (~> 8.0)
  - Own (from \`../own\`)
  - Fork (from \`https://git.example/f.git\`, tag \`1.0.0\`)

SPEC REPOS:
  trunk:
    - Alamofire

EXTERNAL SOURCES:
  Own:
    :path: "../own"
  Fork:
    :git: https://git.example/f.git
    :tag: 1.0.0

COCOAPODS: 1.11.3
`;

it('pods, subspecs and sources', () => {
  const result = catalogOf(podfileLockCataloger, { 'ios/Podfile.lock': lock });
  expect([result.diagnostics, result.complete]).toEqual([[], true]);
  expect(lines(result)).toEqual([
    'Alamofire@5.6.4 runtime direct',
    'Firebase@8.0.0 runtime',
    'Firebase@8.0.0 runtime direct',
    'Fork@1.0.0 runtime direct vcs',
    'Nanopb@2.30908.0 runtime',
    'Own@0.1.0 runtime direct local',
  ]);
  expect(
    result.packages
      .map(({ subpath }) => subpath)
      .filter((subpath) => subpath !== undefined)
      .sort(by((subpath) => subpath)),
  ).toEqual(['Core', 'CoreOnly']);
});

declaredContract(podfileLockCataloger, { 'Podfile.lock': lock });
