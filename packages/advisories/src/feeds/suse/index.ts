// SUSE's VEX documents, which know what is not fixed yet; the osv feed reads its errata.
import type { CsafVendor } from '../csaf/document.ts';
import { createCsafFeed } from '../csaf/feed.ts';
import type { CsafPlace } from '../csaf/product-tree.ts';
import type { CsafScope } from '../csaf/ranges.ts';
import { ecosystemOfProduct } from './products.ts';

function scope({ within, component }: CsafPlace): CsafScope | undefined {
  for (const { name } of within.length === 0 ? [component] : within) {
    const ecosystem = ecosystemOfProduct(name);
    if (ecosystem !== undefined) return { ecosystem, scheme: 'rpm' };
  }
  return undefined;
}

const suseVendor: CsafVendor = { id: 'suse', scope, erratum: /(?:open)?SUSE-[SRO]U-\d{4}:[\d-]+/ };

/** Every vulnerability that SUSE has looked at. Fetched when named `suse`; OSV's exports, of fixes only, are the usual set. */
export const suse = createCsafFeed({
  id: 'suse',
  title: 'SUSE VEX',
  homepage: 'https://www.suse.com/support/security/csaf/',
  licence: 'none stated',
  vendor: suseVendor,
  requests: (ecosystems) =>
    ecosystems?.includes('suse') === true
      ? [
          {
            shard: 'suse',
            documents: [
              { name: 'suse/csaf-vex.tar.bz2', url: 'https://ftp.suse.com/pub/projects/security/csaf-vex.tar.bz2' },
            ],
          },
        ]
      : [],
  matches: (path) =>
    /(?:^|\/)suse\/(?:csaf(?:-vex)?\.tar\.(?:bz2|gz|zst)|(?:[^/]+\/)*(?:cve|suse|opensuse)-[^/]+\.json)$/.test(path)
      ? 'suse'
      : undefined,
  covers: () => ['SUSE', 'openSUSE'],
});
