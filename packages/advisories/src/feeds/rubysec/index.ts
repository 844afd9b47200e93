// The Ruby advisory database: gems, and the implementations of Ruby.
import { kibibyte } from '@plombe/kit';
import { parseYaml } from '@plombe/formats';
import type { AdvisoryFeed } from '../../feed.ts';
import { isBelow, recordItems, type RecordFiles } from '../../documents/records.ts';
import { parseRubySec, recordPath } from './parse.ts';

const files: RecordFiles = {
  what: 'record of a gem or a Ruby',
  wants: (name) => recordPath.test(name),
  /** The longest has 14 KiB; a reader of all of YAML takes seconds for each MiB. (T54) */
  maxFileBytes: 256 * kibibyte,
  parse(name, text) {
    const parsed = parseRubySec(name, parseYaml(text));
    return 'cause' in parsed
      ? [{ kind: 'problem', record: name.slice(-100), cause: parsed.cause }]
      : [{ kind: 'advisory', advisory: parsed }];
  },
};

/** RubySec's advisories, by gem and by engine. */
export const rubysec: AdvisoryFeed = {
  id: 'rubysec',
  title: 'Ruby advisory database',
  homepage: 'https://github.com/rubysec/ruby-advisory-db',
  licence: 'public domain dedication of its contributors; may hold text of OSVDB',
  requests: (ecosystems) =>
    ecosystems === undefined || ecosystems.some((name) => ['RubyGems', 'Ruby', 'rubysec'].includes(name))
      ? [
          {
            shard: 'rubysec',
            documents: [
              {
                name: 'rubysec/ruby-advisory-db.tar.gz',
                url: 'https://github.com/rubysec/ruby-advisory-db/archive/refs/heads/master.tar.gz',
              },
            ],
          },
        ]
      : [],
  matches: (path) => (isBelow('rubysec', path, files.wants) ? 'rubysec' : undefined),
  covers: () => ['RubyGems', 'Ruby'],
  parse: (document, ctx) => recordItems(document, files, ctx),
};
