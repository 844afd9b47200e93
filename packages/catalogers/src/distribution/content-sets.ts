// Which of the vendor's repositories an image's packages come from: Red Hat's content sets, and Amazon Linux 2's extras.
import { sortedUnique } from '@plombe/kit';

/** Repositories kept of one image: the widest layered products have about 40. */
const maxRepositories = 200;

/** Products of streams for who stays on a minor release; since release 10 they are named after the distribution. */
function streamOf(stream: string, version: string): string {
  return Number(version.split('.')[0]) >= 10 ? `enterprise_linux_${stream}:${version}` : `rhel_${stream}:${version}`;
}

/**
 * Returns the product of a content set as Red Hat's CPEs name it: `rhel-9-for-x86_64-baseos-rpms` is `enterprise_linux:9`,
 * `rhel-9-for-x86_64-baseos-eus-rpms__9_DOT_2` is `rhel_eus:9.2`, `rhocp-4.16-for-rhel-9-x86_64-rpms` is `openshift:4.16`. Undefined for
 * source and debugging repositories, and for products whose names say no CPE.
 */
export function productOfContentSet(name: string): string | undefined {
  if (/-(?:source|debug)-rpms/.test(name)) return undefined;
  const openshift = /^rhocp-(\d+\.\d+)-for-rhel-\d+-\w+-rpms$/.exec(name)?.[1];
  if (openshift !== undefined) return `openshift:${openshift}`;
  const [, major, middle = '', release = '', minor = ''] =
    /^rhel-(\d+)-(?:for-|server-|atomic-host)?(.*?)-?rpms(?:__(\d+)_DOT_(\d+))?$/.exec(name) ?? [];
  if (major === undefined) return undefined;
  const stream = /(?:^|-)(eus|aus|tus|e4s|els)(?:-|$)/.exec(middle)?.[1];
  if (stream === undefined) return `enterprise_linux:${major}`;
  if (minor !== '') return streamOf(stream, `${release}.${minor}`);
  return stream === 'els' ? streamOf(stream, major) : undefined;
}

/** Returns the products of the content sets that the files of `buildinfo` list; undefined where they list none that is known. */
export function redHatRepositories(texts: readonly string[]): readonly string[] | undefined {
  const names = texts.flatMap((text) => {
    const list = /"content_sets"\s*:\s*\[([^\]]*)\]/.exec(text)?.[1] ?? '';
    return [...list.matchAll(/"([\w.+-]{1,200})"/g)].map((match) => match[1] as string);
  });
  const products = sortedUnique(names.map(productOfContentSet).filter((product) => product !== undefined));
  return products.length === 0 ? undefined : products.slice(0, maxRepositories);
}

/** Returns the topics of Amazon Linux 2's extras that are enabled, each as `extras:<topic>`; undefined where none is. */
export function amazonExtras(text: string): readonly string[] | undefined {
  const topics: string[] = [];
  for (const section of text.split(/^\s*\[/m).slice(1, maxRepositories)) {
    const topic = /^amzn2extra-([\w.+-]{1,100})\]/.exec(section)?.[1];
    if (
      topic !== undefined &&
      !/-(?:source|debuginfo)$/.test(topic) &&
      /^\s*enabled\s*=\s*(?:1|true|yes)\s*$/im.test(section)
    )
      topics.push(`extras:${topic}`);
  }
  return topics.length === 0 ? undefined : sortedUnique(topics);
}
