// RustSec's own repository: the records that OSV's archive of crates.io is made from.
import { mebibyte } from '@plombe/kit';
import { parseToml } from '@plombe/formats';
import type { AdvisoryFeed } from '../../feed.ts';
import { isBelow, recordItems, type RecordFiles } from '../../documents/records.ts';
import { parseRustSec, recordPath, splitRecord } from './parse.ts';

const files: RecordFiles = {
  what: 'record of a crate',
  wants: (name) => recordPath.test(name),
  /** The longest has 20 KiB. */
  maxFileBytes: mebibyte,
  parse(name, text) {
    const record = name.slice(-100);
    const split = splitRecord(text);
    if (split === undefined) return [{ kind: 'problem', record, cause: 'does not begin with TOML' }];
    const parsed = parseRustSec(parseToml(split.toml), split.title);
    return 'cause' in parsed
      ? [{ kind: 'problem', record, cause: parsed.cause }]
      : [{ kind: 'advisory', advisory: parsed }];
  },
};

/** RustSec's advisories about crates. Fetched only when named: OSV's archive of crates.io holds them and GHSA's. */
export const rustsec: AdvisoryFeed = {
  id: 'rustsec',
  title: 'RustSec advisory database',
  homepage: 'https://rustsec.org/',
  licence: 'CC0-1.0; records imported from GHSA CC-BY-4.0',
  requests: (ecosystems) =>
    ecosystems?.includes('rustsec') === true
      ? [
          {
            shard: 'rustsec',
            documents: [
              {
                name: 'rustsec/advisory-db.tar.gz',
                url: 'https://github.com/RustSec/advisory-db/archive/refs/heads/main.tar.gz',
              },
            ],
          },
        ]
      : [],
  matches: (path) => (isBelow('rustsec', path, files.wants) ? 'rustsec' : undefined),
  covers: () => ['crates.io'],
  parse: (document, ctx) => recordItems(document, files, ctx),
};
