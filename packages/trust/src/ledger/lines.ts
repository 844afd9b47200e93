// The lines of an export: what each type holds, and its one spelling. Every line is canonical JSON (RFC 8785) and ends with LF.
import { canonicalJson } from './canonical.ts';
import { formatBundle, type RecordKey, type SignedEntry } from './entry.ts';
import type { MapPath, MapValue } from './map.ts';
import type { CustodyStatement } from './statements.ts';

/** Version of the format, docs/custody.md. */
export const exportVersion = 1;

/** The longest line: a bundle with a predicate of 1 MiB, in base64, has 1.9 MiB; so may the hashes of a consistency proof. */
export const maxLineBytes = 4 * 1024 * 1024;

export interface Header {
  readonly origin: string;
  readonly size: number;
  /** Numbers of digests and records that follow. */
  readonly digests: number;
  readonly records: number;
}

export function headerLine({ origin, size, digests, records }: Header): string {
  return canonicalJson({ type: 'header', version: exportVersion, origin, size, digests, records });
}

/** The keys, as the genesis entry binds them: what cosign (`recordKey`, PEM) and note verifiers need. */
export function trustRootLine(logKey: string, cosignerKey: string, { key }: RecordKey): string {
  const recordKey = key.export({ format: 'pem', type: 'spki' }) as string;
  return canonicalJson({ type: 'trustRoot', logKey, cosignerKey, recordKey });
}

export function checkpointLine(note: string): string {
  return `{"note":${JSON.stringify(note)},"type":"checkpoint"}`;
}

export function bundleLine(entry: SignedEntry, key: RecordKey): string {
  return `{"bundle":${formatBundle(entry, key)},"type":"bundle"}`;
}

/** An audit path, RFC 6962, 2.1.1, in base64, from the leaf's sibling up. */
export function inclusionLine(index: number, hashes: readonly string[]): string {
  return `{"hashes":${textList(hashes)}${inclusionEnd(index)}`;
}

/** What follows the hashes in the line of an inclusion proof. */
export function inclusionEnd(index: number): string {
  return `,"index":${index},"type":"inclusionProof"}`;
}

/** Earlier sizes of the tree, and the perfect subtrees that cover it, split at each of them. */
export function consistencyLine(sizes: readonly number[], hashes: readonly string[]): string {
  return `{"hashes":${textList(hashes)},"sizes":[${sizes.join(',')}],"type":"consistencyProof"}`;
}

/** A record for the eye: everything in it is also in the bundle after it. */
export function recordLine(index: number, { digest, kind, sequence, timeMs }: CustodyStatement): string {
  const time = new Date(timeMs).toISOString();
  return `{"digest":"${digest}","index":${index},"kind":"${kind}","sequence":${sequence},"time":"${time}","type":"record"}`;
}

/** What the map holds for a digest, with the path that proves it. Without records: the leaf at the path's end, if there is one. */
export function mapLine(digest: string, value: MapValue | undefined, { siblings, other }: MapPath): string {
  const hashes = siblings.map((sibling) => sibling.toString('base64'));
  return canonicalJson({
    type: 'mapProof',
    digest,
    siblings: hashes,
    count: value?.count ?? 0,
    ...(value === undefined ? {} : { head: hashText(value.head) }),
    ...(other === undefined
      ? {}
      : { other: { count: other.count, head: hashText(other.head), key: other.key.toString('hex') } }),
  });
}

export function sealLine(note: string): string {
  return `{"note":${JSON.stringify(note)},"type":"seal"}`;
}

/** `sha256:` and hexadecimal. */
export function hashText(hash: Buffer): string {
  return `sha256:${hash.toString('hex')}`;
}

/** Texts that need no escapes: base64. */
function textList(texts: readonly string[]): string {
  return texts.length === 0 ? '[]' : `["${texts.join('","')}"]`;
}
