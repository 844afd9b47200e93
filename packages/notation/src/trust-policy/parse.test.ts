// Trust policy files: what is read, what is refused, and which statement applies.
import { describe, expect, it } from 'vitest';
import { policyCases } from '../testing/policies.ts';
import { parseBlobTrustPolicy, parseOciTrustPolicy } from './parse.ts';
import { selectBlobStatement, selectOciStatement } from './policy.ts';

const bytes = (value: unknown): Uint8Array => Buffer.from(typeof value === 'string' ? value : JSON.stringify(value));

const statement = {
  name: 'one',
  registryScopes: ['registry.example/app'],
  signatureVerification: { level: 'strict' },
  trustStores: ['ca:acme'],
  trustedIdentities: ['*'],
};

const policyOf = (...statements: readonly object[]): Uint8Array =>
  bytes({ version: '1.0', trustPolicies: statements.map((one) => ({ ...statement, ...one })) });

describe('a trust policy', () => {
  it.each(policyCases.filter(({ valid }) => valid))('with $name is read', ({ text }) => {
    expect(parseOciTrustPolicy(bytes(text)).statements.length).toBeGreaterThan(0);
  });

  it.each(policyCases.filter(({ valid }) => !valid))('with $name is refused', ({ text }) => {
    expect(() => parseOciTrustPolicy(bytes(text))).toThrow(
      expect.objectContaining({ code: 'notation/trust-policy' }) as Error,
    );
  });

  it('resolves levels and overrides to actions', () => {
    const level = { level: 'permissive', override: { expiry: 'enforce', revocation: 'skip' } };
    const [one] = parseOciTrustPolicy(policyOf({ signatureVerification: level })).statements;
    expect(one?.actions).toEqual({
      integrity: 'enforce',
      authenticity: 'enforce',
      authenticTimestamp: 'log',
      expiry: 'enforce',
      revocation: 'skip',
    });
    expect(one?.verifyTimestamp).toBe('always');
  });

  it('applies by exact scope, then globally, else not at all', () => {
    const policy = parseOciTrustPolicy(policyOf({}, { name: 'all', registryScopes: ['*'] }));
    expect(selectOciStatement(policy, 'registry.example/app')?.name).toBe('one');
    expect(selectOciStatement(policy, 'registry.example/app/x')?.name).toBe('all');
    expect(selectOciStatement(policy, 'registry.example/ap')?.name).toBe('all');
    const alone = parseOciTrustPolicy(policyOf({}));
    expect(selectOciStatement(alone, 'registry.example/other')).toBeUndefined();
    expect(selectOciStatement(alone, '*')).toBeUndefined();
  });

  it('for files is chosen by name', () => {
    const policy = parseBlobTrustPolicy(policyOf({ registryScopes: undefined }, { name: 'all', globalPolicy: true }));
    expect(selectBlobStatement(policy, 'one')?.name).toBe('one');
    expect(selectBlobStatement(policy)?.name).toBe('all');
    expect(selectBlobStatement(policy, 'two')).toBeUndefined();
    expect(() => parseBlobTrustPolicy(policyOf({ globalPolicy: true }, { name: 'two', globalPolicy: true }))).toThrow(
      'more than one',
    );
    expect(() =>
      parseBlobTrustPolicy(policyOf({ globalPolicy: true, signatureVerification: { level: 'skip' } })),
    ).toThrow('skip');
  });

  it('T48 of 50 MB, or with too many statements, is refused', () => {
    expect(() => parseOciTrustPolicy(new Uint8Array(50_000_000))).toThrow('larger than');
    const many = Array.from({ length: 2001 }, (_, i) => ({ name: `n${String(i)}` }));
    expect(() => parseOciTrustPolicy(policyOf(...many))).toThrow('more than 2000');
  });

  it('T73 takes nothing from prototypes', () => {
    const polluted = '{"version":"1.0","__proto__":{"trustPolicies":[]},"trustPolicies":[{"__proto__":{"name":"x"}}]}';
    expect(() => parseOciTrustPolicy(bytes(polluted))).toThrow('name');
  });

  it('says which statement is wrong, and keeps the file’s text inert', () => {
    const text = { name: 'evil\u001b[31m', trustStores: ['\u202e'] };
    expect(() => parseOciTrustPolicy(policyOf(text))).toThrow('statement "evil\\u{1b}[31m": trust store "\\u{202e}"');
  });
});
