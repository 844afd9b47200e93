// A certificate revocation list as a value (RFC 5280, 5.1): walked once, entries read only when asked for.
import { PlombeError, mebibyte } from '@plombe/kit';
import { Fields, inner } from '../der/fields.ts';
import { defaultDerLimits, malformed, parseDer, readHeader, type DerHeader, type DerNode } from '../der/reader.ts';
import { constructedTag, contextTag, tag } from '../der/tags.ts';
import { readBitBytes, readIntegerHex, readSmallInteger, readTime } from '../der/values.ts';
import { pointUris, readAuthorityKeyId, readCrlPoints, readExtensions, type Extension } from '../x509/extensions.ts';
import { oid } from '../x509/oids.ts';
import { readName, type DistinguishedName } from '../x509/name.ts';
import { reasonOf, type RevocationReason } from './answer.ts';

export interface CrlEntry {
  readonly atMs: number;
  readonly reason?: RevocationReason;
  readonly invalidityMs?: number;
}

/** Which certificates a list covers (RFC 5280, 5.2.5). */
export interface IssuingPoint {
  readonly uris: readonly string[];
  readonly only?: 'users' | 'authorities' | 'attributes';
  readonly someReasons: boolean;
  readonly indirect: boolean;
}

export interface Crl {
  readonly bytes: Uint8Array;
  readonly tbs: Uint8Array;
  readonly signatureAlgorithm: Uint8Array;
  readonly signature: Uint8Array;
  readonly issuer: DistinguishedName;
  readonly thisUpdateMs: number;
  readonly nextUpdateMs?: number;
  readonly authorityKeyId?: Uint8Array;
  /** Hexadecimal. */
  readonly number?: string;
  /** Of a delta list: the number of the complete list that it changes. */
  readonly deltaBase?: string;
  readonly issuingPoint?: IssuingPoint;
  /** Where delta lists are published. */
  readonly freshestUris: readonly string[];
  readonly unknownCritical: readonly string[];
  readonly entryCount: number;
  /** Looks up a serial number as certificates give it. Throws `pki/malformed` for a damaged entry. */
  readonly entry: (serial: string) => CrlEntry | undefined;
}

/** 20 MiB, about 500,000 entries: the largest public lists have 10 MiB. */
export const maxCrlBytes = 20 * mebibyte;

export const crlOid = {
  number: '2.5.29.20',
  reason: '2.5.29.21',
  invalidity: '2.5.29.24',
  delta: '2.5.29.27',
  issuingPoint: '2.5.29.28',
  freshest: '2.5.29.46',
} as const;

const knownCrlExtensions: ReadonlySet<string> = new Set([
  crlOid.number,
  crlOid.delta,
  crlOid.issuingPoint,
  crlOid.freshest,
  oid.authorityKeyId,
]);

/** Parses a DER list. Throws `pki/limit` beyond 20 MiB and `pki/malformed`. */
export function parseCrl(der: Uint8Array): Crl {
  if (der.length > maxCrlBytes) {
    throw new PlombeError('pki/limit', `A revocation list has ${der.length} bytes, more than ${maxCrlBytes}.`);
  }
  const outer = headersIn(der, whole(der));
  const [tbs, algorithm, signature] = outer;
  if (tbs === undefined || algorithm === undefined || signature === undefined || outer.length !== 3)
    throw malformed('a revocation list has not three parts');
  const parts = new Parts(der, headersIn(der, expectTag(tbs, tag.sequence)));
  const versionNode = parts.optional(tag.integer);
  if (versionNode !== undefined && readSmallInteger(versionNode) !== 1)
    throw malformed('a revocation list has an unknown version');
  const signatureAlgorithm = parts.take(tag.sequence).bytes;
  if (Buffer.compare(signatureAlgorithm, parseAt(der, algorithm).bytes) !== 0)
    throw malformed('a revocation list names two different signature algorithms');
  const issuer = readName(parts.take(tag.sequence));
  const thisUpdateMs = readTime(parts.any());
  const nextUpdate = parts.optional(tag.utcTime) ?? parts.optional(tag.generalizedTime);
  const revoked = parts.optionalHeader(tag.sequence);
  const list = parts.optional(constructedTag(0));
  parts.end();
  const entries = indexEntries(der, revoked);
  const extensions = list === undefined ? new Map<string, Extension>() : readExtensions(inner(list, 'extensions'));
  return {
    bytes: der,
    tbs: der.subarray(tbs.start, tbs.end),
    signatureAlgorithm,
    signature: readBitBytes(parseAt(der, signature)),
    issuer,
    thisUpdateMs,
    ...(nextUpdate === undefined ? {} : { nextUpdateMs: readTime(nextUpdate) }),
    ...readCrlExtensions(extensions),
    entryCount: entries.size,
    entry(serial) {
      const header = entries.get(serial);
      return header === undefined ? undefined : readEntry(parseAt(der, header));
    },
  };
}

function readCrlExtensions(
  extensions: ReadonlyMap<string, Extension>,
): Pick<Crl, 'authorityKeyId' | 'number' | 'deltaBase' | 'issuingPoint' | 'freshestUris' | 'unknownCritical'> {
  const read = <T>(id: string, parse: (value: Uint8Array) => T): T | undefined => {
    const extension = extensions.get(id);
    return extension === undefined ? undefined : parse(extension.value);
  };
  const authorityKeyId = read(oid.authorityKeyId, readAuthorityKeyId);
  const number = read(crlOid.number, (value) => readIntegerHex(parseDer(value)));
  const deltaBase = read(crlOid.delta, (value) => readIntegerHex(parseDer(value)));
  const issuingPoint = read(crlOid.issuingPoint, readIssuingPoint);
  return {
    ...(authorityKeyId === undefined ? {} : { authorityKeyId }),
    ...(number === undefined ? {} : { number }),
    ...(deltaBase === undefined ? {} : { deltaBase }),
    ...(issuingPoint === undefined ? {} : { issuingPoint }),
    freshestUris: (read(crlOid.freshest, readCrlPoints) ?? []).flatMap(({ uris }) => uris),
    unknownCritical: [...extensions.values()].flatMap((x) =>
      x.critical && !knownCrlExtensions.has(x.oid) ? [x.oid] : [],
    ),
  };
}

