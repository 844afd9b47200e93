// Lists: tags, repositories, referrers; each in pages (distribution specification, "Content Discovery").
import type { Descriptor, Digest } from '@plombe/model';
import type { Page } from '@plombe/store';
import { answerJson, identify, sightOf, type Exchange, type Registry } from './exchange.ts';
import type { Identity } from './ports.ts';
import { Refused } from './refused.ts';

/** A page has at most so many entries, and so many where the client names no number (T28). */
const maxPage = 10_000;
/** Descriptors with annotations have some kilobytes, at most 64: clients take lists of 4 MiB, and 32 can be made. */
const referrersPage = 500;
/** Repositories looked through for one page of the catalog. */
const catalogStep = 1000;

/** `GET …/tags/list?n=&last=`. */
export async function listTags(registry: Registry, exchange: Exchange, repository: string): Promise<void> {
  const { store } = registry;
  const identity = await identify(
    registry,
    exchange,
    [{ action: 'pull', repository }],
    [{ action: 'sign', repository }],
  );
  const sight = sightOf(identity, repository);
  const elsewhere = await registry.upstream?.tags(repository, sight);
  if (elsewhere !== undefined) {
    const { limit, last } = pageOf(exchange);
    const rest = elsewhere.filter((tag) => tag > (last.last ?? ''));
    const tags = rest.slice(0, limit);
    const more = next(limit > 0 && rest.length > limit, `/v2/${repository}/tags/list`, limit, tags);
    return answerJson(exchange, { name: repository, tags }, more);
  }
  if (!store.hasContent(repository, sight)) {
    throw new Refused('NAME_UNKNOWN', `There is no repository ${repository}.`);
  }
  const { limit, last } = pageOf(exchange);
  const wanted = limit === 0 ? 0 : limit + 1;
  const found =
    sight === 'all'
      ? store.tags(repository, sight, { limit: wanted, ...last })
      : offeredTags(registry, identity, repository, { limit: wanted, ...last });
  const tags = found.slice(0, limit);
  answerJson(
    exchange,
    { name: repository, tags },
    next(found.length > limit, `/v2/${repository}/tags/list`, limit, tags),
  );
}

/** Visible tags without those whose pulls would be refused. */
function offeredTags(
  { store, gate }: Registry,
  identity: Identity,
  repository: string,
  { limit, last }: Page,
): readonly string[] {
  const offered: string[] = [];
  for (let after = last; offered.length < limit;) {
    const step = store.visibleTags(repository, { limit, ...(after === undefined ? {} : { last: after }) });
    for (const { tag, digest } of step) if (!gate.withholds(repository, digest, identity)) offered.push(tag);
    if (step.length < limit) break;
    after = step.at(-1)?.tag;
  }
  return offered.slice(0, limit);
}

/** `GET /v2/_catalog?n=&last=`: the repositories that the identity may pull from and that hold something it may see. */
export async function listRepositories(registry: Registry, exchange: Exchange): Promise<void> {
  const { store } = registry;
  const identity = await identify(registry, exchange);
  const { limit, last } = pageOf(exchange);
  const { upstream } = registry;
  if (upstream !== undefined) {
    const all = await upstream.repositories();
    const shown = all.filter(
      (name) =>
        name > (last.last ?? '') &&
        identity.may('pull', name) &&
        (upstream.has(name) || store.hasContent(name, sightOf(identity, name))),
    );
    const repositories = shown.slice(0, limit);
    const more = next(limit > 0 && shown.length > limit, '/v2/_catalog', limit, repositories);
    return answerJson(exchange, { repositories }, more);
  }
  const found: string[] = [];
  for (let after = last.last ?? ''; found.length <= limit && limit > 0;) {
    const step = store.repositories({ last: after, limit: catalogStep });
    for (const name of step) {
      if (identity.may('pull', name) && store.hasContent(name, sightOf(identity, name))) found.push(name);
    }
    if (step.length < catalogStep) break;
    after = step.at(-1) ?? '';
  }
  const repositories = found.slice(0, limit);
  answerJson(exchange, { repositories }, next(found.length > limit, '/v2/_catalog', limit, repositories));
}

/** `GET …/referrers/<digest>?artifactType=`: an index, empty where nothing refers to the digest. */
export async function listReferrers(
  registry: Registry,
  exchange: Exchange,
  repository: string,
  digest: Digest,
): Promise<void> {
  const { store } = registry;
  const { query } = exchange;
  const identity = await identify(
    registry,
    exchange,
    [{ action: 'pull', repository }],
    [{ action: 'sign', repository }],
  );
  const artifactType = query.get('artifactType');
  const last = query.get('last');
  const sight = sightOf(identity, repository);
  const elsewhere = await registry.upstream?.referrers(repository, digest, sight);
  // What waits in quarantine is not there, and nothing refers to it.
  const isHidden = sight === 'visible' && store.manifest(repository, digest, 'all')?.state === 'quarantined';
  const isWanted = (one: Descriptor): boolean =>
    (artifactType === null || one.artifactType === artifactType) && one.digest > (last ?? '');
  const found: readonly Descriptor[] = isHidden
    ? []
    : (elsewhere?.filter(isWanted) ??
      store.referrers(repository, digest, sight, referrersPage + 1, {
        ...(artifactType === null ? {} : { artifactType }),
        ...(last === null ? {} : { last }),
      }));
  const shown = found.slice(0, referrersPage);
  const rest = new URLSearchParams(artifactType === null ? {} : { artifactType });
  rest.set('last', shown.at(-1)?.digest ?? '');
  const manifests = shown.map((record) => ({
    mediaType: record.mediaType,
    digest: record.digest,
    size: record.sizeBytes,
    ...(record.artifactType === undefined ? {} : { artifactType: record.artifactType }),
    ...(Object.keys(record.annotations ?? {}).length === 0 ? {} : { annotations: record.annotations }),
  }));
  const type = 'application/vnd.oci.image.index.v1+json';
  answerJson(
    exchange,
    { schemaVersion: 2, mediaType: type, manifests },
    {
      ...(artifactType === null ? {} : { 'oci-filters-applied': 'artifactType' }),
      ...(found.length > referrersPage
        ? { link: `</v2/${repository}/referrers/${digest}?${rest.toString()}>; rel="next"` }
        : {}),
    },
    type,
  );
}

function pageOf({ query }: Exchange): { readonly limit: number; readonly last: { readonly last?: string } } {
  const text = query.get('n');
  const last = query.get('last');
  if (text !== null && !/^\d{1,9}$/.test(text)) {
    throw new Refused('PAGINATION_NUMBER_INVALID', 'n must be a number of entries.');
  }
  return {
    limit: text === null ? maxPage : Math.min(Number(text), maxPage),
    last: last === null ? {} : { last: last.slice(0, 300) },
  };
}

function next(hasMore: boolean, path: string, limit: number, shown: readonly string[]): Record<string, string> {
  if (!hasMore) return {};
  return {
    link: `<${path}?${new URLSearchParams({ n: String(limit), last: shown.at(-1) ?? '' }).toString()}>; rel="next"`,
  };
}
