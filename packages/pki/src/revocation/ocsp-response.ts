// An OCSP answer as a value (RFC 6960, 4.2); nothing is verified here.
import { PlombeError, kibibyte } from '@plombe/kit';
import { Fields, inner } from '../der/fields.ts';
import { malformed, parseDer, type DerNode } from '../der/reader.ts';
import { constructedTag, contextTag, tag } from '../der/tags.ts';
import { readBitBytes, readIntegerHex, readOctets, readOid, readSmallInteger, readTime } from '../der/values.ts';
import { readCertificate, type Certificate } from '../x509/certificate.ts';
import { readExtensions, type Extension } from '../x509/extensions.ts';
import { readName } from '../x509/name.ts';
import { reasonOf, type RevocationReason } from './answer.ts';
import { ocspOid } from './ocsp-request.ts';

export type ResponderId =
  | { readonly kind: 'name'; readonly der: Uint8Array }
  | { readonly kind: 'key'; readonly hash: Uint8Array };

export interface SingleResponse {
  readonly hashOid: string;
  readonly nameHash: Uint8Array;
  readonly keyHash: Uint8Array;
  readonly serial: string;
  readonly status:
    | { readonly kind: 'good' }
    | { readonly kind: 'unknown' }
    | { readonly kind: 'revoked'; readonly atMs: number; readonly reason?: RevocationReason };
  readonly thisUpdateMs: number;
  readonly nextUpdateMs?: number;
  readonly unknownCritical: readonly string[];
}

export type OcspResponse =
  | { readonly kind: 'failed'; readonly status: string }
  | {
      readonly kind: 'successful';
      readonly tbs: Uint8Array;
      readonly signatureAlgorithm: Uint8Array;
      readonly signature: Uint8Array;
      readonly responderId: ResponderId;
      readonly producedAtMs: number;
      readonly responses: readonly SingleResponse[];
      readonly nonce?: Uint8Array;
      readonly certificates: readonly Certificate[];
      readonly unknownCritical: readonly string[];
    };

/** 128 KiB: an answer about one certificate with its responder's chain has under 10 KiB. */
export const maxOcspBytes = 128 * kibibyte;

const statuses = [
  'successful',
  'malformedRequest',
  'internalError',
  'tryLater',
  'status 4',
  'sigRequired',
  'unauthorized',
];

/** Parses an OCSPResponse. Throws `pki/limit` beyond 128 KiB, `pki/malformed`, `pki/unsupported` for another kind than basic. */
export function parseOcspResponse(bytes: Uint8Array): OcspResponse {
  if (bytes.length > maxOcspBytes)
    throw new PlombeError('pki/limit', `An OCSP answer has ${bytes.length} bytes, more than ${maxOcspBytes}.`);
  const outer = new Fields(parseDer(bytes), 'an OCSP answer');
  const status = readSmallInteger(outer.take(tag.enumerated), tag.enumerated);
  const body = outer.optional(constructedTag(0));
  outer.end();
  if (status !== 0) return { kind: 'failed', status: statuses[status] ?? `status ${status}` };
  if (body === undefined) throw malformed('a successful OCSP answer is empty');
  const typed = new Fields(inner(body, 'an OCSP answer'), 'an OCSP answer');
  const type = readOid(typed.take(tag.oid));
  if (type !== ocspOid.basic)
    throw new PlombeError('pki/unsupported', `OCSP answers of type ${type} are not supported.`);
  const basic = readOctets(typed.take(tag.octetString));
  typed.end();
  return readBasic(parseDer(basic));
}

function readBasic(node: DerNode): OcspResponse {
  const fields = new Fields(node, 'an OCSP answer');
  const data = fields.take(tag.sequence);
  const signatureAlgorithm = fields.take(tag.sequence).bytes;
  const signature = readBitBytes(fields.take(tag.bitString));
  const list = fields.optional(constructedTag(0));
  fields.end();
  const certificates = list === undefined ? [] : listIn(list);
  if (certificates.length > 8) throw new PlombeError('pki/limit', 'An OCSP answer holds more than 8 certificates.');
  return {
    kind: 'successful',
    tbs: data.bytes,
    signatureAlgorithm,
    signature,
    certificates: certificates.map(readCertificate),
    ...readData(data),
  };
}

