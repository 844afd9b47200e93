// CMS SignedData with one signer (RFC 5652, 5), as time stamps use it: bytes → struct, and the signature over it.
import { PlombeError, messageOf } from '@plombe/kit';
import { createHash } from 'node:crypto';
import { Fields, inner } from '../der/fields.ts';
import { malformed, parseDer, type DerNode } from '../der/reader.ts';
import { constructedTag, contextTag, tag } from '../der/tags.ts';
import { readIntegerHex, readOctets, readOid, readSmallInteger } from '../der/values.ts';
import type { HashName } from '../signature/algorithms.ts';
import { readHash, readSignatureAlgorithm, type IdentifiedAlgorithm } from '../signature/identifier.ts';
import { verifyWith, type SignatureVerdict } from '../signature/signature.ts';
import { readCertificate, type Certificate } from '../x509/certificate.ts';
import { sameBytes } from '../x509/issued.ts';
import { readName } from '../x509/name.ts';

/** By which the signer's certificate is found. */
export type SignerId =
  | { readonly kind: 'issuer'; readonly issuer: Uint8Array; readonly serial: string }
  | { readonly kind: 'key'; readonly subjectKeyId: Uint8Array };

export interface SignedData {
  /** Object identifier of what the content is. */
  readonly contentType: string;
  readonly content: Uint8Array;
  readonly certificates: readonly Certificate[];
  readonly signerId: SignerId;
  readonly digest: HashName;
  readonly algorithm: IdentifiedAlgorithm;
  /** Signed attributes by object identifier: the one value of each. */
  readonly attributes: ReadonlyMap<string, DerNode>;
  /** What is signed: the attributes as a SET OF. */
  readonly signedBytes: Uint8Array;
  readonly signature: Uint8Array;
}

const signedData = '1.2.840.113549.1.7.2';
const contentTypeAttribute = '1.2.840.113549.1.9.3';
const messageDigestAttribute = '1.2.840.113549.1.9.4';

/** 16 certificates: the longest chains have five. */
const maxCertificates = 16;

/**
 * Reads a ContentInfo with SignedData by exactly one signer, with its content and signed attributes. Version 3 is that of content
 * which is no plain data (RFC 5652, 5.1), as time stamps are. Throws `pki/malformed`, `pki/unsupported`.
 */
export function readSignedData(node: DerNode): SignedData {
  const info = new Fields(node, 'a CMS content');
  if (readOid(info.take(tag.oid)) !== signedData) throw malformed('a CMS content is no signed data');
  const fields = new Fields(inner(info.take(constructedTag(0)), 'signed data'), 'signed data');
  info.end();
  const version = readSmallInteger(fields.take(tag.integer));
  if (version !== 3) throw malformed(`signed data has version ${version}`);
  const digests = fields.take(tag.set).children.map(readHash);
  const encapsulated = new Fields(fields.take(tag.sequence), 'signed content');
  const contentType = readOid(encapsulated.take(tag.oid));
  const content = readOctets(inner(encapsulated.take(constructedTag(0)), 'signed content'));
  encapsulated.end();
  const certificates = fields.optional(constructedTag(0))?.children ?? [];
  fields.optional(constructedTag(1));
  const signers = fields.take(tag.set).children;
  fields.end();
  if (signers.length !== 1) throw malformed(`signed data has ${signers.length} signers, not one`);
  if (certificates.length > maxCertificates) {
    throw new PlombeError('pki/limit', `Signed data holds more than ${maxCertificates} certificates.`);
  }
  const signer = readSigner(signers[0] as DerNode);
  if (!digests.includes(signer.digest)) throw malformed("signed data does not list its signer's hash");
  return { contentType, content, certificates: certificates.map(readCertificate), ...signer };
}

function readSigner(node: DerNode): Omit<SignedData, 'contentType' | 'content' | 'certificates'> {
  const fields = new Fields(node, 'a signer');
  const version = readSmallInteger(fields.take(tag.integer));
  const id = fields.any();
  if (version !== (id.tag === tag.sequence ? 1 : 3)) throw malformed(`a signer has version ${version}`);
  const digest = readHash(fields.take(tag.sequence));
  const attributes = fields.take(constructedTag(0));
  const algorithm = readSignatureAlgorithm(fields.take(tag.sequence), digest);
  const signature = readOctets(fields.take(tag.octetString));
  fields.optional(constructedTag(1));
  fields.end();
  const signedBytes = Buffer.from(attributes.bytes);
  signedBytes[0] = tag.set;
  return {
    signerId: readSignerId(id),
    digest,
    algorithm,
    attributes: readAttributes(attributes),
    signedBytes,
    signature,
  };
}

function readSignerId(node: DerNode): SignerId {
  if (node.tag === contextTag(0)) return { kind: 'key', subjectKeyId: node.content };
  const fields = new Fields(node, 'a signer identifier');
  const issuer = readName(fields.take(tag.sequence)).der;
  const serial = readIntegerHex(fields.take(tag.integer));
  fields.end();
  return { kind: 'issuer', issuer, serial };
}

/** An attribute that appears twice, or with other than one value, is malformed: nobody may choose between them. */
function readAttributes(node: DerNode): ReadonlyMap<string, DerNode> {
  const attributes = new Map<string, DerNode>();
  for (const child of node.children) {
    const fields = new Fields(child, 'a signed attribute');
    const type = readOid(fields.take(tag.oid));
    const value = inner(fields.take(tag.set), 'a signed attribute');
    fields.end();
    if (attributes.has(type)) throw malformed(`signed attribute ${type} appears twice`);
    attributes.set(type, value);
  }
  return attributes;
}

/** Returns the signer's certificate among those given, or undefined. */
export function findSigner(id: SignerId, certificates: readonly Certificate[]): Certificate | undefined {
  return certificates.find((one) =>
    id.kind === 'issuer'
      ? one.serial === id.serial && sameBytes(one.issuer.der, id.issuer)
      : one.subjectKeyId !== undefined && sameBytes(one.subjectKeyId, id.subjectKeyId),
  );
}

/** Verifies content type, digest and signature of the signed attributes (RFC 5652, 5.4 and 11). Throws nothing. */
export function verifySignedData(data: SignedData, signer: Pick<Certificate, 'publicKey'>): SignatureVerdict {
  try {
    const type = data.attributes.get(contentTypeAttribute);
    if (type === undefined || readOid(type) !== data.contentType)
      return reject('the signed content type is not that of the content');
    const digest = data.attributes.get(messageDigestAttribute);
    const actual = createHash(data.digest).update(data.content).digest();
    if (digest === undefined || !sameBytes(readOctets(digest), actual))
      return reject('the signed digest is not that of the content');
    return verifyWith(data.algorithm, { key: signer.publicKey, data: data.signedBytes, signature: data.signature });
  } catch (error) {
    return reject(messageOf(error));
  }
}

function reject(reason: string): SignatureVerdict {
  return { kind: 'rejected', reason };
}

/** Parses DER bytes as a ContentInfo with SignedData. */
export function parseSignedData(bytes: Uint8Array): SignedData {
  return readSignedData(parseDer(bytes));
}
