// The attribute that binds a signature to one certificate: ESSCertID (RFC 2634, 5.4) and ESSCertIDv2 (RFC 5035, 4).
import { createHash } from 'node:crypto';
import type { SignedData } from '../cms/signed-data.ts';
import { Fields } from '../der/fields.ts';
import { malformed, type DerNode } from '../der/reader.ts';
import { tag } from '../der/tags.ts';
import { readIntegerHex, readOctets } from '../der/values.ts';
import { readHash } from '../signature/identifier.ts';
import { readGeneralNames } from '../x509/general-name.ts';
import type { Certificate } from '../x509/certificate.ts';
import { sameBytes } from '../x509/issued.ts';
import { messageOf } from '@plombe/kit';

const version1 = '1.2.840.113549.1.9.16.2.12';
const version2 = '1.2.840.113549.1.9.16.2.47';

/**
 * Why a signer's certificate is not the one that the signed attributes name first, as a clause. One of both attributes must be
 * there. Version 1 is SHA-1: only a second preimage of a certificate would deceive it.
 */
export function signingCertificateProblem(data: SignedData, signer: Certificate): string | undefined {
  try {
    const second = data.attributes.get(version2);
    const first = data.attributes.get(version1);
    if (second === undefined && first === undefined) return 'the signature does not name its certificate';
    const fits =
      (second === undefined || matches(firstId(second), signer, undefined)) &&
      (first === undefined || matches(firstId(first), signer, 'sha1'));
    return fits ? undefined : 'it is not the certificate that the signature names';
  } catch (error) {
    return messageOf(error);
  }
}

function firstId(attribute: DerNode): DerNode {
  const list = new Fields(attribute, 'a signing certificate').take(tag.sequence);
  const id = list.children[0];
  if (id === undefined) throw malformed('a signing certificate is empty');
  return id;
}

function matches(id: DerNode, signer: Certificate, fixedHash: 'sha1' | undefined): boolean {
  const fields = new Fields(id, 'a certificate identifier');
  const named = fixedHash === undefined && fields.next === tag.sequence ? readHash(fields.any()) : undefined;
  const digest = readOctets(fields.take(tag.octetString));
  const issuer = fields.optional(tag.sequence);
  fields.end();
  const actual = createHash(fixedHash ?? named ?? 'sha256')
    .update(signer.bytes)
    .digest();
  return sameBytes(digest, actual) && (issuer === undefined || issuerMatches(issuer, signer));
}

function issuerMatches(node: DerNode, signer: Certificate): boolean {
  const fields = new Fields(node, 'an issuer and serial number');
  const names = readGeneralNames(fields.take(tag.sequence));
  const serial = readIntegerHex(fields.take(tag.integer));
  return (
    serial === signer.serial &&
    names.some((one) => one.kind === 'directory' && sameBytes(one.value.der, signer.issuer.der))
  );
}
