// Verifies the records of one digest, and that there are no others.
import { field, isObject, type JsonObject } from '@plombe/kit';
import { parseDigest, type Digest } from '@plombe/model';
import { Broken } from './broken.ts';
import { hashText, mapLine, recordLine, type Header } from './lines.ts';
import { mapKey, mapRootOf, type MapPath, type MapValue } from './map.ts';
import {
  countOf,
  hashOf,
  parseLine,
  readEntry,
  requireText,
  textOf,
  textsOf,
  type LineSource,
  type Log,
  type Reading,
} from './read-lines.ts';
import type { CustodyStatement, MapStatement } from './statements.ts';

/** What an export proves about a digest: so many records, and no others up to that time. */
export interface ProvedDigest {
  readonly digest: Digest;
  readonly records: number;
  /** ISO 8601, UTC. */
  readonly asOf: string;
}

interface Chain {
  readonly last: CustodyStatement;
  readonly leaf: Buffer;
  readonly index: number;
}

/** Reads the records of one digest and the map proof that there are no others. */
export function* readDigest(log: Log, header: Header, map: MapStatement, after: string): Reading<ProvedDigest> {
  let chain: Chain | undefined;
  for (;;) {
    log.source.link =
      chain === undefined ? `record 1 of the digest after ${after === '' ? 'the history' : after}` : nextLink(chain);
    const { text, value } = parseLine(yield, chain === undefined ? 'record' : 'mapProof');
    if (field(value, 'type') === 'mapProof') {
      const digest = parseDigest(textOf(value['digest']));
      if (digest === undefined || digest <= after)
        throw new Broken('format', 'The digest of a map proof is none or not in its order.');
      checkMapProof(log.source, text, value, { digest, chain, map });
      return { digest, records: chain?.last.sequence ?? 0, asOf: new Date(map.timeMs).toISOString() };
    }
    if (field(value, 'type') !== 'record')
      throw new Broken('format', 'Here must be a record or the map proof of its digest.');
    chain = yield* readRecord(log, header, { text, value, after, map }, chain);
  }
}

function nextLink({ last }: Chain): string {
  return `record ${last.sequence + 1} of ${last.digest}`;
}

function* readRecord(
  log: Log,
  header: Header,
  {
    text,
    value,
    after,
    map,
  }: { readonly text: string; readonly value: JsonObject; readonly after: string; readonly map: MapStatement },
  chain: Chain | undefined,
): Reading<Chain> {
  const digest = parseDigest(textOf(value['digest'])) ?? '';
  const sequence = countOf(value['sequence']);
  if (chain !== undefined && digest !== chain.last.digest) {
    throw new Broken(
      'completeness',
      `The map proof of ${chain.last.digest} is missing.`,
      `map proof of ${chain.last.digest}`,
    );
  }
  if (digest <= after) throw new Broken('format', 'The digests are not in their order, or one is there twice.');
  const expected = (chain?.last.sequence ?? 0) + 1;
  log.source.link = `record ${expected} of ${digest}`;
  if (sequence !== expected) {
    throw new Broken('sequence', `Record ${expected} is missing: here is record ${sequence}.`);
  }
  const { statement, leaf, index } = yield* readEntry(log);
  if (statement.type !== 'custody' || statement.origin !== header.origin)
    throw new Broken('format', 'The bundle is not a custody record of this log.', undefined, 1);
  if (text !== recordLine(index, statement))
    throw new Broken('encoding', 'The line does not say what the bundle and proof after it say.', undefined, 2);
  const previous = chain === undefined ? undefined : hashText(chain.leaf);
  if (statement.previous !== previous)
    throw new Broken('chain', 'The record does not name the record before it by its hash.', undefined, 1);
  if (chain !== undefined && index <= chain.index)
    throw new Broken('chain', 'The record is in the log before the record it follows.');
  if (statement.timeMs < (chain?.last.timeMs ?? 0) || statement.timeMs > map.timeMs) {
    throw new Broken(
      'time',
      'The record is of a time before the record it follows, or after the checkpoint.',
      undefined,
      1,
    );
  }
  return { last: statement, leaf, index };
}

function checkMapProof(
  source: LineSource,
  text: string,
  value: JsonObject,
  { digest, chain, map }: { readonly digest: Digest; readonly chain: Chain | undefined; readonly map: MapStatement },
): void {
  if (chain !== undefined && chain.last.digest !== digest) {
    throw new Broken(
      'completeness',
      `The map proof of ${chain.last.digest} is missing.`,
      `map proof of ${chain.last.digest}`,
    );
  }
  const count = countOf(value['count']);
  const found = chain?.last.sequence ?? 0;
  if (count > found) {
    source.link = `record ${found + 1} of ${digest}`;
    throw new Broken(
      'completeness',
      `Record ${found + 1} is missing: the log has ${count} records of the digest, ${found} are here.`,
    );
  }
  source.link = `map proof of ${digest}`;
  const path: MapPath = {
    siblings: textsOf(value['siblings']).map((one) => (one === '' ? Buffer.alloc(0) : hashOf(one))),
    ...otherOf(value),
  };
  const proved: MapValue | undefined = chain === undefined ? undefined : { head: chain.leaf, count: found };
  requireText(text, mapLine(digest, proved, path));
  if (mapRootOf(mapKey(digest), proved, path)?.toString('hex') !== map.root) {
    throw new Broken('completeness', 'The proof does not show that these are all records of the digest.');
  }
}

function otherOf(value: JsonObject): Pick<MapPath, 'other'> {
  const other = field(value, 'other');
  if (!isObject(other)) return {};
  const head = Buffer.from(textOf(other['head']).replace(/^sha256:/, ''), 'hex');
  const key = Buffer.from(textOf(other['key']), 'hex');
  if (head.length !== 32 || key.length !== 32)
    throw new Broken('format', 'The other leaf of a map proof is not valid.');
  return { other: { key, head, count: countOf(other['count']) } };
}
