// Values of DER's simple types: numbers, identifiers, bit strings, times. Each refuses what X.690 does not allow.
import { malformed, type DerNode } from './reader.ts';
import { tag } from './tags.ts';

function contentOf(node: DerNode, expected: number, what: string): Uint8Array {
  if (node.tag !== expected) throw malformed(`${what} has tag ${node.tag}, not ${expected}`);
  return node.content;
}

/** BOOLEAN: only 00 and FF. */
export function readBoolean(node: DerNode): boolean {
  const content = contentOf(node, tag.boolean, 'a boolean');
  if (content.length !== 1 || (content[0] !== 0 && content[0] !== 0xff))
    throw malformed('a boolean is neither 00 nor FF');
  return content[0] === 0xff;
}

/** INTEGER as its shortest two's-complement bytes; `as` also accepts an implicit tag or ENUMERATED. */
export function readIntegerBytes(node: DerNode, as: number = tag.integer): Uint8Array {
  const content = contentOf(node, as, 'an integer');
  const [first, second] = content;
  if (first === undefined) throw malformed('an integer is empty');
  if (second !== undefined && ((first === 0 && second < 0x80) || (first === 0xff && second >= 0x80))) {
    throw malformed('an integer is not the shortest');
  }
  return content;
}

/** INTEGER from 0 to 2^31-1, for versions, lengths, reasons and times. */
export function readSmallInteger(node: DerNode, as: number = tag.integer): number {
  const bytes = readIntegerBytes(node, as);
  if (bytes.length > 4 || (bytes[0] as number) >= 0x80) throw malformed('a number is negative or too large');
  return bytes.reduce((value, byte) => value * 256 + byte, 0);
}

/** INTEGER as lower-case hexadecimal without a leading zero byte; negative ones keep their bytes behind `-`. */
export function readIntegerHex(node: DerNode): string {
  const bytes = readIntegerBytes(node);
  const hex = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('hex');
  if ((bytes[0] as number) >= 0x80) return `-${hex}`;
  return hex.length > 2 && hex.startsWith('00') ? hex.slice(2) : hex;
}

/** OBJECT IDENTIFIER in dotted form. At most 64 bytes and arcs below 2^53. */
export function readOid(node: DerNode, as: number = tag.oid): string {
  const content = contentOf(node, as, 'an object identifier');
  if (content.length === 0 || content.length > 64 || (content.at(-1) as number) >= 0x80) {
    throw malformed('an object identifier is empty, cut off or too long');
  }
  const arcs: number[] = [];
  let arc = 0;
  let fresh = true;
  for (const byte of content) {
    if (fresh && byte === 0x80) throw malformed('an object identifier is not the shortest');
    arc = arc * 128 + (byte & 0x7f);
    if (arc > Number.MAX_SAFE_INTEGER) throw malformed('an object identifier has an arc beyond 2^53');
    fresh = byte < 0x80;
    if (!fresh) continue;
    if (arcs.length === 0) {
      const top = Math.min(2, Math.floor(arc / 40));
      arcs.push(top, arc - top * 40);
    } else arcs.push(arc);
    arc = 0;
  }
  return arcs.join('.');
}

/** OCTET STRING. */
export function readOctets(node: DerNode, as: number = tag.octetString): Uint8Array {
  return contentOf(node, as, 'an octet string');
}

/** BIT STRING that holds whole bytes (keys and signatures). */
export function readBitBytes(node: DerNode): Uint8Array {
  const { bytes, unused } = bits(node, tag.bitString);
  if (unused !== 0) throw malformed('a bit string does not hold whole bytes');
  return bytes;
}

/** BIT STRING of named bits: the numbers of those that are set. */
export function readNamedBits(node: DerNode, as: number = tag.bitString): readonly number[] {
  const { bytes } = bits(node, as);
  if (bytes.length > 4) throw malformed('a set of named bits is too long');
  const set: number[] = [];
  bytes.forEach((byte, index) => {
    for (let bit = 0; bit < 8; bit++) if ((byte & (0x80 >> bit)) !== 0) set.push(index * 8 + bit);
  });
  return set;
}

function bits(node: DerNode, as: number): { readonly bytes: Uint8Array; readonly unused: number } {
  const content = contentOf(node, as, 'a bit string');
  const unused = content[0];
  if (unused === undefined || unused > 7 || (content.length === 1 && unused !== 0))
    throw malformed('a bit string has no valid padding');
  const last = content.at(-1) as number;
  if (content.length > 1 && (last & ((1 << unused) - 1)) !== 0)
    throw malformed('the padding of a bit string is not zero');
  return { bytes: content.subarray(1), unused };
}

/** NULL, or nothing in its place (parameters of RSA and hash identifiers come both ways). */
export function isAbsentOrNull(node: DerNode | undefined): boolean {
  return node === undefined || (node.tag === tag.null && node.content.length === 0);
}

/**
 * UTCTime or GeneralizedTime in UTC (RFC 5280, 4.1.2.5), in milliseconds since 1970. Fractions of a second only where
 * `fractions` is set (RFC 3161, 2.4.2), and then without trailing zeros.
 */
export function readTime(node: DerNode, fractions = false, as: number = node.tag): number {
  if (as !== tag.utcTime && as !== tag.generalizedTime) throw malformed(`a time has tag ${node.tag}`);
  const text = Buffer.from(node.content).toString('latin1');
  const short = as === tag.utcTime;
  const match = (short ? utcPattern : generalizedPattern).exec(text);
  if (match === null) throw malformed('a time is not in UTC with seconds');
  const [, years = '', month = '', day = '', hour = '', minute = '', second = '', fraction] = match;
  if (fraction !== undefined && (!fractions || fraction.endsWith('0'))) throw malformed('a time has a fraction');
  const year = short ? Number(years) + (Number(years) < 50 ? 2000 : 1900) : Number(years);
  const ms = fraction === undefined ? 0 : Math.floor(Number(`0.${fraction}`) * 1000);
  const iso = `${String(year).padStart(4, '0')}-${month}-${day}T${hour}:${minute}:${second}.${String(ms).padStart(3, '0')}Z`;
  const parsed = new Date(iso);
  if (Number.isNaN(parsed.getTime()) || parsed.getUTCDate() !== Number(day)) throw malformed('a time does not exist');
  return parsed.getTime();
}

const utcPattern = /^(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)Z$/;
const generalizedPattern = /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)(?:\.(\d{1,9}))?Z$/;
