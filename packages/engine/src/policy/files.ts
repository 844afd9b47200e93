// Policies and policy tests as files.
import { resolve } from 'node:path';
import { inert, kibibyte, PlombeError } from '@plombe/kit';
import { parsePolicy, parsePolicyTest, type Policy, type PolicyTest } from '@plombe/policy';
import { predicateTypeNames, predicateTypeUri } from '@plombe/trust';
import { readSmallFile } from '../trust/files.ts';

/** What the reader of YAML takes. */
const maxPolicyBytes = 512 * kibibyte;

/** Reads a policy; files it names are relative to it. Throws `source/…` and `policy/invalid`. */
export function readPolicy(path: string): Policy {
  const policy = parsePolicy(readSmallFile(path, 'The policy', maxPolicyBytes).toString('utf8'), resolve(path));
  for (const { type } of policy.attestations) {
    if (predicateTypeUri(type) !== undefined) continue;
    // No attestation could ever be of it, and the answer would always be that none is there.
    const known = predicateTypeNames.join(', ');
    throw new PlombeError(
      'policy/invalid',
      `${inert(resolve(path))}: ${inert(type)} is no type of attestation; known are ${known}, and URIs.`,
    );
  }
  return policy;
}

/** A policy test, and where it was read. */
export interface PolicyTestFile extends PolicyTest {
  readonly path: string;
}

/** Reads a policy test and its policy. Throws `source/…` and `policy/invalid`. */
export function readPolicyTest(path: string): PolicyTestFile {
  const absolute = resolve(path);
  const text = readSmallFile(path, 'The policy test', maxPolicyBytes).toString('utf8');
  const policyOf = (name: string): Policy => readPolicy(resolve(absolute, '..', name));
  return { path: inert(path), ...parsePolicyTest(text, policyOf, absolute) };
}
