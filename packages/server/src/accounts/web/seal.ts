// What a browser keeps for the server and can neither read nor change: AES-256-GCM under a key of this process.
import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';

export interface Seal {
  /** Seals a JSON value until then. */
  close(value: unknown, untilMs: number): string;
  /** Opens it; undefined where it was not sealed here or is over. */
  open(text: string, nowMs: number): unknown;
}

const nonceBytes = 12;
const tagBytes = 16;

/** Makes a seal that lives as long as the process: a login that is under way when it ends begins anew. */
export function createSeal(): Seal {
  const key = randomBytes(32);
  return {
    close(value, untilMs) {
      const nonce = randomBytes(nonceBytes);
      const cipher = createCipheriv('aes-256-gcm', key, nonce);
      const text = Buffer.concat([cipher.update(JSON.stringify([untilMs, value])), cipher.final()]);
      return Buffer.concat([nonce, cipher.getAuthTag(), text]).toString('base64url');
    },
    open(text, nowMs) {
      const bytes = Buffer.from(text, 'base64url');
      if (bytes.length < nonceBytes + tagBytes) return undefined;
      const decipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(0, nonceBytes), { authTagLength: tagBytes });
      decipher.setAuthTag(bytes.subarray(nonceBytes, nonceBytes + tagBytes));
      try {
        const plain = Buffer.concat([decipher.update(bytes.subarray(nonceBytes + tagBytes)), decipher.final()]);
        const [untilMs, value] = JSON.parse(plain.toString('utf8')) as [number, unknown];
        return untilMs > nowMs ? value : undefined;
      } catch {
        return undefined;
      }
    },
  };
}
