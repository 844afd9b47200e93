// NVD by CPE: what it says of products, with the configurations that overrides correct.
import { decodeText, mebibyte } from '@plombe/kit';
import type { Context } from '@plombe/model';
import { archiveFiles } from '../../documents/archive.ts';
import { malformed, readJson } from '../../documents/json.ts';
import type { AdvisoryFeed, FeedDocument, FeedItem } from '../../feed.ts';
import { isBelow } from '../../documents/records.ts';
import { collectNvd } from './collect.ts';
import { isNvdPage, nvdMembers } from './pages.ts';
import { nvdProducts } from './products.ts';
import { overrideAdvisory, parseOverride, readNvdRecord, toAdvisory, type Override } from './parse.ts';

const places = {
  files: 'https://nvd.nist.gov/feeds/json/cve/2.0',
  api: 'https://services.nvd.nist.gov/rest/json/cves/2.0',
};

/** The longest override has 1 MiB. */
const maxOverrideBytes = 16 * mebibyte;

const isOverride = (name: string): boolean => /(?:^|\/)data\/\d{4}\/CVE-\d{4}-\d{4,}\.json$/.test(name);

/** Reads the overrides of a document into the map; yields the problems. */
async function* readOverrides(
  document: FeedDocument,
  overrides: Map<string, Override>,
  signal: AbortSignal,
): AsyncGenerator<FeedItem> {
  const before = overrides.size;
  const add = (value: unknown, name: string): FeedItem | undefined => {
    const override = parseOverride(value);
    if (override === undefined) return { kind: 'problem', record: name.slice(-100), cause: 'is no override' };
    overrides.set(override.id, override);
    return undefined;
  };
  if (document.name.endsWith('.json')) {
    if (add(await readJson(document, maxOverrideBytes, signal), document.name) !== undefined)
      throw malformed(document, 'is no override');
    return;
  }
  for await (const file of archiveFiles(document, { wants: isOverride, maxFileBytes: maxOverrideBytes, signal })) {
    let problem: FeedItem | undefined;
    if ('cause' in file) problem = { kind: 'problem', record: file.name.slice(-100), cause: file.cause };
    else {
      try {
        problem = add(JSON.parse(decodeText(file.bytes)), file.name);
      } catch {
        problem = { kind: 'problem', record: file.name.slice(-100), cause: 'cannot be parsed' };
      }
    }
    if (problem !== undefined) yield problem;
  }
  if (overrides.size === before) throw malformed(document, 'holds no override');
}

/** A yearly file: no other of them holds its records. */
function isWhole({ name }: FeedDocument): boolean {
  return /(?:^|\/)nvdcve-2\.0-\d{4}\.json(?:\.gz)?$/.test(name);
}

/** The last change of each record in pages that others may hold, too: an update adds pages to those that are there. Yearly files are not read for it. */
async function lastChanges(pages: readonly FeedDocument[], signal: AbortSignal): Promise<Map<string, string>> {
  const changes = new Map<string, string>();
  if (pages.length < 2) return changes;
  for (const page of pages.filter((one) => !isWhole(one))) {
    for await (const member of nvdMembers(page, signal)) {
      const record = readNvdRecord(member);
      if (record === undefined) continue;
      const { id, modifiedAt = '' } = record;
      if (modifiedAt >= (changes.get(id) ?? '')) changes.set(id, modifiedAt);
    }
  }
  return changes;
}

async function* join(
  documents: readonly FeedDocument[],
  { signal }: Pick<Context, 'signal'>,
): AsyncGenerator<FeedItem> {
  signal.throwIfAborted();
  const found = documents.filter(({ name }) => isNvdPage(name));
  // Yearly files come first: where a page has a record as they have it, theirs counts.
  const pages = [...found.filter(isWhole), ...found.filter((page) => !isWhole(page))];
  const overrides = new Map<string, Override>();
  for (const document of documents.filter(({ name }) => !isNvdPage(name)))
    yield* readOverrides(document, overrides, signal);
  const changes = await lastChanges(pages, signal);
  const seen = new Set<string>();
  for (const page of pages) {
    for await (const member of nvdMembers(page, signal)) {
      const record = readNvdRecord(member);
      if (record === undefined) {
        yield { kind: 'problem', record: page.name.slice(-100), cause: 'holds a member that is no CVE record' };
        continue;
      }
      const isOld = (record.modifiedAt ?? '') < (changes.get(record.id) ?? '');
      if (isOld || seen.has(record.id)) continue;
      seen.add(record.id);
      const advisory = record.isRejected ? undefined : toAdvisory(record, overrides.get(record.id));
      // Most are about products that nothing here finds; a rejected one yields nothing.
      if (advisory !== undefined && advisory.affected.length > 0) yield { kind: 'advisory', advisory };
    }
  }
  for (const override of overrides.values())
    if (!seen.has(override.id) && override.affected.length > 0)
      yield { kind: 'advisory', advisory: overrideAdvisory(override) };
}

/** NVD's statements about products, `vendor:product`, for software that carries a CPE: that of the products which the catalogers find (products.ts). */
export const nvd: AdvisoryFeed = {
  id: 'nvd',
  title: 'National Vulnerability Database',
  homepage: 'https://nvd.nist.gov/developers/vulnerabilities',
  licence: 'public domain; overrides CC0-1.0',
  requests: (ecosystems) =>
    ecosystems === undefined || ecosystems.some((name) => name === 'NVD' || name === 'nvd')
      ? [
          {
            shard: 'nvd',
            documents: [
              { name: 'nvd/cves.json', url: places.files, collect: (folder, ctx) => collectNvd(places, folder, ctx) },
              {
                name: 'nvd-overrides/nvd-data-overrides.tar.gz',
                url: 'https://github.com/anchore/nvd-data-overrides/archive/refs/heads/main.tar.gz',
              },
            ],
          },
        ]
      : [],
  matches: (path) => (isNvdPage(path) || isBelow('nvd-overrides', path, isOverride) ? 'nvd' : undefined),
  covers: () => [],
  // Overrides alone are about the CVEs that NVD left unanalysed, and no statement about all others.
  coversNames: (_, documents) => (documents.some(isNvdPage) ? { ecosystem: 'NVD', names: nvdProducts } : undefined),
  parse: (document, ctx) => join([document], ctx),
  join,
};
