// General names: who a certificate is for besides its subject, and where its issuer publishes.
import { malformed, type DerNode } from '../der/reader.ts';
import { Fields, inner } from '../der/fields.ts';
import { constructedTag, contextTag, tag } from '../der/tags.ts';
import { decodeAscii, isText, readText } from '../der/text.ts';
import { readOid } from '../der/values.ts';
import { readName, type DistinguishedName } from './name.ts';

/** RFC 5280, 4.2.1.6. Values are not inert. `other` has its text where the value is a character string (Fulcio's are). */
export type GeneralName =
  | { readonly kind: 'email' | 'dns' | 'uri'; readonly value: string }
  | { readonly kind: 'ip'; readonly value: Uint8Array }
  | { readonly kind: 'directory'; readonly value: DistinguishedName }
  | { readonly kind: 'other'; readonly oid: string; readonly value?: string; readonly der: Uint8Array }
  | { readonly kind: 'unsupported'; readonly tag: number; readonly value?: undefined };

/** Reads one GeneralName. Throws `pki/malformed`. */
export function readGeneralName(node: DerNode): GeneralName {
  switch (node.tag) {
    case contextTag(1):
      return { kind: 'email', value: decodeAscii(node.content) };
    case contextTag(2):
      return { kind: 'dns', value: decodeAscii(node.content) };
    case contextTag(6):
      return { kind: 'uri', value: decodeAscii(node.content) };
    case contextTag(7):
      return { kind: 'ip', value: node.content };
    case constructedTag(4):
      return { kind: 'directory', value: readName(inner(node, 'a directory name')) };
    case constructedTag(0):
      return otherName(node);
    case contextTag(8):
    case constructedTag(3):
    case constructedTag(5):
      return { kind: 'unsupported', tag: node.tag };
    default:
      throw malformed(`a general name has tag ${node.tag}`);
  }
}

function otherName(node: DerNode): GeneralName {
  const fields = new Fields(node, 'an other name', constructedTag(0));
  const type = readOid(fields.take(tag.oid));
  const value = inner(fields.take(constructedTag(0)), 'an other name');
  fields.end();
  return { kind: 'other', oid: type, ...(isText(value) ? { value: readText(value) } : {}), der: value.bytes };
}

/** Reads GeneralNames; an empty list is malformed. */
export function readGeneralNames(node: DerNode, as: number = tag.sequence): readonly GeneralName[] {
  if (node.tag !== as || node.children.length === 0) throw malformed('a list of names is empty or no list');
  return node.children.map(readGeneralName);
}
