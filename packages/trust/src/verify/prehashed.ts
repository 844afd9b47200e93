// Verifies ECDSA, RSA and Ed25519ph signatures over a digest, where the signed bytes themselves are not at hand; Node only takes messages.
import { constants, createHash, publicDecrypt, type KeyObject } from 'node:crypto';
import { verifyEd25519ph } from './ed25519ph.ts';
import type { ContentHash } from './evidence.ts';

interface Curve {
  readonly hex: number;
  readonly p: bigint;
  readonly n: bigint;
  readonly gx: bigint;
  readonly gy: bigint;
}

/** FIPS 186-5 and SP 800-186, 3.2.1: the prime curves with a = -3 that Sigstore signs with; `hex` is the width of a number. */
const curves: Readonly<Record<string, Curve>> = {
  'P-256': {
    hex: 64,
    p: 0xffffffff00000001000000000000000000000000ffffffffffffffffffffffffn,
    n: 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n,
    gx: 0x6b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296n,
    gy: 0x4fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf51f5n,
  },
  'P-384': {
    hex: 96,
    p: 0xfffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffeffffffff0000000000000000ffffffffn,
    n: 0xffffffffffffffffffffffffffffffffffffffffffffffffc7634d81f4372ddf581a0db248b0a77aecec196accc52973n,
    gx: 0xaa87ca22be8b05378eb1c71ef320ad746e1d3b628ba79b9859f741e082542a385502f25dbf55296c3a545e3872760ab7n,
    gy: 0x3617de4a96262c6f5d9e98bf9292dc29f8f41dbd289a147ce9da3113b5f0b8c00a60b1ce1d7e819d7a431d7c90ea0e5fn,
  },
};

/**
 * Verifies a signature over a digest. Answers undefined where the key's algorithm cannot be checked without the message (Ed25519
 * but for Ed25519ph, ML-DSA, P-521). All numbers here are public, so nothing need be constant in time.
 */
export function verifyDigest(
  key: KeyObject,
  hash: ContentHash,
  digest: Uint8Array,
  signature: Uint8Array,
): boolean | undefined {
  if (key.asymmetricKeyType === 'rsa') return verifyRsa(key, hash, digest, signature);
  if (key.asymmetricKeyType === 'ed25519' && hash === 'sha512') return verifyEd25519ph(key, digest, signature);
  if (key.asymmetricKeyType !== 'ec') return undefined;
  const { crv, x, y } = key.export({ format: 'jwk' });
  const curve = curves[crv ?? ''];
  if (curve === undefined || x === undefined || y === undefined) return undefined;
  const numbers = readSignature(signature);
  if (numbers === undefined) return false;
  return verifyEcdsa(
    curve,
    numberOf(Buffer.from(x, 'base64url')),
    numberOf(Buffer.from(y, 'base64url')),
    digest,
    numbers,
  );
}

/** PKCS#1 v1.5 or PSS with MGF1 of the same hash and a salt as long as it (RFC 8017, 8.1.2 and 8.2.2). */
function verifyRsa(key: KeyObject, hash: ContentHash, digest: Uint8Array, signature: Uint8Array): boolean {
  const modulusBits = key.asymmetricKeyDetails?.modulusLength ?? 0;
  if (signature.length !== Math.ceil(modulusBits / 8)) return false;
  let message: Buffer;
  try {
    message = publicDecrypt({ key, padding: constants.RSA_NO_PADDING }, signature);
  } catch {
    return false;
  }
  const info = Buffer.concat([digestInfo[hash], digest]);
  const padding = Buffer.alloc(Math.max(0, message.length - info.length), 0xff);
  padding.set([0, 1]);
  padding.set([0], padding.length - 1);
  if (Buffer.compare(message, Buffer.concat([padding, info])) === 0) return padding.length >= 11;
  return verifyPss(message, modulusBits - 1, hash, digest);
}

/** EMSA-PSS-VERIFY (RFC 8017, 9.1.2). */
function verifyPss(message: Uint8Array, bits: number, hash: ContentHash, digest: Uint8Array): boolean {
  const length = Math.ceil(bits / 8);
  const encoded = message.subarray(message.length - length);
  const size = digest.length;
  const masked = encoded.subarray(0, length - size - 1);
  const unused = 8 * length - bits;
  const outside = message.length > length && message[0] !== 0;
  if (outside || masked.length < size + 1 || encoded.at(-1) !== 0xbc) return false;
  if ((masked[0] as number) >> (8 - unused) !== 0) return false;
  const h = encoded.subarray(length - size - 1, -1);
  const mask = mgf1(hash, h, masked.length);
  const data = masked.map((byte, index) => byte ^ (mask[index] as number));
  data[0] = (data[0] as number) & (0xff >> unused);
  const salt = data.subarray(data.length - size);
  const zeros = data.subarray(0, data.length - size - 1);
  if (zeros.some((byte) => byte !== 0) || data[data.length - size - 1] !== 1) return false;
  const expected = createHash(hash).update(Buffer.alloc(8)).update(digest).update(salt).digest();
  return Buffer.compare(expected, h) === 0;
}

