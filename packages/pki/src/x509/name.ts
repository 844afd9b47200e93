// Distinguished names: the attributes as they are, and RFC 4514 text.
import { isText, readText } from '../der/text.ts';
import { malformed, type DerNode } from '../der/reader.ts';
import { Fields } from '../der/fields.ts';
import { tag } from '../der/tags.ts';
import { readOid } from '../der/values.ts';
import { toHex } from '@plombe/kit';

export interface NameAttribute {
  readonly oid: string;
  /** As written in the certificate, not inert; hexadecimal of the encoding behind `#` where it is no text. */
  readonly value: string;
}

export interface DistinguishedName {
  /** RFC 4514: the most specific first, `CN=leaf,O=Example,C=DE`; an empty name is ``. Not inert. */
  readonly text: string;
  /** The encoding. Names are the same where these bytes are. */
  readonly der: Uint8Array;
  /** Relative names in the order of the certificate; each holds one attribute or more. */
  readonly rdns: readonly (readonly NameAttribute[])[];
}

/** Reads a Name (RFC 5280, 4.1.2.4). Throws `pki/malformed`. */
export function readName(node: DerNode): DistinguishedName {
  if (node.tag !== tag.sequence) throw malformed('a name is no sequence');
  const texts: string[] = [];
  const rdns = node.children.map((rdn) => {
    if (rdn.tag !== tag.set || rdn.children.length === 0) throw malformed('a relative name is no set or empty');
    const parts: string[] = [];
    const attributes = rdn.children.map((child) => {
      const fields = new Fields(child, 'an attribute of a name');
      const type = readOid(fields.take(tag.oid));
      const value = fields.any();
      fields.end();
      parts.push(attributeText(type, value));
      return { oid: type, value: isText(value) ? readText(value) : `#${toHex(value.bytes)}` };
    });
    texts.unshift(parts.join('+'));
    return attributes;
  });
  return { text: texts.join(','), der: node.bytes, rdns };
}

function attributeText(type: string, value: DerNode): string {
  const keyword = keywords[type];
  if (keyword === undefined || !isText(value)) return `${keyword ?? type}=#${toHex(value.bytes)}`;
  return `${keyword}=${escape(readText(value))}`;
}

function escape(text: string): string {
  return text
    .replace(/["+,;<>\\]/g, '\\$&')
    .replace(/\u0000/g, '\\00')
    .replace(/^[ #]/, '\\$&')
    .replace(/(?<!^|\\) $/, '\\ ');
}

/** RFC 4514, 3: only these have a keyword; every other type is written as a number with its encoding. */
const keywords: Readonly<Record<string, string>> = {
  '2.5.4.3': 'CN',
  '2.5.4.6': 'C',
  '2.5.4.7': 'L',
  '2.5.4.8': 'ST',
  '2.5.4.9': 'STREET',
  '2.5.4.10': 'O',
  '2.5.4.11': 'OU',
  '0.9.2342.19200300.100.1.1': 'UID',
  '0.9.2342.19200300.100.1.25': 'DC',
};
