// Verifies Ed25519ph signatures (RFC 8032, 5.1), which cosign 3 makes with Ed25519 keys and Node does not know: only public numbers are here.
import { createHash, type KeyObject } from 'node:crypto';

const p = 2n ** 255n - 19n;
/** The order of the base point. */
const order = 2n ** 252n + 27742317777372353535851937790883648493n;
const d = mod(-121665n * power(121666n, p - 2n));
/** A square root of -1. */
const rootOfMinusOne = power(2n, (p - 1n) / 4n);

/** A point (x, y, z, t) in extended coordinates: x/z, y/z, and xy/z = t. */
type Point = readonly [bigint, bigint, bigint, bigint];

const zero: Point = [0n, 1n, 1n, 0n];
const base = pointOf(0n, 0x6666666666666666666666666666666666666666666666666666666666666658n);

/** What keeps the prehashed variant apart from the plain one (dom2): flag 1, an empty context. */
const domain = Buffer.concat([Buffer.from('SigEd25519 no Ed25519 collisions'), Buffer.of(1, 0)]);

/** True where the signature is Ed25519ph over a message with this SHA-512 digest, without context. The key must be an Ed25519 key. */
export function verifyEd25519ph(key: KeyObject, digest: Uint8Array, signature: Uint8Array): boolean {
  const { x = '' } = key.export({ format: 'jwk' });
  return verifyEdwards(Buffer.from(x, 'base64url'), domain, digest, signature);
}

/**
 * RFC 8032, 5.1.7, for a message after a prefix: none for Ed25519 itself. As strict as Go: S below the order, R compared as bytes, the key a
 * point of the curve in its one encoding.
 */
export function verifyEdwards(
  publicKey: Uint8Array,
  prefix: Uint8Array,
  message: Uint8Array,
  signature: Uint8Array,
): boolean {
  const key = decodePoint(publicKey);
  if (key === undefined || signature.length !== 64) return false;
  const r = signature.subarray(0, 32);
  const s = littleEndian(signature.subarray(32));
  if (s >= order) return false;
  const hash = createHash('sha512').update(prefix).update(r).update(publicKey).update(message).digest();
  const k = littleEndian(hash) % order;
  const [x, y, z, t] = key;
  const sum = sumOfProducts(s, base as Point, k, [mod(-x), y, z, mod(-t)]);
  return Buffer.compare(encodePoint(sum), r) === 0;
}

/** u·P + v·Q, bit by bit with one doubling for both. */
function sumOfProducts(u: bigint, a: Point, v: bigint, b: Point): Point {
  const both = add(a, b);
  let sum = zero;
  for (let bit = 252n; bit >= 0n; bit--) {
    sum = add(sum, sum);
    const first = (u >> bit) & 1n;
    const second = (v >> bit) & 1n;
    if (first === 1n || second === 1n) sum = add(sum, first === 0n ? b : second === 0n ? a : both);
  }
  return sum;
}

/** RFC 8032, 5.1.4; complete, so it doubles too. */
function add([x1, y1, z1, t1]: Point, [x2, y2, z2, t2]: Point): Point {
  const a = mod((y1 - x1) * (y2 - x2));
  const b = mod((y1 + x1) * (y2 + x2));
  const c = mod(2n * t1 * t2 * d);
  const e = mod(2n * z1 * z2);
  return [mod((b - a) * (e - c)), mod((e + c) * (b + a)), mod((e - c) * (e + c)), mod((b - a) * (b + a))];
}

/** RFC 8032, 5.1.3. */
function decodePoint(bytes: Uint8Array): Point | undefined {
  if (bytes.length !== 32) return undefined;
  const encoded = littleEndian(bytes);
  return pointOf(encoded >> 255n, encoded & (2n ** 255n - 1n));
}

/** The point with this y whose x has this lowest bit; undefined where there is none. */
function pointOf(sign: bigint, y: bigint): Point | undefined {
  if (y >= p) return undefined;
  const u = mod(y * y - 1n);
  const v = mod(d * y * y + 1n);
  let x = mod(u * v ** 3n * power(mod(u * v ** 7n), (p - 5n) / 8n));
  if (mod(v * x * x) === mod(-u)) x = mod(x * rootOfMinusOne);
  if (mod(v * x * x) !== u || (x === 0n && sign === 1n)) return undefined;
  if ((x & 1n) !== sign) x = mod(-x);
  return [x, y, 1n, mod(x * y)];
}

function encodePoint([x, y, z]: Point): Buffer {
  const inverse = power(z, p - 2n);
  const sign = mod(x * inverse) & 1n;
  const encoded = mod(y * inverse) | (sign << 255n);
  return Buffer.from(encoded.toString(16).padStart(64, '0'), 'hex').reverse();
}

function littleEndian(bytes: Uint8Array): bigint {
  return BigInt(`0x${Buffer.from(bytes).reverse().toString('hex')}`);
}

function mod(value: bigint): bigint {
  const rest = value % p;
  return rest < 0n ? rest + p : rest;
}

function power(value: bigint, exponent: bigint): bigint {
  let result = 1n;
  for (let square = mod(value), rest = exponent; rest > 0n; rest >>= 1n, square = mod(square * square)) {
    if ((rest & 1n) === 1n) result = mod(result * square);
  }
  return result;
}
