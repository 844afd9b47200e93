// renv.lock and pkg.lock, written to their published formats.
import { expect, it } from 'vitest';
import { declaredContract } from '../testing/contract.ts';
import { catalogOf, lines } from '../testing/folder.ts';
import { rLockCataloger } from './index.ts';

const renv = JSON.stringify({
  R: { Version: '4.3.1', Repositories: [{ Name: 'CRAN', URL: 'https://cran.example' }] },
  Packages: {
    commonmark: { Package: 'commonmark', Version: '1.7', Source: 'Repository', Repository: 'CRAN' },
    Biobase: { Package: 'Biobase', Version: '2.60.0', Source: 'Bioconductor' },
    own: {
      Package: 'own',
      Version: '0.1.0',
      Source: 'GitHub',
      RemoteUsername: 'acme',
      RemoteRepo: 'own',
      RemoteSha: 'abc',
    },
    file: { Package: 'file', Version: '0.2.0', Source: 'Local' },
  },
});
const pak = JSON.stringify({
  lockfile_version: 1,
  packages: [
    { ref: 'deps::.', package: 'app', version: '0.0.1', type: 'deps', direct: true },
    { ref: 'cli', package: 'cli', version: '3.6.1', type: 'standard', direct: false, license: 'MIT + file LICENSE' },
    { ref: 'acme/x', package: 'x', version: '1.0.0', type: 'github', direct: true, metadata: { RemoteSha: 'abc' } },
  ],
});

it('packages of CRAN, Bioconductor and elsewhere', () => {
  expect(lines(catalogOf(rLockCataloger, { 'renv.lock': renv }))).toEqual([
    'Biobase@2.60.0 runtime',
    'commonmark@1.7 runtime',
    'file@0.2.0 runtime archive',
    'own@0.1.0 runtime vcs',
  ]);
  expect(lines(catalogOf(rLockCataloger, { 'pkg.lock': pak }))).toEqual([
    'cli@3.6.1 runtime',
    'x@1.0.0 runtime direct vcs',
  ]);
});

declaredContract(rLockCataloger, { 'renv.lock': renv, 'pkg.lock': pak });
