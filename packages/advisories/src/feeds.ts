// All advisory feeds. A new one is a folder and a line here.
import { almalinux } from './feeds/almalinux/index.ts';
import { alpine } from './feeds/alpine/index.ts';
import { azurelinux } from './feeds/azurelinux/index.ts';
import { debian } from './feeds/debian/index.ts';
import { friendsofphp } from './feeds/friendsofphp/index.ts';
import { nodejs } from './feeds/nodejs/index.ts';
import { nvd } from './feeds/nvd/index.ts';
import { go, osv, psf, pypa } from './feeds/osv/index.ts';
import type { AdvisoryFeed } from './feed.ts';
import { retirejs } from './feeds/retirejs/index.ts';
import { rubysec } from './feeds/rubysec/index.ts';
import { rustsec } from './feeds/rustsec/index.ts';
import { ubuntu } from './feeds/ubuntu/index.ts';
import { wolfi } from './feeds/wolfi/index.ts';

/** The advisory feeds, sorted by id. */
export const feeds: readonly AdvisoryFeed[] = [
  almalinux,
  alpine,
  azurelinux,
  debian,
  friendsofphp,
  go,
  nodejs,
  nvd,
  osv,
  psf,
  pypa,
  retirejs,
  rubysec,
  rustsec,
  ubuntu,
  wolfi,
];
