// Character strings of ASN.1 as text.
import { malformed, type DerNode } from './reader.ts';
import { tag } from './tags.ts';

/** True where the value is one of ASN.1's character strings. */
export function isText(node: DerNode): boolean {
  return node.tag in decoders;
}

/** Returns a character string's text. Teletex is read as Latin-1, as every implementation does. Throws `pki/malformed`. Not inert. */
export function readText(node: DerNode): string {
  const decode = decoders[node.tag];
  if (decode === undefined) throw malformed(`a text has tag ${node.tag}`);
  return decode(node.content);
}

const strictUtf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** Decodes UTF-8 and refuses what is none. Throws `pki/malformed`. */
export function decodeUtf8(bytes: Uint8Array): string {
  try {
    return strictUtf8.decode(bytes);
  } catch (cause) {
    throw malformed('a text is not UTF-8', cause);
  }
}

/** Decodes ASCII (IA5String) and refuses what is none. Throws `pki/malformed`. */
export function decodeAscii(bytes: Uint8Array): string {
  if (bytes.some((byte) => byte >= 0x80)) throw malformed('a text is not ASCII');
  return decodeLatin1(bytes);
}

function decodeLatin1(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('latin1');
}

function decodeUtf16(bytes: Uint8Array): string {
  if (bytes.length % 2 !== 0) throw malformed('a BMPString has half a character');
  const text = Buffer.from(bytes).swap16().toString('utf16le');
  if (!text.isWellFormed()) throw malformed('a BMPString holds half a surrogate pair');
  return text;
}

function decodeUtf32(bytes: Uint8Array): string {
  if (bytes.length % 4 !== 0) throw malformed('a UniversalString has part of a character');
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  let text = '';
  for (let at = 0; at < bytes.length; at += 4) {
    const point = view.getUint32(at);
    if (point > 0x10ffff) throw malformed('a UniversalString holds no character');
    text += String.fromCodePoint(point);
  }
  return text;
}

const decoders: Readonly<Record<number, (bytes: Uint8Array) => string>> = {
  [tag.utf8]: decodeUtf8,
  [tag.printable]: decodeAscii,
  [tag.ia5]: decodeAscii,
  [tag.numeric]: decodeAscii,
  [tag.visible]: decodeAscii,
  [tag.teletex]: decodeLatin1,
  [tag.bmp]: decodeUtf16,
  [tag.universal]: decodeUtf32,
};
