// The list of the catalogers of what is declared. Adding one is one line here and a folder beside.
import type { Cataloger } from '../cataloger.ts';
import { azurePipelinesCataloger } from './azure-pipelines/index.ts';
import { podfileLockCataloger } from './cocoapods/index.ts';
import { conanLockCataloger } from './conan/index.ts';
import { pubspecLockCataloger } from './dart/index.ts';
import { githubActionsCataloger } from './github-actions/index.ts';
import { goModCataloger } from './go/index.ts';
import { haskellLockCataloger } from './haskell/index.ts';
import { hexLockCataloger } from './hex/index.ts';
import { imageNameCataloger } from './images/index.ts';
import { javaLockCataloger } from './java/index.ts';
import { juliaManifestCataloger } from './julia/index.ts';
import { npmLockCataloger } from './npm/index.ts';
import { nugetLockCataloger } from './nuget/index.ts';
import { composerLockCataloger } from './php/index.ts';
import { pythonLockCataloger } from './python/index.ts';
import { rLockCataloger } from './r/index.ts';
import { gemLockCataloger } from './ruby/index.ts';
import { cargoLockCataloger } from './rust/index.ts';
import { swiftResolvedCataloger } from './swift/index.ts';

/** Every cataloger of what is declared, sorted by id. */
export const declaredCatalogers: readonly Cataloger[] = [
  azurePipelinesCataloger,
  cargoLockCataloger,
  composerLockCataloger,
  conanLockCataloger,
  gemLockCataloger,
  githubActionsCataloger,
  goModCataloger,
  haskellLockCataloger,
  hexLockCataloger,
  imageNameCataloger,
  javaLockCataloger,
  juliaManifestCataloger,
  npmLockCataloger,
  nugetLockCataloger,
  podfileLockCataloger,
  pubspecLockCataloger,
  pythonLockCataloger,
  rLockCataloger,
  swiftResolvedCataloger,
];
