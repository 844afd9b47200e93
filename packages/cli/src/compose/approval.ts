// Reading and signing statements about approvals of one subject.
import { attestSubject, gatherEvidence, openSigner, policySubject, resolveSubjectDigest } from '@plombe/engine';
import { PlombeError, type JsonObject } from '@plombe/kit';
import type { Context } from '@plombe/model';
import { formatReference } from '@plombe/oci';
import { approvalId, approvalNeeds, judgeApprovals, type ApprovalState, type Policy } from '@plombe/policy';
import { buildStatement, type Signer } from '@plombe/trust';
import type { Settings } from '../settings/settings.ts';
import { keySources } from './keys.ts';
import { circumstances, verified, type PolicySession } from './policy.ts';
import { openSubjectRegistry } from './subject-registry.ts';
import { openVault } from './vault.ts';

type Flags = Readonly<Record<string, unknown>>;

/** Opens the key of `--key` for as long as `use` runs. Throws `trust/…`, `source/…`, `config/invalid`. */
export async function withSigner<T>(
  flags: Flags,
  values: Settings,
  ctx: Context,
  use: (signer: Signer) => Promise<T>,
): Promise<T> {
  const vault = openVault(values, ctx);
  try {
    return await use(await openSigner(String(flags['key']), keySources(process.env, vault)));
  } finally {
    vault.close();
  }
}

/** The policy of several that wants approvals. Throws `config/invalid` where none or more than one does. */
export function approvalPolicy({ policies }: PolicySession): Policy & Required<Pick<Policy, 'approvals'>> {
  const wanting = policies.flatMap((policy) =>
    policy.approvals === undefined ? [] : [{ ...policy, approvals: policy.approvals }],
  );
  const [only] = wanting;
  if (only !== undefined && wanting.length === 1) return only;
  throw new PlombeError(
    'config/invalid',
    `${wanting.length === 0 ? 'None' : 'More than one'} of the policies wants approvals.`,
    {
      remedy: 'Name one with spec.approvals, which says who approves and who asks.',
    },
  );
}

/** The state of approvals, with the subject's name. Throws `registry/…` and what the anchors throw. */
export async function readApprovals(
  subject: string,
  session: PolicySession,
): Promise<{ readonly name: string; readonly state: ApprovalState }> {
  const { values, flags, ctx } = session;
  const { approvals } = approvalPolicy(session);
  const { client, reference } = openSubjectRegistry(subject, values, flags, ctx);
  try {
    const found = await gatherEvidence(client, reference, ctx);
    const needs = { signatures: [], attestations: approvalNeeds(approvals), scan: false, config: false };
    const { attestations = [] } = await verified(found, needs, session);
    const about = policySubject(reference, found.subject.digest);
    const evidence = { subject: about, ...circumstances(flags), attestations };
    const { registry, repository } = reference;
    return {
      name: formatReference({ registry, repository, digest: found.subject.digest }),
      state: judgeApprovals(approvals, evidence, ctx.clock.nowMs()),
    };
  } finally {
    client.close();
  }
}

/** Signs a statement about the subject and keeps it beside the image; returns its id. Throws `registry/…`. */
export async function attestApproval(
  subject: string,
  { values, flags, ctx }: Pick<PolicySession, 'values' | 'flags' | 'ctx'>,
  signer: Signer,
  statement: { readonly predicateType: string; readonly predicate: JsonObject },
): Promise<{
  readonly subject: { readonly reference: string; readonly digest: string };
  readonly id: string;
  readonly manifest: string;
}> {
  const { client, reference } = openSubjectRegistry(subject, values, flags, ctx);
  try {
    const resolved = await resolveSubjectDigest(client, reference, ctx);
    const request = { client, subject: resolved, signer, endorsers: {}, format: 'bundle', ...statement } as const;
    const { manifest } = await attestSubject(request, ctx);
    const { registry, repository } = reference;
    const name = formatReference({ registry, repository });
    const id = approvalId(
      JSON.parse(Buffer.from(buildStatement({ digest: resolved.digest, name, ...statement })).toString()) as JsonObject,
    );
    return { subject: { reference: formatReference(reference), digest: resolved.digest }, id, manifest };
  } finally {
    client.close();
  }
}