function readIssuingPoint(value: Uint8Array): IssuingPoint {
  const fields = new Fields(parseDer(value), 'an issuing distribution point');
  const name = fields.optional(constructedTag(0));
  const users = flag(fields, 1);
  const authorities = flag(fields, 2);
  const reasons = fields.optional(contextTag(3));
  const indirect = flag(fields, 4);
  const attributes = flag(fields, 5);
  fields.end();
  if (Number(users) + Number(authorities) + Number(attributes) > 1)
    throw malformed('a revocation list is only for two kinds of certificates');
  const only = users ? 'users' : authorities ? 'authorities' : attributes ? 'attributes' : undefined;
  return {
    uris: pointUris(name),
    ...(only === undefined ? {} : { only }),
    someReasons: reasons !== undefined,
    indirect,
  };
}

function flag(fields: Fields, n: number): boolean {
  const content = fields.optional(contextTag(n))?.content;
  return content !== undefined && !(content.length === 1 && content[0] === 0);
}

/** Serial number → where its entry is. One pass, no tree: half a million entries are indexed in a fraction of a second. */
function indexEntries(der: Uint8Array, revoked: DerHeader | undefined): ReadonlyMap<string, DerHeader> {
  const index = new Map<string, DerHeader>();
  for (let at = revoked?.body ?? 0, end = revoked?.end ?? 0; at < end;) {
    const entry = expectTag(readHeader(der, at, end), tag.sequence);
    const number = readHeader(der, entry.body, entry.end);
    if (number.tag !== tag.integer || number.body === number.end)
      throw malformed('an entry of a revocation list has no serial number');
    const serial = serialText(der, number);
    if (!index.has(serial)) index.set(serial, entry);
    at = entry.end;
  }
  return index;
}

/** As `readIntegerHex` writes them. */
function serialText(der: Uint8Array, { body, end }: DerHeader): string {
  const hex = Buffer.from(der.buffer, der.byteOffset + body, end - body).toString('hex');
  if ((der[body] as number) >= 0x80) return `-${hex}`;
  return hex.length > 2 && hex.startsWith('00') ? hex.slice(2) : hex;
}

function readEntry(node: DerNode): CrlEntry {
  const fields = new Fields(node, 'an entry of a revocation list');
  fields.take(tag.integer);
  const atMs = readTime(fields.any());
  const list = fields.optional(tag.sequence);
  fields.end();
  const extensions = list === undefined ? new Map<string, Extension>() : readExtensions(list);
  const reasonValue = extensions.get(crlOid.reason);
  const reason =
    reasonValue === undefined ? undefined : reasonOf(readSmallInteger(parseDer(reasonValue.value), tag.enumerated));
  const invalidity = extensions.get(crlOid.invalidity);
  return {
    atMs,
    ...(reason === undefined ? {} : { reason }),
    ...(invalidity === undefined ? {} : { invalidityMs: readTime(parseDer(invalidity.value), true) }),
  };
}

function whole(der: Uint8Array): DerHeader {
  const header = expectTag(readHeader(der, 0, der.length), tag.sequence);
  if (header.end !== der.length) throw malformed('bytes follow a revocation list');
  return header;
}

function expectTag(header: DerHeader, expected: number): DerHeader {
  if (header.tag !== expected) throw malformed(`a part of a revocation list has tag ${header.tag}`);
  return header;
}

/** The headers directly inside one; a list has three or seven. */
function headersIn(der: Uint8Array, { body, end }: DerHeader): readonly DerHeader[] {
  const headers: DerHeader[] = [];
  for (let at = body; at < end;) {
    const header = readHeader(der, at, end);
    headers.push(header);
    if (headers.length > 8) throw malformed('a revocation list has too many parts');
    at = header.end;
  }
  return headers;
}

function parseAt(der: Uint8Array, header: DerHeader): DerNode {
  return parseDer(der.subarray(header.start, header.end), defaultDerLimits);
}

/** Like `Fields`, over headers: the entries must not become a tree. */
class Parts {
  readonly #der: Uint8Array;
  readonly #headers: readonly DerHeader[];
  #at = 0;

  constructor(der: Uint8Array, headers: readonly DerHeader[]) {
    this.#der = der;
    this.#headers = headers;
  }

  any(): DerNode {
    const header = this.#headers[this.#at++];
    if (header === undefined) throw malformed('a revocation list ends early');
    return parseAt(this.#der, header);
  }

  take(expected: number): DerNode {
    const node = this.any();
    if (node.tag !== expected) throw malformed(`a revocation list has tag ${node.tag} where ${expected} belongs`);
    return node;
  }

  optionalHeader(expected: number): DerHeader | undefined {
    const header = this.#headers[this.#at];
    if (header?.tag !== expected) return undefined;
    this.#at++;
    return header;
  }

  optional(expected: number): DerNode | undefined {
    const header = this.optionalHeader(expected);
    return header === undefined ? undefined : parseAt(this.#der, header);
  }

  end(): void {
    if (this.#at < this.#headers.length) throw malformed('a revocation list has unknown parts');
  }
}
