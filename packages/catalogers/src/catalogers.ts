// The list of all catalogers. Adding one is one line here and a folder beside.
import { apkCataloger } from './apk/index.ts';
import { binaryCataloger } from './binary/index.ts';
import { bitnamiCataloger } from './bitnami/index.ts';
import { bottlerocketCataloger } from './bottlerocket/index.ts';
import type { Cataloger } from './cataloger.ts';
import { chiselCataloger } from './chisel/index.ts';
import { condaCataloger } from './conda/index.ts';
import { dartCataloger } from './dart/index.ts';
import { pythonLockCataloger } from './declared/python/index.ts';
import { azurePipelinesCataloger } from './declared/azure-pipelines/index.ts';
import { podfileLockCataloger } from './declared/cocoapods/index.ts';
import { conanLockCataloger } from './declared/conan/index.ts';
import { pubspecLockCataloger } from './declared/dart/index.ts';
import { githubActionsCataloger } from './declared/github-actions/index.ts';
import { haskellLockCataloger } from './declared/haskell/index.ts';
import { hexLockCataloger } from './declared/hex/index.ts';
import { imageNameCataloger } from './declared/images/index.ts';
import { juliaManifestCataloger } from './declared/julia/index.ts';
import { nugetLockCataloger } from './declared/nuget/index.ts';
import { composerLockCataloger } from './declared/php/index.ts';
import { rLockCataloger } from './declared/r/index.ts';
import { gemLockCataloger } from './declared/ruby/index.ts';
import { swiftResolvedCataloger } from './declared/swift/index.ts';
import { goModCataloger } from './declared/go/index.ts';
import { cargoLockCataloger } from './declared/rust/index.ts';
import { javaLockCataloger } from './declared/java/index.ts';
import { npmLockCataloger } from './declared/npm/index.ts';
import { dotnetCataloger } from './dotnet/index.ts';
import { dpkgCataloger } from './dpkg/index.ts';
import { erlangCataloger } from './erlang/index.ts';
import { goCataloger } from './go/index.ts';
import { homebrewCataloger } from './homebrew/index.ts';
import { javaCataloger } from './java/index.ts';
import { javascriptLibraryCataloger } from './javascript-library/index.ts';
import { juliaCataloger } from './julia/index.ts';
import { luaCataloger } from './lua/index.ts';
import { nixCataloger } from './nix/index.ts';
import { npmCataloger } from './npm/index.ts';
import { opkgCataloger } from './opkg/index.ts';
import { pacmanCataloger } from './pacman/index.ts';
import { perlCataloger } from './perl/index.ts';
import { phpCataloger } from './php/index.ts';
import { portageCataloger } from './portage/index.ts';
import { pythonCataloger } from './python/index.ts';
import { rCataloger } from './r/index.ts';
import { rpmCataloger } from './rpm/index.ts';
import { rubyCataloger } from './ruby/index.ts';
import { rustCataloger } from './rust/index.ts';
import { snapCataloger } from './snap/index.ts';
import { swiftCataloger } from './swift/index.ts';
import { wordpressCataloger } from './wordpress/index.ts';

/** Every cataloger, sorted by id: of what is installed, and (`declares`) of what is declared. */
export const catalogers: readonly Cataloger[] = [
  apkCataloger,
  azurePipelinesCataloger,
  binaryCataloger,
  bitnamiCataloger,
  bottlerocketCataloger,
  cargoLockCataloger,
  chiselCataloger,
  composerLockCataloger,
  conanLockCataloger,
  condaCataloger,
  dartCataloger,
  dotnetCataloger,
  dpkgCataloger,
  erlangCataloger,
  gemLockCataloger,
  githubActionsCataloger,
  goCataloger,
  goModCataloger,
  haskellLockCataloger,
  hexLockCataloger,
  homebrewCataloger,
  imageNameCataloger,
  javaCataloger,
  javaLockCataloger,
  javascriptLibraryCataloger,
  juliaCataloger,
  juliaManifestCataloger,
  luaCataloger,
  nixCataloger,
  npmCataloger,
  npmLockCataloger,
  nugetLockCataloger,
  opkgCataloger,
  pacmanCataloger,
  perlCataloger,
  phpCataloger,
  podfileLockCataloger,
  portageCataloger,
  pubspecLockCataloger,
  pythonCataloger,
  pythonLockCataloger,
  rCataloger,
  rLockCataloger,
  rpmCataloger,
  rubyCataloger,
  rustCataloger,
  snapCataloger,
  swiftCataloger,
  swiftResolvedCataloger,
  wordpressCataloger,
];
