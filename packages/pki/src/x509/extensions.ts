// The extensions of a certificate that Plombe understands (RFC 5280, 4.2).
import { malformed, parseDer, type DerNode } from '../der/reader.ts';
import { Fields } from '../der/fields.ts';
import { constructedTag, contextTag, tag } from '../der/tags.ts';
import { readBoolean, readNamedBits, readOctets, readOid, readSmallInteger } from '../der/values.ts';
import { readGeneralName, readGeneralNames, type GeneralName } from './general-name.ts';
import { oid } from './oids.ts';

export interface Extension {
  readonly oid: string;
  readonly critical: boolean;
  /** What the OCTET STRING holds. */
  readonly value: Uint8Array;
}

/** RFC 5280, 4.2.1.3, in the order of the bits. */
export type KeyUsage = (typeof keyUsages)[number];

const keyUsages = [
  'digitalSignature',
  'nonRepudiation',
  'keyEncipherment',
  'dataEncipherment',
  'keyAgreement',
  'keyCertSign',
  'cRLSign',
  'encipherOnly',
  'decipherOnly',
] as const;

export interface BasicConstraints {
  readonly ca: boolean;
  /** How many intermediate certificates may follow below. */
  readonly pathLength?: number;
}

export interface NameConstraints {
  readonly permitted: readonly GeneralName[];
  readonly excluded: readonly GeneralName[];
}

/** 64 extensions: Fulcio's certificates have about 30. */
const maxExtensions = 64;

/** Reads a list of extensions; one that appears twice is malformed (RFC 5280, 4.2). Throws `pki/malformed`. */
export function readExtensions(node: DerNode): ReadonlyMap<string, Extension> {
  if (node.tag !== tag.sequence || node.children.length > maxExtensions)
    throw malformed('the list of extensions is none or too long');
  const extensions = new Map<string, Extension>();
  for (const child of node.children) {
    const fields = new Fields(child, 'an extension');
    const id = readOid(fields.take(tag.oid));
    const flag = fields.optional(tag.boolean);
    const value = readOctets(fields.take(tag.octetString));
    fields.end();
    if (extensions.has(id)) throw malformed(`extension ${id} appears twice`);
    extensions.set(id, { oid: id, critical: flag !== undefined && readBoolean(flag), value });
  }
  return extensions;
}

/** Key usage. */
export function readKeyUsage(value: Uint8Array): readonly KeyUsage[] {
  return readNamedBits(parseDer(value)).map((bit) => {
    const name = keyUsages[bit];
    if (name === undefined) throw malformed('a key usage is unknown');
    return name;
  });
}

/** Extended key usage: the identifiers of the purposes. */
export function readPurposes(value: Uint8Array): readonly string[] {
  const node = parseDer(value);
  if (node.tag !== tag.sequence || node.children.length === 0) throw malformed('an extended key usage is empty');
  return node.children.map((child) => readOid(child));
}

/** Basic constraints. */
export function readBasicConstraints(value: Uint8Array): BasicConstraints {
  const fields = new Fields(parseDer(value), 'basic constraints');
  const flag = fields.optional(tag.boolean);
  const length = fields.optional(tag.integer);
  fields.end();
  const ca = flag !== undefined && readBoolean(flag);
  if (length === undefined) return { ca };
  if (!ca) throw malformed('basic constraints of no authority have a path length');
  return { ca, pathLength: readSmallInteger(length) };
}

/** The key identifier out of an authority key identifier; issuer and serial in it are not used. */
export function readAuthorityKeyId(value: Uint8Array): Uint8Array | undefined {
  const fields = new Fields(parseDer(value), 'an authority key identifier');
  return fields.optional(contextTag(0))?.content;
}

/** Name constraints; minimum and maximum are not allowed (RFC 5280, 4.2.1.10). */
export function readNameConstraints(value: Uint8Array): NameConstraints {
  const fields = new Fields(parseDer(value), 'name constraints');
  const permitted = fields.optional(constructedTag(0));
  const excluded = fields.optional(constructedTag(1));
  fields.end();
  return { permitted: subtrees(permitted), excluded: subtrees(excluded) };
}

function subtrees(node: DerNode | undefined): readonly GeneralName[] {
  return (node?.children ?? []).map((child) => {
    const fields = new Fields(child, 'a name constraint');
    const base = readGeneralName(fields.any());
    fields.end();
    return base;
  });
}

/** URIs of authority information access for one method (OCSP or issuers). */
export function readAccessUris(value: Uint8Array, method: string): readonly string[] {
  const node = parseDer(value);
  if (node.tag !== tag.sequence) throw malformed('authority information access is no list');
  return node.children.flatMap((child) => {
    const fields = new Fields(child, 'an access description');
    const type = readOid(fields.take(tag.oid));
    const name = readGeneralName(fields.any());
    fields.end();
    return type === method && name.kind === 'uri' ? [name.value] : [];
  });
}

/** One distribution point of a revocation list: its full names as URIs. */
export interface CrlPoint {
  readonly uris: readonly string[];
  /** True where the point covers only some reasons, or names another issuer. */
  readonly partial: boolean;
}

/** CRL distribution points (also of the freshest CRL). */
export function readCrlPoints(value: Uint8Array): readonly CrlPoint[] {
  const node = parseDer(value);
  if (node.tag !== tag.sequence) throw malformed('distribution points are no list');
  return node.children.map((child) => {
    const fields = new Fields(child, 'a distribution point');
    const name = fields.optional(constructedTag(0));
    const reasons = fields.optional(contextTag(1));
    const issuer = fields.optional(constructedTag(2));
    fields.end();
    return { uris: pointUris(name), partial: reasons !== undefined || issuer !== undefined };
  });
}

/** URIs of a DistributionPointName's full names. */
export function pointUris(node: DerNode | undefined): readonly string[] {
  const full = node?.children.find((child) => child.tag === constructedTag(0));
  if (full === undefined) return [];
  return readGeneralNames(full, constructedTag(0)).flatMap((name) => (name.kind === 'uri' ? [name.value] : []));
}

/** The extensions that chain verification honours; any other critical one is unknown. */
export const knownExtensions: ReadonlySet<string> = new Set([
  oid.subjectKeyId,
  oid.keyUsage,
  oid.subjectAltName,
  oid.basicConstraints,
  oid.nameConstraints,
  oid.crlDistributionPoints,
  oid.certificatePolicies,
  oid.authorityKeyId,
  oid.extendedKeyUsage,
  oid.authorityInfoAccess,
]);
