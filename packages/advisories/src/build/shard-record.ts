// What the manifest says of a shard and of the documents it is made of.
import { sortedUnique } from '@plombe/kit';
import { hashFile } from '../database/location.ts';
import { builderVersion, type DocumentRecord, type ShardRecord } from '../database/manifest.ts';
import { ecosystemBase } from '../normal/ecosystems.ts';
import type { PlannedDocument, ShardPlan } from './plan.ts';
import { checkSize, type StagedShard } from './write-shard.ts';

/** Returns what the manifest says of a document. Throws where it is too large or not what the MANIFEST.json beside it names. */
export function recordOf(document: PlannedDocument): DocumentRecord {
  checkSize(document);
  const { sha256, bytes } =
    document.path === undefined ? { sha256: '', bytes: document.sizeBytes ?? 0 } : hashFile(document.path);
  if (document.expectedSha256 !== undefined && sha256 !== '' && sha256 !== document.expectedSha256) {
    throw new Error(`${document.name} does not have the SHA-256 that the MANIFEST.json beside it names.`);
  }
  return {
    name: document.name,
    origin: document.origin,
    sha256,
    bytes,
    ...(document.etag === undefined ? {} : { etag: document.etag }),
    ...(document.lastModified === undefined ? {} : { lastModified: document.lastModified }),
  };
}

/** True where the shard was built of documents with these digests, by this release's rules. */
export function isSame(plan: ShardPlan, before: ShardRecord, documents: readonly DocumentRecord[]): boolean {
  return (
    before.builder === builderVersion &&
    before.kind === kindOf(plan) &&
    before.documents.length === documents.length &&
    documents.every(({ name, sha256 }, index) => {
      const known = before.documents[index];
      return sha256 !== '' && known?.sha256 === sha256 && known.name === name;
    })
  );
}

const worseKinds = ['approximate', 'derived', 'original'] as const;

function kindOf(plan: ShardPlan): ShardRecord['kind'] {
  const kinds = new Set(plan.documents.map((document) => document.kind ?? 'original'));
  return worseKinds.find((kind) => kinds.has(kind)) ?? 'original';
}

/** Returns the oldest dates of the documents: a shard is as old as its oldest part. */
export function datesOf(
  plan: ShardPlan,
  stated: { readonly dataDate?: string },
): Pick<ShardRecord, 'dataDate' | 'fetchedAt' | 'checkedAt'> {
  const oldest = (texts: readonly (string | undefined)[]): string | undefined =>
    texts.filter((text) => text !== undefined).sort((a, b) => Date.parse(a) - Date.parse(b))[0];
  const dataDate = oldest(plan.documents.map(({ date }) => date)) ?? stated.dataDate;
  const fetchedAt = oldest(plan.documents.map((document) => document.fetchedAt));
  const checked = plan.documents.map((document) => document.checkedAt);
  const checkedAt = checked.includes(undefined) ? undefined : oldest(checked);
  return {
    ...(dataDate === undefined ? {} : { dataDate }),
    ...(fetchedAt === undefined ? {} : { fetchedAt }),
    ...(checkedAt === undefined ? {} : { checkedAt }),
  };
}

/** Returns a record without the date that a directory cannot renew. */
export function withoutDates(record: ShardRecord): Omit<ShardRecord, 'checkedAt'> {
  const { checkedAt: _, ...rest } = record;
  return rest;
}

type Stated = Omit<ShardRecord, 'file' | 'bytes' | 'sha256' | 'builder' | 'documents'>;

/** Returns what the manifest says of a staged shard, but for its file. */
export function statementOf(plan: ShardPlan, staged: StagedShard, before?: ShardRecord): Stated {
  const { parser, base } = plan;
  const licences = sortedUnique(plan.documents.flatMap(({ licence }) => (licence === undefined ? [] : [licence])));
  const documents = plan.documents.map(({ name }) => name);
  const feed = parser.role === 'advisories' ? parser.feed : undefined;
  const covers = feed === undefined ? [] : (feed.covers?.(plan.id, documents) ?? staged.ecosystems.map(ecosystemBase));
  const coversNames = feed?.coversNames?.(plan.id, documents);
  if (base !== undefined && before !== undefined) return patched(before, base.wholeAt, plan, staged);
  return {
    id: plan.id,
    feed: parser.feed.id,
    role: parser.role,
    source: sortedUnique(plan.documents.map(({ origin }) => origin))
      .slice(0, 3)
      .join(' '),
    kind: kindOf(plan),
    licence: licences.length > 0 ? licences.join('; ') : parser.feed.licence,
    ...datesOf(plan, staged),
    records: staged.records,
    problems: staged.problems,
    ecosystems: staged.ecosystems,
    covers: sortedUnique(covers),
    ...(coversNames === undefined ? {} : { coversNames }),
  };
}

/** A shard with some records replaced is of the source and terms it was; its date is that of the newest change. */
function patched(before: ShardRecord, wholeAt: string, plan: ShardPlan, staged: StagedShard): Stated {
  const { file: _file, bytes: _bytes, sha256: _sha256, builder: _builder, documents: _documents, ...kept } = before;
  const newest = plan.base?.documents.map(({ through }) => through).filter((time) => time !== undefined);
  const dataDate = newest?.sort((a, b) => Date.parse(a) - Date.parse(b)).at(-1) ?? before.dataDate;
  const dates = datesOf(plan, staged);
  return {
    ...kept,
    ...dates,
    ...(dataDate === undefined ? {} : { dataDate: new Date(dataDate).toISOString() }),
    wholeAt,
    records: staged.records,
    problems: staged.problems,
    ecosystems: staged.ecosystems,
  };
}
