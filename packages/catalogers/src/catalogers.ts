// The list of the catalogers of what is installed. Adding one is one line here and a folder beside; of what is declared: declared/list.ts.
import { apkCataloger } from './apk/index.ts';
import { binaryCataloger } from './binary/index.ts';
import { bitnamiCataloger } from './bitnami/index.ts';
import { bottlerocketCataloger } from './bottlerocket/index.ts';
import type { Cataloger } from './cataloger.ts';
import { chiselCataloger } from './chisel/index.ts';
import { condaCataloger } from './conda/index.ts';
import { dartCataloger } from './dart/index.ts';
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

/** Every cataloger of what is installed, sorted by id. */
export const catalogers: readonly Cataloger[] = [
  apkCataloger,
  binaryCataloger,
  bitnamiCataloger,
  bottlerocketCataloger,
  chiselCataloger,
  condaCataloger,
  dartCataloger,
  dotnetCataloger,
  dpkgCataloger,
  erlangCataloger,
  goCataloger,
  homebrewCataloger,
  javaCataloger,
  javascriptLibraryCataloger,
  juliaCataloger,
  luaCataloger,
  nixCataloger,
  npmCataloger,
  opkgCataloger,
  pacmanCataloger,
  perlCataloger,
  phpCataloger,
  portageCataloger,
  pythonCataloger,
  rCataloger,
  rpmCataloger,
  rubyCataloger,
  rustCataloger,
  snapCataloger,
  swiftCataloger,
  wordpressCataloger,
];

/** The catalogers of what is declared, sorted by id; loaded only where a source tree is scanned, since images do without their readers. */
export async function declaredCatalogers(): Promise<readonly Cataloger[]> {
  return (await import('./declared/list.ts')).declaredCatalogers;
}
