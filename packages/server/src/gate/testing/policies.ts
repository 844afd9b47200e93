// Policies of the gate's tests, and signing as the command does it.
import { attestSubject, resolveSubjectDigest, signSubject } from '@plombe/engine';
import type { JsonObject } from '@plombe/kit';
import type { Digest } from '@plombe/model';
import type { Stage } from './stage.ts';

/** The text of a policy; `spec` in YAML's flow style. */
export function policyText(name: string, spec: string): string {
  return `apiVersion: plombe/v1\nkind: Policy\nmetadata: {name: ${name}}\nspec: ${spec}\n`;
}

/** Nothing critical below `prod/`. */
export const scannedPolicy = policyText(
  'gate',
  '{select: {repositories: ["prod/**"]}, vulnerabilities: {maxSeverity: medium}}',
);

/** Signed by `ops`, nothing critical; what is not is kept in quarantine. */
export const signedPolicy = policyText(
  'gate',
  '{select: {repositories: ["prod/**"]}, signatures: {anyOf: [{cosign: {key: ops.pub}}]}, vulnerabilities: {maxSeverity: medium}, onViolation: quarantine}',
);

/** Signs as `plombe sign` does. Returns the digest of what was stored. */
export async function sign(
  stage: Stage,
  repository: string,
  digest: Digest,
  { format = 'bundle', by = 'ops' }: { readonly format?: 'bundle' | 'tag'; readonly by?: string } = {},
): Promise<Digest> {
  const parts = await signing(stage, repository, digest, by);
  return (await signSubject({ ...parts, format, annotations: {}, agent: 'test' }, stage.ctx)).manifest;
}

/** Attests as `plombe attest` does. */
export async function attest(
  stage: Stage,
  repository: string,
  digest: Digest,
  statement: { readonly by: string; readonly predicateType: string; readonly predicate: JsonObject },
): Promise<Digest> {
  const { by, ...rest } = statement;
  const parts = await signing(stage, repository, digest, by);
  return (await attestSubject({ ...parts, ...rest, format: 'bundle' }, stage.ctx)).manifest;
}

async function signing(stage: Stage, repository: string, digest: Digest, by: string) {
  const client = stage.client('signer');
  const subject = await resolveSubjectDigest(client, { registry: stage.host, repository, digest }, stage.ctx);
  const signer = stage.signers.get(by);
  if (signer === undefined) throw new Error(`no key ${by}`);
  return { client, subject, signer, endorsers: {} };
}

/** The status that a GET of a manifest is answered with. */
export async function statusOf(
  stage: Stage,
  repository: string,
  reference: string,
  as: 'reader' | 'signer' = 'reader',
): Promise<number> {
  return (await stage.get(`/v2/${repository}/manifests/${reference}`, as)).status;
}

/** The tags that a list has. */
export async function tagsOf(stage: Stage, repository: string, as: 'reader' | 'signer' = 'reader'): Promise<string[]> {
  const answer = await stage.get(`/v2/${repository}/tags/list`, as);
  return ((await answer.json()) as { readonly tags: string[] }).tags;
}
