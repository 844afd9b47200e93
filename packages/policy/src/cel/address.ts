// IP addresses and networks as text, strictly: no zone, no leading zeros, no IPv4 inside IPv6.
import { isIP } from 'node:net';
import { CelAddress, CelError } from './value.ts';

/** Reads an address. */
export function parseAddress(text: string): CelAddress | CelError {
  const family = isIP(text);
  if ((family !== 4 && family !== 6) || text.includes('%') || (family === 6 && text.includes('.'))) {
    return new CelError('the text is no IP address');
  }
  const bits = family === 4 ? bitsOf4(text) : bitsOf6(text);
  return new CelAddress(family, bits);
}

/** Reads `ADDRESS/PREFIX`. */
export function parseNetwork(text: string): CelAddress | CelError {
  const [address = '', prefix = '', more] = text.split('/');
  const base = parseAddress(address);
  const length = Number(prefix);
  if (base instanceof CelError || more !== undefined || !/^(0|[1-9]\d{0,2})$/.test(prefix) || length > widthOf(base)) {
    return new CelError('the text is no network, such as 10.0.0.0/8');
  }
  return new CelAddress(base.family, base.bits, length);
}

/** Bits of an address of this family. */
export function widthOf({ family }: CelAddress): 32 | 128 {
  return family === 4 ? 32 : 128;
}

function bitsOf4(text: string): bigint {
  return text.split('.').reduce((sum, byte) => sum * 256n + BigInt(byte), 0n);
}

function bitsOf6(text: string): bigint {
  const [before = '', after] = text.split('::');
  const groups = (part: string): string[] => (part === '' ? [] : part.split(':'));
  const head = groups(before);
  const tail = after === undefined ? [] : groups(after);
  const zeros = Array.from({ length: after === undefined ? 0 : 8 - head.length - tail.length }, () => '0');
  return [...head, ...zeros, ...tail].reduce((sum, group) => sum * 65536n + BigInt(`0x${group}`), 0n);
}

/** Writes it as RFC 5952 wants it: lower case, the longest run of zeros as `::`. */
export function formatAddress(address: CelAddress): string {
  const text = address.family === 4 ? format4(address.bits) : format6(address.bits);
  return address.prefix === undefined ? text : `${text}/${address.prefix}`;
}

function format4(bits: bigint): string {
  return [24n, 16n, 8n, 0n].map((by) => (bits >> by) & 255n).join('.');
}

function format6(bits: bigint): string {
  const groups = Array.from({ length: 8 }, (_, index) => ((bits >> BigInt(112 - 16 * index)) & 0xffffn).toString(16));
  const text = groups.join(':');
  const [longest] = [...text.matchAll(/(?<![0-9a-f])0(?::0)+(?![0-9a-f])/g)].sort((a, b) => b[0].length - a[0].length);
  if (longest === undefined) return text;
  const head = text.slice(0, longest.index).replace(/:$/, '');
  const tail = text.slice(longest.index + longest[0].length).replace(/^:/, '');
  return `${head}::${tail}`;
}
