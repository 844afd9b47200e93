// Name constraints (RFC 5280, 4.2.1.10): which names an authority may certify.
import { describe, expect, it } from 'vitest';
import { derImplicit, derSequence, derTagged, derOid, derText } from '../der/writer.ts';
import { issue, testExtension, testName, testNowMs } from '../testing/authority.ts';
import { verifyChain } from './chain.ts';

const email = (text: string): Uint8Array => derImplicit(1, Buffer.from(text));
const dns = (text: string): Uint8Array => derImplicit(2, Buffer.from(text));
const uri = (text: string): Uint8Array => derImplicit(6, Buffer.from(text));
const ip = (...bytes: number[]): Uint8Array => derImplicit(7, Uint8Array.from(bytes));
const directory = (...names: string[]): Uint8Array => derTagged(4, testName(names));
const other = derTagged(0, derOid('1.2.3'), derTagged(0, derText('x')));

interface Case {
  readonly permitted?: Uint8Array;
  readonly excluded?: Uint8Array;
  readonly names?: readonly Uint8Array[];
  readonly subject?: readonly string[];
}

function holds({ permitted, excluded, names, subject = [] }: Case): boolean {
  const list = (n: number, base: Uint8Array | undefined): Uint8Array[] =>
    base === undefined ? [] : [derTagged(n, derSequence(base))];
  const value = derSequence(...list(0, permitted), ...list(1, excluded));
  const root = issue({ ca: true, subject: ['CN=root'], extensions: [testExtension('2.5.29.30', value, true)] });
  const leaf = issue({ issuer: root, subject, ...(names === undefined ? {} : { names }) }).certificate;
  return verifyChain({ leaf, intermediates: [], roots: [root.certificate], atMs: testNowMs }).kind === 'verified';
}

describe('name constraints', () => {
  it.each<[string, Case, boolean]>([
    ['a domain itself', { permitted: dns('example.com'), names: [dns('example.com')] }, true],
    ['a domain below, in other case', { permitted: dns('example.com'), names: [dns('A.EXAMPLE.com')] }, true],
    ['a domain that only ends alike', { permitted: dns('example.com'), names: [dns('badexample.com')] }, false],
    [
      'one good and one bad domain',
      { permitted: dns('example.com'), names: [dns('example.com'), dns('evil.test')] },
      false,
    ],
    ['an excluded domain', { excluded: dns('example.com'), names: [dns('a.example.com')] }, false],
    ['a domain beside the excluded one', { excluded: dns('example.com'), names: [dns('example.org')] }, true],
    ['another kind of name', { permitted: dns('example.com'), names: [email('a@evil.test')] }, true],
    ['every domain excluded', { excluded: dns(''), names: [dns('example.com')] }, false],
    ['a mailbox', { permitted: email('a@example.com'), names: [email('a@EXAMPLE.com')] }, true],
    ['another mailbox', { permitted: email('a@example.com'), names: [email('b@example.com')] }, false],
    ['a host of mailboxes', { permitted: email('example.com'), names: [email('b@example.com')] }, true],
    ['a host below', { permitted: email('example.com'), names: [email('b@a.example.com')] }, false],
    ['hosts below', { permitted: email('.example.com'), names: [email('b@a.example.com')] }, true],
    ['a mailbox in the subject', { permitted: email('example.com'), subject: ['E=a@evil.test'] }, false],
    ['no mailbox at all', { permitted: email('example.com'), names: [email('nobody')] }, false],
    ['no mailbox at all, excluded', { excluded: email('example.com'), names: [email('nobody')] }, false],
    ['a host of URIs', { permitted: uri('example.com'), names: [uri('https://example.com/x')] }, true],
    ['a host below of URIs', { permitted: uri('example.com'), names: [uri('https://a.example.com/x')] }, false],
    ['hosts below of URIs', { permitted: uri('.example.com'), names: [uri('https://a.example.com:8/x')] }, true],
    [
      'a login that looks like the host',
      { permitted: uri('example.com'), names: [uri('https://example.com@evil.test/')] },
      false,
    ],
    ['a URI without a host', { permitted: uri('example.com'), names: [uri('urn:x')] }, false],
    ['a URI without a host, excluded', { excluded: uri('example.com'), names: [uri('urn:x')] }, false],
    ['a URI with an address', { permitted: uri('example.com'), names: [uri('https://10.0.0.1/')] }, false],
    ['an address in the network', { permitted: ip(10, 0, 0, 0, 255, 0, 0, 0), names: [ip(10, 1, 2, 3)] }, true],
    ['an address outside', { permitted: ip(10, 0, 0, 0, 255, 0, 0, 0), names: [ip(11, 1, 2, 3)] }, false],
    [
      'an address of another family',
      { permitted: ip(10, 0, 0, 0, 255, 0, 0, 0), names: [ip(...Buffer.alloc(16, 10))] },
      false,
    ],
    ['an unreadable network', { excluded: ip(10), names: [ip(10, 1, 2, 3)] }, false],
    ['a directory below', { permitted: directory('C=DE', 'O=x'), subject: ['C=DE', 'O=x', 'CN=y'] }, true],
    ['a directory beside', { permitted: directory('C=DE', 'O=x'), subject: ['C=DE', 'O=z'] }, false],
    ['a directory above', { permitted: directory('C=DE', 'O=x'), subject: ['C=DE'] }, false],
    ['an excluded directory', { excluded: directory('C=DE'), subject: ['C=DE', 'O=x'] }, false],
    ['no subject', { permitted: directory('C=DE'), names: [dns('x')] }, true],
    ['a kind that is not supported', { permitted: other, names: [dns('x')] }, false],
  ])('%s', (_name, given, expected) => {
    expect(holds(given)).toBe(expected);
  });
});
