// All advisory feeds. A new one is a folder and a line here.
import { almalinux } from './feeds/almalinux/index.ts';
import { alpine } from './feeds/alpine/index.ts';
import { amazon } from './feeds/amazon/index.ts';
import { azurelinux } from './feeds/azurelinux/index.ts';
import { debian } from './feeds/debian/index.ts';
import { friendsofphp } from './feeds/friendsofphp/index.ts';
import { nodejs } from './feeds/nodejs/index.ts';
import { nvd } from './feeds/nvd/index.ts';
import { go, kubernetes, osv, psf, pypa } from './feeds/osv/index.ts';
import { oracle } from './feeds/oracle/index.ts';
import { photon } from './feeds/photon/index.ts';
import { redhat } from './feeds/redhat/index.ts';
import { rocky } from './feeds/rocky/index.ts';
import type { AdvisoryFeed } from './feed.ts';
import { suse } from './feeds/suse/index.ts';
import { retirejs } from './feeds/retirejs/index.ts';
import { rubysec } from './feeds/rubysec/index.ts';
import { rustsec } from './feeds/rustsec/index.ts';
import { ubuntu } from './feeds/ubuntu/index.ts';
import { wolfi } from './feeds/wolfi/index.ts';

/** The advisory feeds, sorted by id. */
export const feeds: readonly AdvisoryFeed[] = [
  almalinux,
  alpine,
  amazon,
  azurelinux,
  debian,
  friendsofphp,
  go,
  kubernetes,
  nodejs,
  nvd,
  oracle,
  osv,
  photon,
  psf,
  pypa,
  redhat,
  retirejs,
  rocky,
  rubysec,
  rustsec,
  suse,
  ubuntu,
  wolfi,
];
