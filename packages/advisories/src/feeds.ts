// All advisory feeds. A new one is a folder and a line here.
import { almalinux } from './feeds/almalinux/index.ts';
import { alpine } from './feeds/alpine/index.ts';
import { azurelinux } from './feeds/azurelinux/index.ts';
import { debian } from './feeds/debian/index.ts';
import { go, osv, pypa } from './feeds/osv/index.ts';
import type { AdvisoryFeed } from './feed.ts';
import { ubuntu } from './feeds/ubuntu/index.ts';
import { wolfi } from './feeds/wolfi/index.ts';

/** The advisory feeds, sorted by id. */
export const feeds: readonly AdvisoryFeed[] = [almalinux, alpine, azurelinux, debian, go, osv, pypa, ubuntu, wolfi];
