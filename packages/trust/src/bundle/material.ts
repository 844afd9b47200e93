// What a bundle says about its signer when it is written.
import { createHash } from 'node:crypto';
import type { PublicKey } from '../keys/public-key.ts';
import { encodeBase64 } from '../parse/base64.ts';
import type { Material } from '../verify/evidence.ts';

/** A plain key: the hint is base64 of the SHA-256 of its SubjectPublicKeyInfo, as cosign writes it. */
export function keyMaterial(key: PublicKey): Material {
  return { kind: 'key', hint: encodeBase64(createHash('sha256').update(key.spki).digest()) };
}

/** A certificate in DER, alone or leaf first with what lies between it and the root; the root stays outside. */
export function certificateMaterial(certificates: readonly Uint8Array[]): Material {
  return { kind: 'certificates', certificates };
}
