// Amazon Linux's errata, of the updateinfo.xml of its repositories.
import type { AdvisoryFeed, FeedRequest } from '../../feed.ts';
import { malformed } from '../../documents/json.ts';
import { parseUpdateInfo, updateInfoOf } from '../updateinfo/feed.ts';

const cdn = 'https://cdn.amazonlinux.com';

/** Topics of Amazon Linux 2's extras whose packages images hold, of those that have security errata. */
const topics: readonly string[] = [
  'docker',
  'ecs',
  'firefox',
  'haproxy2',
  'java-openjdk11',
  'kernel-5.10',
  'kernel-5.15',
  'kernel-5.4',
  'livepatch',
  'mariadb10.5',
  'nginx1',
  'php8.2',
  'postgresql14',
  'python3.8',
  'redis6',
  'ruby3.0',
  'tomcat9',
];

interface Repository {
  readonly release: string;
  readonly topic?: string;
}

/** `amazon/2/updateinfo.xml.gz`, `amazon/2/extras/docker/updateinfo.xml.gz`, `amazon/2023/updateinfo.xml`. */
function repositoryOf(path: string): Repository | undefined {
  const [, release, topic] =
    /(?:^|\/)amazon[^/]*\/(2|2023)\/(?:extras\/([a-z][\w.+-]*)\/)?updateinfo\.xml(?:\.gz|\.xz|\.zst|\.bz2)?$/.exec(
      path,
    ) ?? [];
  if (release === undefined) return undefined;
  return topic === undefined ? { release } : { release, topic };
}

function shardOf({ release, topic }: Repository): string {
  return topic === undefined
    ? `amazon-${release}`
    : `amazon-${release}-extras-${topic.toLowerCase().replace(/[^a-z0-9.-]/g, '-')}`;
}

/** A list of mirrors leads to a repository, its repomd.xml to the errata. */
function request(
  repository: Repository,
  list: string,
): { readonly shard: string; readonly documents: readonly FeedRequest[] } {
  const folder = repository.topic === undefined ? '' : `extras/${repository.topic}/`;
  const follow = [
    (text: string) => {
      const base = /^\s*(https?:\/\/\S+|\S+\/\S*)/.exec(text)?.[1];
      return base === undefined ? undefined : `${base.replace(/\/?$/, '/')}repodata/repomd.xml`;
    },
    updateInfoOf,
  ];
  const name = `amazon/${repository.release}/${folder}updateinfo.xml.gz`;
  return { shard: shardOf(repository), documents: [{ name, url: `${cdn}/${list}/mirror.list`, follow }] };
}

/** Amazon Linux 2 and 2023, on binary packages; ecosystems `Amazon Linux:2` and `Amazon Linux:2023`. */
export const amazon: AdvisoryFeed = {
  id: 'amazon',
  title: 'Amazon Linux Security Advisories',
  homepage: 'https://alas.aws.amazon.com/',
  licence: 'none stated',
  requests(ecosystems) {
    const wants = (release: string): boolean =>
      ecosystems?.some((name) => name === 'Amazon Linux' || name === `Amazon Linux:${release}`) ?? true;
    const second = [
      request({ release: '2' }, '2/core/latest/x86_64'),
      ...topics.map((topic) => request({ release: '2', topic }, `2/extras/${topic}/latest/x86_64`)),
    ];
    return [
      ...(wants('2') ? second : []),
      ...(wants('2023') ? [request({ release: '2023' }, 'al2023/core/mirrors/latest/x86_64')] : []),
    ];
  },
  matches(path) {
    const repository = repositoryOf(path);
    return repository === undefined ? undefined : shardOf(repository);
  },
  // Extras only add: an image without them is assessed by the core repository alone.
  covers: (shard) => (shard.includes('-extras-') ? [] : ['Amazon Linux']),
  async *parse(document, ctx) {
    const repository = repositoryOf(document.name);
    if (repository === undefined) throw malformed(document, 'is of no known repository of Amazon Linux');
    const { release, topic } = repository;
    yield* parseUpdateInfo(
      document,
      {
        feed: 'amazon',
        ecosystem: `Amazon Linux:${release}`,
        architectures: false,
        ...(topic === undefined ? {} : { repository: `extras:${topic}` }),
      },
      ctx,
    );
  },
};
