// Certificates and keys that a listener cannot use are told before it starts, by the name of their flag.
import type { KeyObject } from 'node:crypto';
import { isPlombeError } from '@plombe/kit';
import { expect, test } from 'vitest';
import { issue, testKey, testNowMs } from '../../../pki/src/testing/authority.ts';
import { requireKeyPair, tellOfDates } from './certificate.ts';

const own = issue();
const pem = (key: KeyObject, passphrase?: string): string =>
  String(
    key.export({
      format: 'pem',
      type: 'pkcs8',
      ...(passphrase === undefined ? {} : { cipher: 'aes-256-cbc', passphrase }),
    }),
  );

test.each([
  ['a key of the same kind', own.pem, pem(testKey('p256')), /not that of the first certificate/],
  ['a key of another kind', own.pem, pem(testKey('rsa2048')), /not that of the first certificate/],
  ['a chain that begins with the issuer', issue().pem + own.pem, pem(own.key), /not that of the first certificate/],
  ['a key with a passphrase', own.pem, pem(own.key, 'x'), /--tls-key.*\n*.*without a passphrase/],
  ['a key in place of the certificate', pem(own.key), pem(own.key), /--tls-cert/],
  ['nothing', '', '', /--tls-cert/],
])('%s is refused', (_, certPem, keyPem, said) => {
  const refused = (): void => requireKeyPair({ certPem, keyPem });
  expect(refused).toThrow(expect.toSatisfy((error) => isPlombeError(error, 'config/invalid')));
  try {
    refused();
  } catch (error) {
    const { message, remedy = '' } = error as { readonly message: string; readonly remedy?: string };
    expect(`${message} ${remedy}`).toMatch(said);
    expect(`${message} ${remedy}`).not.toContain('PRIVATE');
  }
});

test('a pair that fits is taken', () => {
  expect(() => requireKeyPair({ certPem: own.pem, keyPem: pem(own.key) })).not.toThrow();
});

test('dates that no client will believe are told, and others are not', () => {
  const told: string[] = [];
  const log = { debug: () => {}, info: () => {}, warn: (event: string) => void told.push(event) };
  for (const nowMs of [testNowMs, 0, Date.parse('2200-01-01')])
    tellOfDates({ certPem: own.pem, keyPem: '' }, { clock: { nowMs: () => nowMs }, log });
  expect(told).toEqual(['tls.certificate-not-yet-valid', 'tls.certificate-expired']);
});
