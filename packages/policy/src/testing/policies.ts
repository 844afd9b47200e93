// Policies and evidence for tests, built by code.
import type { AttestationResult, SignatureResult, Verdict } from '@plombe/model';
import { anchorsOf } from '../anchors.ts';
import { decide, type Decision } from '../decide.ts';
import type { PolicyEvidence, ScanEvidence } from '../evidence.ts';
import { parsePolicy, type Policy } from '../policy.ts';

/** Noon of a day in 2026. */
export const nowMs = Date.UTC(2026, 5, 15, 12);

/** A policy of this name and spec; JSON is YAML. */
export function policy(spec: unknown, name = 'gate', path?: string): Policy {
  return parsePolicy(JSON.stringify({ apiVersion: 'plombe/v1', kind: 'Policy', metadata: { name }, spec }), path);
}

/** Evidence about `registry.example.com/gated/app:1`, whose parts may be replaced. */
export function evidence(parts: Partial<PolicyEvidence> = {}): PolicyEvidence {
  return {
    subject: {
      reference: 'registry.example.com/gated/app:1',
      registry: 'registry.example.com',
      repository: 'gated/app',
      tag: '1',
      byDigest: false,
    },
    ...parts,
  };
}

export function signature(signerId: string | undefined, verdict: Verdict = 'verified'): SignatureResult {
  return {
    format: 'bundle',
    verdict,
    ...(signerId === undefined ? {} : { signerId, signer: signerId }),
    annotations: {},
    checks: [],
  };
}

export function attestation(predicate: unknown, signedAtMs?: number, verdict: Verdict = 'verified'): AttestationResult {
  return {
    ...signature('key:a', verdict),
    predicateType: 'https://slsa.dev/provenance/v1',
    statement: { predicate },
    ...(signedAtMs === undefined ? {} : { signedAtMs }),
  };
}

/** Signature results per anchor, in the order in which the policy names anchors. */
export function signed(of: Policy, ...results: readonly (readonly SignatureResult[])[]): Partial<PolicyEvidence> {
  const anchors = anchorsOf([of]).signatures;
  return { signatures: anchors.map(({ id }, index) => ({ anchor: id, results: results[index] ?? [] })) };
}

/** Results for the first attestation that the policy names. */
export function attested(of: Policy, ...results: readonly AttestationResult[]): Partial<PolicyEvidence> {
  const needs = anchorsOf([of]).attestations;
  return { attestations: needs.map(({ type, anchor }) => ({ type, anchor: anchor.id, results })) };
}

export function scan(parts: Partial<ScanEvidence> = {}): { readonly scan: ScanEvidence } {
  return {
    scan: { state: 'assessed', causes: [], knowsKev: true, knowsEpss: true, findings: [], packages: [], ...parts },
  };
}

type Finding = ScanEvidence['findings'][number];

export function finding(parts: Partial<Finding> = {}): Finding {
  return {
    vulnerability: 'CVE-2026-1',
    aliases: ['GHSA-aaaa-bbbb-cccc'],
    severity: 'high',
    kev: false,
    packages: ['openssl'],
    fixedVersions: [],
    ...parts,
  };
}

export function decided(of: Policy | readonly Policy[], about: PolicyEvidence): Decision {
  return decide(Array.isArray(of) ? (of as readonly Policy[]) : [of as Policy], about, { nowMs });
}
