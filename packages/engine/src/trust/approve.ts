// Approvals beside an image: signed statements of request, approval and revocation, and what becomes of all that are there.
import type { Context, Digest } from '@plombe/model';
import type { JsonObject } from '@plombe/kit';
import { formatReference } from '@plombe/oci';
import {
  approvalId,
  approvalPredicate,
  approvalTypes,
  buildStatement,
  judgeApprovals,
  type ApprovalReport,
  type ApprovalStatement,
  type ApprovalTerms,
  type JudgedRequest,
} from '@plombe/trust';
import { signBundle } from './envelope.ts';
import type { SigningTask } from './sign.ts';
import { storeBundle } from './store.ts';
import type { Evidence } from './verify.ts';

/** A statement that lies in the registry now. */
export interface StoredApproval {
  /** Hash of the statement, by which others name it. */
  readonly id: Digest;
  /** Digest of the manifest that carries it. */
  readonly manifest: Digest;
  readonly predicateType: string;
}

/** Signs one of the three statements about the subject and stores it as a referrer. Throws `registry/…`. */
export async function storeApproval(
  { client, subject, signer }: Omit<SigningTask, 'endorsers'>,
  statement: ApprovalStatement,
  ctx: Pick<Context, 'clock' | 'signal'>,
): Promise<StoredApproval> {
  const { registry, repository } = subject.reference;
  const predicateType = approvalTypes[statement.type];
  const payload = buildStatement({
    digest: subject.digest,
    name: formatReference({ registry, repository }),
    predicateType,
    predicate: approvalPredicate(statement),
  });
  const bytes = await signBundle(payload, { signer, endorsers: {} }, ctx);
  const target = { client, subject, signal: ctx.signal };
  const { manifest } = await storeBundle(target, { bytes, predicateType, createdMs: ctx.clock.nowMs() });
  return { id: approvalId(JSON.parse(Buffer.from(payload).toString()) as JsonObject), manifest, predicateType };
}

/** Judges all that was found; limits of the search make the verdict undecidable. */
export function judgeFoundApprovals(
  { subject, discovery }: Evidence,
  terms: Omit<ApprovalTerms, 'digest'>,
): ApprovalReport {
  const bundles = discovery.envelopes.filter(({ kind }) => kind === 'bundle');
  return judgeApprovals(bundles, { ...terms, digest: subject.digest }, discovery.limits);
}

/** Which request a key may approve: one by somebody else that is open. `wanted`: an id, a manifest's digest, `latest`, or nothing. */
export function requestToGrant(
  requests: readonly JudgedRequest[],
  wanted: string | undefined,
  approverId: string,
):
  | { readonly kind: 'found'; readonly request: JudgedRequest }
  | { readonly kind: 'refused'; readonly message: string } {
  const named =
    wanted === undefined || wanted === 'latest'
      ? requests
      : requests.filter(({ id, manifest }) => id === wanted || manifest === wanted);
  const open = named.filter(({ state }) => state === 'open');
  const others = open.filter(({ signerId }) => signerId !== approverId);
  const request = others.at(-1);
  if (request === undefined) {
    const [closed] = named;
    if (open.length > 0) return { kind: 'refused', message: 'Nobody approves his own request.' };
    if (closed === undefined) return { kind: 'refused', message: 'There is no such request about this digest.' };
    return { kind: 'refused', message: `The request ${closed.id} cannot be approved: ${closed.message}` };
  }
  if (others.length === 1 || wanted === 'latest') return { kind: 'found', request };
  const ids = others.map(({ id }) => id).join(', ');
  return {
    kind: 'refused',
    message: `There are ${others.length} requests; name one with --request, or latest: ${ids}.`,
  };
}
