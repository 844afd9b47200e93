// FriendsOfPHP's security advisories, by package of Composer.
import { kibibyte } from '@plombe/kit';
import { parseYaml } from '@plombe/formats';
import type { AdvisoryFeed } from '../../feed.ts';
import { isBelow, recordItems, type RecordFiles } from '../../documents/records.ts';
import { parseFriendsOfPhp, recordPath } from './parse.ts';

const files: RecordFiles = {
  what: 'record of a package of Composer',
  wants: (name) => recordPath.test(name) && !/(?:^|\/)\.[^/]+\//.test(name),
  /** The longest has 6 KiB; a reader of all of YAML takes seconds for each MiB. (T54) */
  maxFileBytes: 256 * kibibyte,
  parse(name, text) {
    const parsed = parseFriendsOfPhp(name, parseYaml(text));
    return 'cause' in parsed
      ? [{ kind: 'problem', record: name.slice(-100), cause: parsed.cause }]
      : [{ kind: 'advisory', advisory: parsed }];
  },
};

/** Advisories about packages of Packagist and other Composer repositories (Drupal, Magento, TYPO3). */
export const friendsofphp: AdvisoryFeed = {
  id: 'friendsofphp',
  title: 'FriendsOfPHP security advisories',
  homepage: 'https://github.com/FriendsOfPHP/security-advisories',
  licence: 'Unlicense',
  requests: (ecosystems) =>
    ecosystems?.includes('friendsofphp') === true
      ? [
          {
            shard: 'friendsofphp',
            documents: [
              {
                name: 'friendsofphp/security-advisories.tar.gz',
                url: 'https://github.com/FriendsOfPHP/security-advisories/archive/refs/heads/master.tar.gz',
              },
            ],
          },
        ]
      : [],
  matches: (path) => (isBelow('friendsofphp', path, files.wants) ? 'friendsofphp' : undefined),
  // Its records are those that somebody sent in: a package without one is not known to have none.
  covers: () => [],
  parse: (document, ctx) => recordItems(document, files, ctx),
};