function listIn(node: DerNode): readonly DerNode[] {
  const list = inner(node, 'certificates');
  if (list.tag !== tag.sequence) throw malformed('the certificates of an OCSP answer are no list');
  return list.children;
}

type Data = Pick<
  Extract<OcspResponse, { kind: 'successful' }>,
  'responderId' | 'producedAtMs' | 'responses' | 'nonce' | 'unknownCritical'
>;

function readData(node: DerNode): Data {
  const fields = new Fields(node, 'an OCSP answer');
  const version = fields.optional(constructedTag(0));
  if (version !== undefined && readSmallInteger(inner(version, 'a version')) !== 0)
    throw malformed('an OCSP answer has an unknown version');
  const responderId = readResponderId(fields.any());
  const producedAtMs = readTime(fields.take(tag.generalizedTime), true);
  const responses = fields.take(tag.sequence).children.map(readSingle);
  const extensions = extensionsOf(fields.optional(constructedTag(1)));
  fields.end();
  const nonce = extensions.get(ocspOid.nonce)?.value;
  return {
    responderId,
    producedAtMs,
    responses,
    ...(nonce === undefined ? {} : { nonce: nonceBytes(nonce) }),
    unknownCritical: criticalIn(extensions, [ocspOid.nonce]),
  };
}

/** RFC 6960 wants an OCTET STRING inside; old responders write the bytes bare. */
function nonceBytes(value: Uint8Array): Uint8Array {
  return value[0] === tag.octetString && value[1] === value.length - 2 ? value.subarray(2) : value;
}

function readResponderId(node: DerNode): ResponderId {
  if (node.tag === constructedTag(1)) return { kind: 'name', der: readName(inner(node, 'a responder')).der };
  if (node.tag === constructedTag(2)) return { kind: 'key', hash: readOctets(inner(node, 'a responder')) };
  throw malformed('an OCSP answer does not name its responder');
}

function readSingle(node: DerNode): SingleResponse {
  const fields = new Fields(node, 'an answer');
  const id = new Fields(fields.take(tag.sequence), 'a certificate identifier');
  const hashOid = readOid(new Fields(id.take(tag.sequence), 'a hash algorithm').take(tag.oid));
  const nameHash = readOctets(id.take(tag.octetString));
  const keyHash = readOctets(id.take(tag.octetString));
  const serial = readIntegerHex(id.take(tag.integer));
  id.end();
  const status = readStatus(fields.any());
  const thisUpdateMs = readTime(fields.take(tag.generalizedTime), true);
  const next = fields.optional(constructedTag(0));
  const extensions = extensionsOf(fields.optional(constructedTag(1)));
  fields.end();
  return {
    hashOid,
    nameHash,
    keyHash,
    serial,
    status,
    thisUpdateMs,
    ...(next === undefined ? {} : { nextUpdateMs: readTime(inner(next, 'a time'), true) }),
    unknownCritical: criticalIn(extensions, []),
  };
}

function readStatus(node: DerNode): SingleResponse['status'] {
  if (node.tag === contextTag(0)) return { kind: 'good' };
  if (node.tag === contextTag(2)) return { kind: 'unknown' };
  const fields = new Fields(node, 'a revocation', constructedTag(1));
  const atMs = readTime(fields.take(tag.generalizedTime), true);
  const given = fields.optional(constructedTag(0));
  fields.end();
  const reason = given === undefined ? undefined : reasonOf(readSmallInteger(inner(given, 'a reason'), tag.enumerated));
  return { kind: 'revoked', atMs, ...(reason === undefined ? {} : { reason }) };
}

function extensionsOf(node: DerNode | undefined): ReadonlyMap<string, Extension> {
  return node === undefined ? new Map() : readExtensions(inner(node, 'extensions'));
}

function criticalIn(extensions: ReadonlyMap<string, Extension>, known: readonly string[]): readonly string[] {
  return [...extensions.values()].flatMap(({ oid, critical }) => (critical && !known.includes(oid) ? [oid] : []));
}
