// Red Hat's VEX documents: what is fixed, affected, not affected and under investigation, by product.
import type { FeedChangeList } from '../../feed.ts';
import type { CsafVendor } from '../csaf/document.ts';
import { createCsafFeed } from '../csaf/feed.ts';
import type { CsafPlace } from '../csaf/product-tree.ts';
import type { CsafScope } from '../csaf/ranges.ts';
import { productOfCpe, scopeOfProduct } from './products.ts';

const root = 'https://security.access.redhat.com/data/csaf/v2/vex/';

function scope({ within, component }: CsafPlace): CsafScope | undefined {
  const cpe = [...within, component].map((product) => product.cpe).find((text) => text !== undefined);
  const product = cpe === undefined ? undefined : productOfCpe(cpe);
  return product === undefined ? undefined : { ...scopeOfProduct(product), scheme: 'rpm' };
}

/** Red Hat's CSAF: products are known by CPE, packages by package URL, errata by their links. */
export const redhatVendor: CsafVendor = { id: 'redhat', scope, erratum: /RH[SBE]A-\d{4}:\d{4,}/ };

/** `"2024/cve-2024-1.json","2026-11-20T10:00:00+00:00"`: what changed since the archive, and what was deleted. */
function changes(name: 'changes.csv' | 'deletions.csv'): FeedChangeList {
  return {
    name: `redhat/${name}`,
    url: `${root}${name}`,
    newestFirst: false,
    parse(line) {
      const [, path, at] = /^"(\d{4}\/cve-\d{4}-\d+\.json)","([\dT:.+-]+Z?)"/.exec(line.trim()) ?? [];
      if (path === undefined || at === undefined) return undefined;
      const id = path.slice(5, -5).toUpperCase();
      if (name === 'deletions.csv') return { id, at };
      return { id, at, document: { name: `redhat/${path}`, url: `${root}${path}` } };
    },
  };
}

/** Every vulnerability that Red Hat has looked at. Fetched when `Red Hat` is named; OSV's export, of fixes only, is the usual set. */
export const redhat = createCsafFeed({
  id: 'redhat',
  title: 'Red Hat VEX',
  homepage: 'https://security.access.redhat.com/data/csaf/v2/vex/',
  licence: 'CC-BY-4.0',
  vendor: redhatVendor,
  requests: (ecosystems) =>
    ecosystems?.some((name) => ['Red Hat', 'redhat'].includes(name) || name.startsWith('Red Hat:')) === true
      ? [
          {
            shard: 'redhat',
            documents: [
              {
                name: 'redhat/csaf_vex.tar.zst',
                url: `${root}archive_latest.txt`,
                follow: [(text) => /^csaf_vex_[\d-]+\.tar\.zst$/m.exec(text.trim())?.[0]],
              },
            ],
          },
        ]
      : [],
  matches: (path) =>
    /(?:^|\/)csaf_(?:vex|advisories)[^/]*\.tar(?:\.zst|\.gz|\.bz2)?$/.test(path) ||
    /(?:^|\/)redhat\/(?:[^/]+\/)*(?:cve|rhsa)-[^/]+\.json$/.test(path)
      ? 'redhat'
      : undefined,
  covers: () => ['Red Hat'],
  changes: () => [changes('changes.csv'), changes('deletions.csv')],
});
