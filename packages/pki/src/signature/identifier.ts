// AlgorithmIdentifiers of signatures and hashes (RFC 4055, 5758, 8410, 9882) as facts that can be verified with.
import { PlombeError } from '@plombe/kit';
import { malformed, type DerNode } from '../der/reader.ts';
import { Fields, inner } from '../der/fields.ts';
import { constructedTag, tag } from '../der/tags.ts';
import { isAbsentOrNull, readOid, readSmallInteger } from '../der/values.ts';
import type { AlgorithmFacts, HashName } from './algorithms.ts';

/** Facts of an AlgorithmIdentifier; `saltLength` in bytes for RSASSA-PSS. */
export interface IdentifiedAlgorithm extends AlgorithmFacts {
  readonly saltLength?: number;
}

const hashes: Readonly<Record<string, HashName>> = {
  '2.16.840.1.101.3.4.2.1': 'sha256',
  '2.16.840.1.101.3.4.2.2': 'sha384',
  '2.16.840.1.101.3.4.2.3': 'sha512',
};

/** Object identifiers of the hashes that are supported. */
export const hashOids: Readonly<Record<HashName, string>> = {
  sha256: '2.16.840.1.101.3.4.2.1',
  sha384: '2.16.840.1.101.3.4.2.2',
  sha512: '2.16.840.1.101.3.4.2.3',
};

const signatures: Readonly<Record<string, AlgorithmFacts>> = {
  '1.2.840.10045.4.3.2': { family: 'ecdsa', hash: 'sha256' },
  '1.2.840.10045.4.3.3': { family: 'ecdsa', hash: 'sha384' },
  '1.2.840.10045.4.3.4': { family: 'ecdsa', hash: 'sha512' },
  '1.2.840.113549.1.1.11': { family: 'rsa-pkcs1', hash: 'sha256' },
  '1.2.840.113549.1.1.12': { family: 'rsa-pkcs1', hash: 'sha384' },
  '1.2.840.113549.1.1.13': { family: 'rsa-pkcs1', hash: 'sha512' },
  '1.3.101.112': { family: 'ed25519' },
  '2.16.840.1.101.3.4.3.17': { family: 'ml-dsa-44' },
};

const rsaEncryption = '1.2.840.113549.1.1.1';
const rsaPss = '1.2.840.113549.1.1.10';
const mgf1 = '1.2.840.113549.1.1.8';

/** Reads a hash's AlgorithmIdentifier. Throws `pki/unsupported` for SHA-1 and others. */
export function readHash(node: DerNode): HashName {
  const fields = new Fields(node, 'a hash algorithm');
  const id = readOid(fields.take(tag.oid));
  if (!isAbsentOrNull(fields.next === undefined ? undefined : fields.any()))
    throw malformed('a hash algorithm has parameters');
  fields.end();
  const hash = hashes[id];
  if (hash === undefined) throw new PlombeError('pki/unsupported', `Hash algorithm ${id} is not supported.`);
  return hash;
}

/**
 * Reads a signature's AlgorithmIdentifier. `digest` is the hash that CMS names apart, for identifiers that name only the kind of key
 * (RFC 5652, 5.3; RFC 3370, 3.2). Throws `pki/unsupported` and `pki/malformed`.
 */
export function readSignatureAlgorithm(node: DerNode, digest?: HashName): IdentifiedAlgorithm {
  const fields = new Fields(node, 'a signature algorithm');
  const id = readOid(fields.take(tag.oid));
  const given = fields.next === undefined ? undefined : fields.any();
  fields.end();
  if (id === rsaPss) return readPss(given);
  if (!isAbsentOrNull(given)) throw malformed(`signature algorithm ${id} has parameters`);
  if (id === rsaEncryption && digest !== undefined) return { family: 'rsa-pkcs1', hash: digest };
  const facts = signatures[id];
  if (facts === undefined) throw new PlombeError('pki/unsupported', `Signature algorithm ${id} is not supported.`);
  return facts;
}

function readPss(node: DerNode | undefined): IdentifiedAlgorithm {
  if (node === undefined) throw malformed('RSASSA-PSS has no parameters');
  const fields = new Fields(node, 'parameters of RSASSA-PSS');
  const hashNode = fields.optional(constructedTag(0));
  const maskNode = fields.optional(constructedTag(1));
  const saltNode = fields.optional(constructedTag(2));
  const trailer = fields.optional(constructedTag(3));
  fields.end();
  if (hashNode === undefined || maskNode === undefined) {
    throw new PlombeError('pki/unsupported', 'RSASSA-PSS with SHA-1 is not supported.');
  }
  const hash = readHash(inner(hashNode, 'a hash algorithm'));
  const mask = new Fields(inner(maskNode, 'a mask function'), 'a mask function');
  if (readOid(mask.take(tag.oid)) !== mgf1 || readHash(mask.any()) !== hash) {
    throw new PlombeError('pki/unsupported', 'RSASSA-PSS is supported only with MGF1 over the same hash.');
  }
  mask.end();
  if (trailer !== undefined && readSmallInteger(inner(trailer, 'a trailer')) !== 1)
    throw malformed('RSASSA-PSS has an unknown trailer');
  return {
    family: 'rsa-pss',
    hash,
    saltLength: saltNode === undefined ? 20 : readSmallInteger(inner(saltNode, 'a salt length')),
  };
}
