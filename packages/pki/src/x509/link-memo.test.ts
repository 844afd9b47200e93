// The memory of links must never answer anything but what the signature says.
import { describe, expect, it } from 'vitest';
import { issue, testKey, testNowMs } from '../testing/authority.ts';
import { parseCertificate } from './certificate.ts';
import { verifyChain } from './chain.ts';
import { verifyLink } from './link-memo.ts';

describe('verifyLink', () => {
  const root = issue({ ca: true, subject: ['CN=root'], kind: 'p384' });
  const child = issue({ issuer: root }).certificate;

  it('answers the same again, and for the same bytes parsed again', () => {
    for (let i = 0; i < 3; i++)
      expect(verifyLink(parseCertificate(child.bytes), root.certificate).kind).toBe('verified');
  });

  it('does not confuse another key, another signature or changed bytes with what it knows', () => {
    expect(verifyLink(child, root.certificate).kind).toBe('verified');
    const other = issue({ ca: true, subject: ['CN=root'] }).certificate;
    const forged = issue({ issuer: { ...root, key: testKey('p384') } }).certificate;
    const bytes = Uint8Array.from(child.bytes);
    bytes[bytes.length - 1] = (bytes.at(-1) as number) ^ 1;
    for (let i = 0; i < 3; i++) {
      expect(verifyLink(child, other).kind).toBe('rejected');
      expect(verifyLink(forged, root.certificate).kind).toBe('rejected');
      expect(verifyLink(parseCertificate(bytes), root.certificate).kind).toBe('rejected');
    }
  });

  it('does not remember validity', () => {
    const input = { leaf: child, intermediates: [], roots: [root.certificate] };
    expect(verifyChain({ ...input, atMs: testNowMs }).kind).toBe('verified');
    expect(verifyChain({ ...input, atMs: testNowMs + 30 * 86_400_000 }).kind).toBe('rejected');
  });

  it('forgets when it is full', () => {
    const fast = issue({ ca: true });
    for (let i = 0; i < 600; i++)
      expect(verifyLink(issue({ issuer: fast, key: fast.key }).certificate, fast.certificate).kind).toBe('verified');
    expect(verifyLink(child, root.certificate).kind).toBe('verified');
  });
});
