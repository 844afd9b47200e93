// stack.yaml.lock and cabal.project.freeze, written to their published formats.
import { expect, it } from 'vitest';
import { declaredContract } from '../testing/contract.ts';
import { catalogOf, lines } from '../testing/folder.ts';
import { haskellLockCataloger } from './index.ts';

const freeze =
  'active-repositories: hackage.haskell.org:merge\nconstraints: any.aeson ==2.1.0.0,\n             aeson -cffi,\n             any.text ==2.0.1,\n             any.open >=1\nindex-state: hackage.haskell.org 2023-01-01T00:00:00Z\n';
const stack = `packages:
- completed:
    hackage: fuzzyset-0.2.4@sha256:f1b6de8bf33277bf6255207541d65028f1f1ea93af5541b654c86b5674995485,1618
  original:
    hackage: fuzzyset-0.2.4
- completed:
    commit: '0123'
    git: https://git.example/own.git
    name: own
    version: 0.1.0
  original: {}
snapshots:
- completed: {sha256: ab, size: 1, url: "https://x"}
  original: lts-20.0
`;

it('versions, commits, and the snapshot that is not there', () => {
  const frozen = catalogOf(haskellLockCataloger, { 'cabal.project.freeze': freeze });
  expect(lines(frozen)).toEqual(['aeson@2.1.0.0 runtime', 'text@2.0.1 runtime']);
  expect(frozen.diagnostics.map(({ code }) => code)).toEqual(['package/version-open']);
  const locked = catalogOf(haskellLockCataloger, { 'stack.yaml.lock': stack });
  expect(lines(locked)).toEqual(['fuzzyset@0.2.4 runtime', 'own@0.1.0 runtime vcs']);
  expect(locked.diagnostics.map(({ code }) => code)).toEqual(['package/dependencies-open']);
});

declaredContract(haskellLockCataloger, { 'cabal.project.freeze': freeze, 'stack.yaml.lock': stack });
