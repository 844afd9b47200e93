// Trusted identities against real subjects: RFC 4514 text, parts of a name, and no ambiguity.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { issue } from '@plombe/pki/testing';
import { identitiesOverlap, identityMatches, parseIdentity } from './identity.ts';

const base = 'C=DE, ST=Berlin, O=Example';
const subjectOf = (...rdns: readonly string[]) => issue({ subject: rdns, keyUsage: [] }).certificate.subject;
const full = ['C=DE', 'ST=Berlin', 'O=Example'];

const cases: readonly (readonly [string, readonly string[], boolean])[] = [
  [base, full, true],
  [base, [...full, 'CN=signer'], true],
  ['O=Example,ST=Berlin,C=DE', full, true],
  ['c=DE, s=Berlin, o=Example', full, true],
  ['2.5.4.6=DE, 2.5.4.8=Berlin, 2.5.4.10=Example', full, true],
  [`${base}, CN=signer`, full, false],
  [`${base}, CN=signer`, [...full, 'CN=signer'], true],
  [`${base}, CN=signer`, [...full, 'CN=Signer'], false],
  [`${base}, CN=signer`, [...full, 'CN=signer2'], false],
  [`${base}, CN=signer`, [...full, 'CN=signer', 'CN=other'], false],
  [`${base}, OU=a, OU=b`, [...full, 'OU=b', 'OU=a'], true],
  [`${base}, OU=a`, [...full, 'OU=a', 'OU=b'], false],
  [`${base}, OU=a+CN=x`, [...full, 'OU=a+CN=x'], true],
  [`${base}`, ['C=DE', 'ST=Berlin', 'O=Example', 'O=Other'], false],
  ['C=DE, ST=Berlin, O=Example\\, Inc', ['C=DE', 'ST=Berlin', 'O=Example, Inc'], true],
  ['C=DE, ST=Berlin, O=Example\\2C Inc', ['C=DE', 'ST=Berlin', 'O=Example, Inc'], true],
  ['C=DE, ST=Berlin, O=M\\C3\\BCller', ['C=DE', 'ST=Berlin', 'O=Müller'], true],
  ['C=DE, ST=Berlin, O=Müller', ['C=DE', 'ST=Berlin', 'O=Müller'], true],
  ['C=DE, ST=Berlin, O=\\ Example\\ ', ['C=DE', 'ST=Berlin', 'O= Example '], true],
  ['C=DE, ST=Berlin, O=  Example  ', full, true],
  ['C=DE, ST=Berlin, O=#0c074578616d706c65', full, true],
  [base, ['C=DE', 'ST=Berlin', 'O=Example\u0000'], false],
];

describe('a trusted identity', () => {
  it.each(cases)('%s against %j: %s', (identity, subject, matches) => {
    expect(identityMatches(parseIdentity(`x509.subject: ${identity}`), subjectOf(...subject))).toBe(matches);
  });

  it.each([
    'x509.subject:',
    'x509.subject: C=DE',
    'x509.subject: C=DE, ST=Berlin, O=',
    'x509.subject: C=DE, ST=Berlin, O=Example,',
    'x509.subject: C=DE, ST=Berlin, O=Exa"mple',
    'x509.subject: C=DE, ST=Berlin, O=Example\\',
    'x509.subject: C=DE, ST=Berlin, O=#zz',
    'x509.subject: C=DE, ST=Berlin, O=#00',
    'x509.subject: C=DE, ST=Berlin, O=\\ff',
    `x509.subject: C=DE, ST=Berlin, O=${'x'.repeat(5000)}`,
    'no colon',
    ': C=DE',
  ])('%s is refused', (text) => {
    expect(() => parseIdentity(text)).toThrow(/trusted identity/);
  });

  it('of another kind matches nothing', () => {
    expect(identityMatches(parseIdentity('spiffe:x'), subjectOf(...full))).toBe(false);
  });

  it('T48 is read in linear time', () => {
    for (const text of [`x509.subject:${' '.repeat(4000)}`, `x509.subject: O=${'\\ '.repeat(2000)}`])
      expect(() => parseIdentity(text)).toThrow();
  });

  it('matches a name it was written from, whatever is in it', () => {
    const value = fc
      .string({ unit: 'grapheme', minLength: 1, maxLength: 12 })
      .filter((text) => !/[+=\u0000]/.test(text) && text.isWellFormed());
    fc.assert(
      fc.property(value, value, (organization, name) => {
        const escape = (text: string) =>
          Buffer.from(text).reduce((out, byte) => `${out}\\${byte.toString(16).padStart(2, '0')}`, '');
        const identity = parseIdentity(`x509.subject: C=DE, ST=B, O=${escape(organization)}, CN=${escape(name)}`);
        expect(identityMatches(identity, subjectOf('C=DE', 'ST=B', `O=${organization}`, `CN=${name}`))).toBe(true);
        expect(identityMatches(identity, subjectOf('C=DE', 'ST=B', `O=${organization}x`, `CN=${name}`))).toBe(false);
      }),
      { numRuns: 50 },
    );
  });

  it('overlaps with another where one contains the other', () => {
    const overlap = (a: string, b: string) =>
      identitiesOverlap(parseIdentity(`x509.subject: ${a}`), parseIdentity(`x509.subject: ${b}`));
    expect(overlap(base, `${base}, CN=x`)).toBe(true);
    expect(overlap(`${base}, CN=x`, base)).toBe(true);
    expect(overlap(`${base}, CN=x`, `${base}, CN=y`)).toBe(false);
  });
});
