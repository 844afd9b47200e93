// The token of a time stamp (RFC 3161, 2.4.2; RFC 5816): CMS signed data around TSTInfo. Nothing is verified here.
import { parseSignedData, type SignedData } from '../cms/signed-data.ts';
import { Fields } from '../der/fields.ts';
import { malformed, parseDer, type DerNode } from '../der/reader.ts';
import { constructedTag, contextTag, tag } from '../der/tags.ts';
import { readBoolean, readIntegerHex, readOctets, readOid, readSmallInteger, readTime } from '../der/values.ts';
import { readHash } from '../signature/identifier.ts';
import { checkTimestampSize, type Imprint } from './request.ts';

export interface TimestampToken {
  readonly signed: SignedData;
  /** Object identifier of the authority's policy. */
  readonly policy: string;
  readonly imprint: Imprint;
  /** Hexadecimal. */
  readonly serial: string;
  /** In milliseconds since 1970; finer fractions are cut off. */
  readonly timeMs: number;
  /** Largest deviation of the time, in milliseconds; absent where the authority does not say. */
  readonly accuracyMs?: number;
  /** Hexadecimal without leading zero bytes. */
  readonly nonce?: string;
}

const tstInfo = '1.2.840.113549.1.9.16.1.4';

/** Parses a TimeStampToken. Throws `pki/limit` beyond 128 KiB, `pki/malformed`, and `pki/unsupported` for SHA-1 and other algorithms. */
export function parseTimestampToken(bytes: Uint8Array): TimestampToken {
  checkTimestampSize(bytes);
  const signed = parseSignedData(bytes);
  if (signed.contentType !== tstInfo) throw malformed('the signed content is no time stamp');
  return { signed, ...readInfo(parseDer(signed.content)) };
}

function readInfo(node: DerNode): Omit<TimestampToken, 'signed'> {
  const fields = new Fields(node, 'a time stamp');
  const version = readSmallInteger(fields.take(tag.integer));
  if (version !== 1) throw malformed(`a time stamp has version ${version}`);
  const policy = readOid(fields.take(tag.oid));
  const imprint = readImprint(fields.take(tag.sequence));
  const serial = readIntegerHex(fields.take(tag.integer));
  const timeMs = readTime(fields.take(tag.generalizedTime), true);
  const accuracy = fields.optional(tag.sequence);
  const ordering = fields.optional(tag.boolean);
  if (ordering !== undefined) readBoolean(ordering);
  const nonce = fields.optional(tag.integer);
  fields.optional(constructedTag(0));
  const extensions = fields.optional(constructedTag(1));
  fields.end();
  for (const one of extensions?.children ?? []) refuseCritical(one);
  return {
    policy,
    imprint,
    serial,
    timeMs,
    ...(accuracy === undefined ? {} : { accuracyMs: readAccuracy(accuracy) }),
    ...(nonce === undefined ? {} : { nonce: readIntegerHex(nonce) }),
  };
}

function readImprint(node: DerNode): Imprint {
  const fields = new Fields(node, 'an imprint');
  const hash = readHash(fields.take(tag.sequence));
  const digest = readOctets(fields.take(tag.octetString));
  fields.end();
  return { hash, digest };
}

function readAccuracy(node: DerNode): number {
  const fields = new Fields(node, 'an accuracy');
  const seconds = fields.optional(tag.integer);
  const millis = fields.optional(contextTag(0));
  const micros = fields.optional(contextTag(1));
  fields.end();
  const number = (part: DerNode | undefined, as: number): number =>
    part === undefined ? 0 : readSmallInteger(part, as);
  return number(seconds, tag.integer) * 1000 + number(millis, contextTag(0)) + number(micros, contextTag(1)) / 1000;
}

/** None is defined that we would understand. */
function refuseCritical(node: DerNode): void {
  const fields = new Fields(node, 'an extension');
  const id = readOid(fields.take(tag.oid));
  const flag = fields.optional(tag.boolean);
  if (flag !== undefined && readBoolean(flag)) throw malformed(`a time stamp has the unknown critical extension ${id}`);
}
