// Writes DER: each function returns one whole value.
import { constructedTag, contextTag, tag } from './tags.ts';

/** One value of any tag around its content. */
export function derValue(identifier: number, ...content: readonly Uint8Array[]): Uint8Array {
  const length = content.reduce((sum, part) => sum + part.length, 0);
  return Buffer.concat([header(identifier, length), ...content]);
}

function header(identifier: number, length: number): Uint8Array {
  if (length < 0x80) return Uint8Array.of(identifier, length);
  const bytes: number[] = [];
  for (let rest = length; rest > 0; rest = Math.floor(rest / 256)) bytes.unshift(rest % 256);
  return Uint8Array.of(identifier, 0x80 | bytes.length, ...bytes);
}

export function derSequence(...parts: readonly Uint8Array[]): Uint8Array {
  return derValue(tag.sequence, ...parts);
}

/** SET OF: sorted by encoding, as DER wants. */
export function derSet(...parts: readonly Uint8Array[]): Uint8Array {
  return derValue(tag.set, ...parts.toSorted((a, b) => Buffer.compare(a, b)));
}

/** INTEGER from a number, or from big-endian bytes of a number that is not negative. */
export function derInteger(value: number | Uint8Array): Uint8Array {
  return derValue(tag.integer, typeof value === 'number' ? numberBytes(value) : shortest(value));
}

function numberBytes(value: number): Uint8Array {
  const hex = value.toString(16);
  return shortest(Buffer.from(hex.length % 2 === 0 ? hex : `0${hex}`, 'hex'));
}

function shortest(bytes: Uint8Array): Uint8Array {
  const start = bytes.findIndex((byte) => byte !== 0);
  const rest = start < 0 ? Uint8Array.of(0) : bytes.subarray(start);
  return (rest[0] as number) >= 0x80 ? Buffer.concat([Uint8Array.of(0), rest]) : rest;
}

/** OBJECT IDENTIFIER from its dotted form. */
export function derOid(dotted: string): Uint8Array {
  const [top = 0, second = 0, ...rest] = dotted.split('.').map(Number);
  return derValue(tag.oid, Uint8Array.from([top * 40 + second, ...rest].flatMap(arcBytes)));
}

function arcBytes(arc: number): number[] {
  const bytes = [arc % 128];
  for (let rest = Math.floor(arc / 128); rest > 0; rest = Math.floor(rest / 128)) bytes.unshift(0x80 | (rest % 128));
  return bytes;
}

export function derOctets(bytes: Uint8Array): Uint8Array {
  return derValue(tag.octetString, bytes);
}

/** BIT STRING of whole bytes. */
export function derBits(bytes: Uint8Array): Uint8Array {
  return derValue(tag.bitString, Uint8Array.of(0), bytes);
}

/** BIT STRING of named bits, without trailing zero bits. */
export function derNamedBits(bits: readonly number[]): Uint8Array {
  if (bits.length === 0) return derValue(tag.bitString, Uint8Array.of(0));
  const last = Math.max(...bits);
  const bytes = new Uint8Array(Math.floor(last / 8) + 1);
  for (const bit of bits) bytes[bit >> 3] = (bytes[bit >> 3] as number) | (0x80 >> (bit & 7));
  return derValue(tag.bitString, Uint8Array.of(7 - (last % 8)), bytes);
}

export function derNull(): Uint8Array {
  return derValue(tag.null);
}

export function derBoolean(value: boolean): Uint8Array {
  return derValue(tag.boolean, Uint8Array.of(value ? 0xff : 0));
}

export function derText(text: string, as: 'utf8' | 'printable' | 'ia5' = 'utf8'): Uint8Array {
  return derValue(tag[as], Buffer.from(text));
}

/** UTCTime until 2049, else GeneralizedTime, as RFC 5280 4.1.2.5 wants. */
export function derTime(atMs: number): Uint8Array {
  const year = new Date(atMs).getUTCFullYear();
  return year >= 1950 && year < 2050 ? derValue(tag.utcTime, digits(atMs).subarray(2)) : derGeneralizedTime(atMs);
}

export function derGeneralizedTime(atMs: number): Uint8Array {
  return derValue(tag.generalizedTime, digits(atMs));
}

function digits(atMs: number): Uint8Array {
  return Buffer.from(`${new Date(atMs).toISOString().slice(0, 19).replace(/[-:T]/g, '')}Z`);
}

/** `[n] EXPLICIT`, or `[n] IMPLICIT` of a SEQUENCE whose parts are given. */
export function derTagged(n: number, ...parts: readonly Uint8Array[]): Uint8Array {
  return derValue(constructedTag(n), ...parts);
}

/** `[n] IMPLICIT` of a simple type. */
export function derImplicit(n: number, content: Uint8Array): Uint8Array {
  return derValue(contextTag(n), content);
}
