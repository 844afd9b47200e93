// Step two: the chain is a proper one, ends at a root of the policy's trust stores, and names a trusted identity.
import { sameBytes, type Certificate } from '@plombe/pki';
import { chainProblem, nameOf } from '../certificates/requirements.ts';
import type { SigningScheme } from '../envelope/envelope.ts';
import { identityMatches } from '../trust-policy/identity.ts';
import type { TrustPolicyStatement, TrustStoreType } from '../trust-policy/policy.ts';
import type { TrustStore } from '../trust-store/store.ts';
import { fail, pass, type StepResult } from './checks.ts';

/** Roots of the statement's stores of one type, or why they cannot be used: one that is missing or damaged fails all of them. */
export type Roots =
  | { readonly kind: 'roots'; readonly certificates: readonly Certificate[] }
  | { readonly kind: 'none'; readonly message: string };

/** Collects the roots the statement names. Stores of another type are never looked at (signing-scheme, "Trust Stores"). */
export function rootsOf(statement: TrustPolicyStatement, store: TrustStore, type: TrustStoreType): Roots {
  const names = statement.trustStores.filter((one) => one.type === type).map((one) => `${type}:${one.name}`);
  if (names.length === 0) return { kind: 'none', message: `the trust policy names no trust store of type ${type}` };
  const certificates: Certificate[] = [];
  for (const name of names) {
    const named = store.get(name);
    if (named === undefined) return { kind: 'none', message: `there is no trust store ${name}` };
    if (named.kind === 'invalid')
      return { kind: 'none', message: `the trust store ${name} cannot be used: ${named.message}` };
    if (named.certificates.length === 0)
      return {
        kind: 'none',
        message: [`the trust store ${name} holds no root certificate`, ...named.warnings].join('; '),
      };
    certificates.push(...named.certificates);
  }
  return { kind: 'roots', certificates };
}

/** Verifies chain and anchor (trust-store-trust-policy, "Validate Authenticity"); validity in time is another step. */
export function checkAuthenticity(
  chain: readonly Certificate[],
  scheme: SigningScheme,
  statement: TrustPolicyStatement,
  store: TrustStore,
): StepResult {
  const problem = chainProblem(chain);
  if (problem !== undefined) return fail(problem);
  const type = scheme === 'notary.x509' ? 'ca' : 'signingAuthority';
  const roots = rootsOf(statement, store, type);
  if (roots.kind === 'none') return fail(roots.message);
  const root = chain.at(-1) as Certificate;
  if (roots.certificates.some((one) => sameBytes(one.bytes, root.bytes)))
    return pass(`${chain.map(nameOf).join(' ← ')} of the ${type} trust store`);
  return fail(`the root ${nameOf(root)} is in no trust store of type ${type} that the trust policy names`);
}

/** Compares the signing certificate's subject with the trusted identities. */
export function checkIdentity(leaf: Certificate, { trustedIdentities }: TrustPolicyStatement): StepResult {
  if (trustedIdentities === '*') return pass('the trust policy trusts any identity of its trust stores');
  const found = trustedIdentities.find((one) => identityMatches(one, leaf.subject));
  if (found !== undefined) return pass(`${nameOf(leaf)} is the trusted identity ${found.text}`);
  return fail(
    `${nameOf(leaf)} is not a trusted identity; the trust policy names ${trustedIdentities.map((one) => one.text).join(' | ')}`,
  );
}
