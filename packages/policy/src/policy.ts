// A policy ready to be asked: its document, whom it selects, and its checks with their parameters compiled.
import { createHash } from 'node:crypto';
import { dirname } from 'node:path';
import { inert } from '@plombe/kit';
import type { AttestationNeed, PolicyAnchor } from './anchors.ts';
import { signatureAnchor, signerAnchor } from './anchors.ts';
import { approvalAnchors, approvalNeeds, type ApprovalAnchors } from './approval/judge.ts';
import { breakGlassNeeds, breakGlassRule, type BreakGlassRule } from './break-glass/break-glass.ts';
import type { BoundCheck, EvidenceKind } from './checks/check.ts';
import { checks } from './checks/checks.ts';
import type { PolicyEvidence } from './evidence.ts';
import { DocumentError } from './document/error.ts';
import { policySchema, type PolicyDocument, type PolicyMode, type PolicySpec } from './document/policy-schema.ts';
import { readDocument } from './document/read.ts';
import { compileExceptions, type CompiledException } from './exceptions.ts';
import { compileSelect, type Selection } from './select.ts';

export interface Policy {
  readonly name: string;
  /** Where it was read, for people. */
  readonly path?: string;
  /** sha256 of its text: a decision names the policy by it. */
  readonly digest: string;
  readonly spec: PolicySpec;
  readonly isOff: boolean;
  readonly modes: { readonly newDeployments: PolicyMode; readonly running: PolicyMode };
  readonly select: Selection;
  readonly checks: readonly BoundCheck[];
  readonly exceptions: readonly CompiledException[];
  readonly anchors: readonly PolicyAnchor[];
  readonly attestations: readonly AttestationNeed[];
  /** Who approves and who may ask for it, where the policy wants approvals. */
  readonly approvals?: ApprovalAnchors;
  /** Who may let through what a gate refuses. */
  readonly breakGlass?: BreakGlassRule;
  readonly needs: readonly EvidenceKind[];
}

/**
 * Reads a policy. Throws `policy/invalid` that names file, line, field and the nearest field that exists. `path` is where the text came
 * from: files it names are relative to that place.
 */
export function parsePolicy(text: string, path?: string): Policy {
  const place = inert(path ?? 'The policy');
  const { data, fail } = readDocument<PolicyDocument>(text, policySchema, place);
  const { metadata, spec } = data;
  const folder = path === undefined ? undefined : dirname(path);
  const bound = checks.flatMap((check) => {
    try {
      return check.bind(spec, { folder });
    } catch (thrown) {
      if (thrown instanceof DocumentError) fail(['spec', ...thrown.path], thrown.message);
      throw thrown;
    }
  });
  const { anyOf = [], allOf = [] } = spec.signatures ?? {};
  if (spec.signatures !== undefined && anyOf.length + allOf.length === 0) {
    fail(['spec', 'signatures'], 'needs anyOf or allOf');
  }
  const approvals = spec.approvals === undefined ? undefined : approvalAnchors(spec.approvals, folder);
  const breakGlass = breakGlassRule(spec, folder);
  const mode = spec.mode ?? 'deny';
  const modes = {
    newDeployments: spec.newDeployments ?? mode,
    running: spec.running ?? (mode === 'deny' ? 'warn' : mode),
  };
  return {
    name: metadata.name,
    ...(path === undefined ? {} : { path }),
    digest: `sha256:${createHash('sha256').update(text).digest('hex')}`,
    spec,
    isOff: modes.newDeployments === 'off' && modes.running === 'off',
    modes,
    select: compileSelect(spec.select ?? {}),
    checks: bound,
    exceptions: compileExceptions(
      spec.exceptions ?? [],
      bound.map(({ id }) => id),
      fail,
    ),
    anchors: [...anyOf, ...allOf].map((entry) => signatureAnchor(entry, folder)),
    attestations: [
      ...(spec.attestations ?? []).map((rule) => ({ type: rule.type, anchor: signerAnchor(rule, folder) })),
      ...(approvals === undefined ? [] : approvalNeeds(approvals)),
      ...(breakGlass === undefined ? [] : breakGlassNeeds(breakGlass)),
    ],
    ...(approvals === undefined ? {} : { approvals }),
    ...(breakGlass === undefined ? {} : { breakGlass }),
    needs: [...new Set(bound.flatMap(({ needs }) => needs))],
  };
}

/** Those that hold for the subject and are asked: what the others would need is not gathered, and their registries are not called. */
export function selecting(policies: readonly Policy[], evidence: PolicyEvidence): readonly Policy[] {
  return policies.filter(({ isOff, select }) => !isOff && select(evidence));
}