/** RFC 8017, B.2.1. */
function mgf1(hash: ContentHash, seed: Uint8Array, length: number): Uint8Array {
  const blocks: Uint8Array[] = [];
  for (let count = 0, made = 0; made < length; count++) {
    const counter = Buffer.alloc(4);
    counter.writeUInt32BE(count);
    const block = createHash(hash).update(seed).update(counter).digest();
    blocks.push(block);
    made += block.length;
  }
  return Buffer.concat(blocks).subarray(0, length);
}

/** RFC 8017, 9.2, note 1. */
const digestInfo: Readonly<Record<ContentHash, Uint8Array>> = {
  sha256: Buffer.from('3031300d060960864801650304020105000420', 'hex'),
  sha384: Buffer.from('3041300d060960864801650304020205000430', 'hex'),
  sha512: Buffer.from('3051300d060960864801650304020305000440', 'hex'),
};

function numberOf(bytes: Uint8Array): bigint {
  return BigInt(`0x${Buffer.from(bytes).toString('hex') || '0'}`);
}

/** SEQUENCE of two positive INTEGERs in DER, nothing else. */
function readSignature(der: Uint8Array): readonly [bigint, bigint] | undefined {
  if (der[0] !== 0x30 || der[1] !== der.length - 2 || der.length > 129) return undefined;
  const numbers: bigint[] = [];
  let at = 2;
  while (at < der.length) {
    const length = der[at + 1] ?? 0;
    const content = der.subarray(at + 2, at + 2 + length);
    const first = content[0] ?? 0x80;
    const padded = first === 0 && content.length > 1 && (content[1] as number) < 0x80;
    if (der[at] !== 2 || length === 0 || content.length !== length || first >= 0x80 || padded) return undefined;
    numbers.push(numberOf(content));
    at += 2 + length;
  }
  return numbers.length === 2 ? [numbers[0] as bigint, numbers[1] as bigint] : undefined;
}

/** FIPS 186-5, 6.4.2. The key is a point of the curve: Node refuses others when it reads them. */
function verifyEcdsa(
  curve: Curve,
  x: bigint,
  y: bigint,
  digest: Uint8Array,
  [r, s]: readonly [bigint, bigint],
): boolean {
  const { n, hex } = curve;
  if (r <= 0n || r >= n || s <= 0n || s >= n) return false;
  const e = numberOf(digest.subarray(0, hex / 2));
  const w = inverse(s, n);
  const point = sumOfProducts(curve, (e * w) % n, [curve.gx, curve.gy, 1n], (r * w) % n, [x, y, 1n]);
  if (point[2] === 0n) return false;
  const z = inverse(point[2], curve.p);
  return mod(point[0] * z * z, curve.p) % n === r;
}

/** A point in Jacobian coordinates; z = 0 is infinity. */
type Point = readonly [bigint, bigint, bigint];

/** u·P + v·Q, bit by bit with one doubling for both. */
function sumOfProducts(curve: Curve, u: bigint, p: Point, v: bigint, q: Point): Point {
  const both = add(curve, p, q);
  let sum: Point = [1n, 1n, 0n];
  for (let bit = BigInt(curve.hex * 4 - 1); bit >= 0n; bit--) {
    sum = double(curve, sum);
    const first = (u >> bit) & 1n;
    const second = (v >> bit) & 1n;
    if (first === 1n || second === 1n) sum = add(curve, sum, first === 0n ? q : second === 0n ? p : both);
  }
  return sum;
}

function double({ p }: Curve, [x, y, z]: Point): Point {
  if (z === 0n || y === 0n) return [1n, 1n, 0n];
  const zz = (z * z) % p;
  const yy = (y * y) % p;
  const s = (4n * x * yy) % p;
  const m = mod(3n * (x - zz) * (x + zz), p);
  const x3 = mod(m * m - 2n * s, p);
  return [x3, mod(m * (s - x3) - 8n * yy * yy, p), (2n * y * z) % p];
}

function add(curve: Curve, a: Point, b: Point): Point {
  const { p } = curve;
  if (a[2] === 0n) return b;
  if (b[2] === 0n) return a;
  const az = (a[2] * a[2]) % p;
  const bz = (b[2] * b[2]) % p;
  const u = (a[0] * bz) % p;
  const s = (a[1] * bz * b[2]) % p;
  const h = mod(b[0] * az - u, p);
  const r = mod(b[1] * az * a[2] - s, p);
  if (h === 0n) return r === 0n ? double(curve, a) : [1n, 1n, 0n];
  const hh = (h * h) % p;
  const hhh = (hh * h) % p;
  const x3 = mod(r * r - hhh - 2n * u * hh, p);
  return [x3, mod(r * (u * hh - x3) - s * hhh, p), (a[2] * b[2] * h) % p];
}

function mod(value: bigint, modulus: bigint): bigint {
  const rest = value % modulus;
  return rest < 0n ? rest + modulus : rest;
}

/** Extended Euclid. */
function inverse(value: bigint, modulus: bigint): bigint {
  let [a, b, x, y] = [mod(value, modulus), modulus, 1n, 0n];
  while (b !== 0n) {
    const quotient = a / b;
    [a, b] = [b, a - quotient * b];
    [x, y] = [y, x - quotient * y];
  }
  return mod(x, modulus);
}
