// What is in a registry as one answer: repositories with their artifacts, and what this login cannot see of them.
import type { Context } from '@plombe/model';
import { isPlombeError, messageOf, type ErrorCode } from '@plombe/kit';
import { coversRepository } from '../access/glob.ts';
import type { Language } from '../posture/check.ts';
import type {
  CallOptions,
  ConnectedArtifact,
  ConnectedRepository,
  RegistryConnector,
  RegistryKind,
} from '../registries/connector.ts';
import { escapeHtml, htmlPage } from './html.ts';
import { reportTexts } from './texts.ts';

export interface ListedRepository extends ConnectedRepository {
  readonly artifacts: readonly ConnectedArtifact[];
}

export interface Listing {
  readonly registry: string;
  readonly kind: RegistryKind;
  /** ISO 8601. */
  readonly at: string;
  readonly repositories: readonly ListedRepository[];
  /** What is missing, a sentence each; with any of them the list is not all there is. */
  readonly causes: readonly string[];
}

/** What one repository may refuse while others are read. */
const closed: readonly ErrorCode[] = ['registry/unauthorized', 'registry/forbidden', 'registry/not-found'];

/**
 * Reads repositories and artifacts. Where the registry moves what is in quarantine, its place is left out unless a glob names it: what is there is
 * listed where it was. Throws `registry/…` where the list of repositories is refused.
 */
export async function readListing(
  connector: RegistryConnector,
  globs: readonly string[],
  call: CallOptions,
  { clock }: Pick<Context, 'clock'>,
): Promise<Listing> {
  const { registry, kind, quarantineArea } = connector;
  const repositories: ListedRepository[] = [];
  const causes: string[] = [];
  for await (const repository of connector.repositories(call)) {
    const { name } = repository;
    if (globs.length > 0 && !globs.some((glob) => coversRepository(glob, name))) continue;
    if (globs.length === 0 && quarantineArea !== undefined && name.startsWith(quarantineArea)) continue;
    try {
      repositories.push({ ...repository, artifacts: await Array.fromAsync(connector.artifacts(name, call)) });
    } catch (thrown) {
      if (!closed.some((code) => isPlombeError(thrown, code))) throw thrown;
      repositories.push({ ...repository, artifacts: [] });
      causes.push(`${name} could not be read: ${messageOf(thrown)}`);
    }
  }
  causes.push(...((await connector.hiddenRepositories?.(call)) ?? []));
  return { registry, kind, at: new Date(clock.nowMs()).toISOString(), repositories, causes };
}

/** The JSON document; docs/cli.md describes it. */
export function listingDocument({ registry, kind, at, repositories, causes }: Listing): object {
  const state = causes.length === 0 ? 'assessed' : 'partial';
  return { schemaVersion: 1, registry, kind, at, state, causes, repositories };
}

/** The page: a table per repository, and what is missing above them. */
export function listingPage({ registry, kind, at, repositories, causes }: Listing, language: Language): string {
  const texts = reportTexts[language];
  const title = `${texts.contents}: ${registry}`;
  const { tags, type, size, pushed, state, scan, referrers } = texts.listed;
  const head = ['Digest', tags, type, size, pushed, state, scan, referrers].map(
    (text) => `<th>${escapeHtml(text)}</th>`,
  );
  const rowOf = (artifact: ConnectedArtifact): string => {
    const cells = [
      artifact.tags.join(', '),
      artifact.artifactType ?? artifact.mediaType,
      artifact.sizeBytes === undefined ? '' : `${artifact.sizeBytes.toLocaleString(language)} B`,
      artifact.pushedAt ?? '',
    ].map((text) => `<td>${escapeHtml(text)}</td>`);
    const word = `<td class="${artifact.state === 'free' ? '' : 'unknown'}">${texts.states[artifact.state]}</td>`;
    const rest = [
      artifact.scan?.severity ?? artifact.scan?.status ?? '–',
      (artifact.referrers ?? []).map((one) => one.type).join(', ') || '–',
    ].map((text) => `<td>${escapeHtml(text)}</td>`);
    return `<tr><td class="id">${escapeHtml(artifact.digest)}</td>${cells.join('')}${word}${rest.join('')}</tr>`;
  };
  const body = [
    `<h1>${escapeHtml(title)}</h1>`,
    `<p class="dim">${escapeHtml(kind)} · ${texts.asOf} ${escapeHtml(at)}</p>`,
    ...(causes.length === 0
      ? []
      : [
          `<p class="unknown">${texts.notAll}</p><ul>${causes.map((one) => `<li>${escapeHtml(one)}</li>`).join('')}</ul>`,
        ]),
    ...repositories.map(({ name, artifacts }) => {
      const table = `<table><thead><tr>${head.join('')}</tr></thead><tbody>${artifacts.map(rowOf).join('')}</tbody></table>`;
      return `<h2 class="id">${escapeHtml(name)}</h2>${artifacts.length === 0 ? `<p class="dim">${texts.empty}</p>` : table}`;
    }),
  ];
  return htmlPage({ language, title, body: body.join('\n') });
}
