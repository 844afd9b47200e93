// The list of all catalogers. Adding one is one line here and a folder beside.
import { apkCataloger } from './apk/index.ts';
import type { Cataloger } from './cataloger.ts';
import { dpkgCataloger } from './dpkg/index.ts';
import { goCataloger } from './go/index.ts';
import { javaCataloger } from './java/index.ts';
import { npmCataloger } from './npm/index.ts';
import { phpCataloger } from './php/index.ts';
import { pythonCataloger } from './python/index.ts';
import { rpmCataloger } from './rpm/index.ts';
import { rubyCataloger } from './ruby/index.ts';
import { rustCataloger } from './rust/index.ts';

/** Every cataloger, sorted by id. */
export const catalogers: readonly Cataloger[] = [
  apkCataloger,
  dpkgCataloger,
  goCataloger,
  javaCataloger,
  npmCataloger,
  phpCataloger,
  pythonCataloger,
  rpmCataloger,
  rubyCataloger,
  rustCataloger,
];
