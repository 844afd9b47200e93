// What the approval commands share: the key, the registry, the scope of flags, the policy's own judgement, and the ledger.
import {
  gatherEvidence,
  openPublicKey,
  openSigner,
  policySubject,
  storeApproval,
  type Evidence,
  type KeySources,
  type StoredApproval,
} from '@plombe/engine';
import { inert, isObject, PlombeError, textField } from '@plombe/kit';
import type { Context, Digest } from '@plombe/model';
import { formatReference } from '@plombe/oci';
import { approvalNeeds, judgeApprovals, type ApprovalState, type Policy } from '@plombe/policy';
import {
  maxReasonLength,
  openReader,
  openWriter,
  parseScope,
  readRecords,
  type ApprovalScope,
  type ApprovalStatement,
  type CustodyKind,
  type LedgerWriter,
  type PublicKey,
  type RecordedRevocation,
  type Signer,
} from '@plombe/trust';
import type { Settings } from '../settings/settings.ts';
import { keySources } from './keys.ts';
import { ledgerStore } from './ledger.ts';
import { circumstances, verified, type PolicySession } from './policy.ts';
import { openSubjectRegistry, type SubjectRegistry } from './subject-registry.ts';
import { openVault } from './vault.ts';

export type Flags = Readonly<Record<string, unknown>>;

/** Everything that one approval command works with, for as long as it runs. */
export interface ApprovalDesk {
  readonly ctx: Context;
  readonly flags: Flags;
  readonly registry: SubjectRegistry;
  /** Reads the subject and all statements about it. Throws `registry/…`. */
  find(): Promise<Evidence>;
  /** The key of `--key`. Throws `trust/…`, `source/…`, `config/invalid`. */
  signer(): Promise<Signer>;
  /** Public keys of a flag that may be given several times; undefined where it is not. Throws as `signer`. */
  publicKeys(name: string): Promise<readonly PublicKey[] | undefined>;
  /** Signs, stores, and records where `--ledger` says so. Throws `registry/…`, `ledger/…`. */
  store(found: Evidence, signer: Signer, statement: ApprovalStatement): Promise<StoredApproval>;
}

/** What a command was called with. `records`: it writes to the ledger of `--ledger`. */
export interface DeskTask {
  readonly values: Settings;
  readonly flags: Flags;
  readonly ctx: Context;
  readonly records?: boolean;
}

/** Opens registry, vault and ledger, and closes them when `use` ends. The ledger is locked before anything is stored. */
export async function atDesk<T>(
  subject: string,
  { values, flags, ctx, records = false }: DeskTask,
  use: (desk: ApprovalDesk) => Promise<T>,
): Promise<T> {
  const vault = openVault(values, ctx);
  const sources: KeySources = keySources(process.env, vault);
  const registry = openSubjectRegistry(subject, values, flags, ctx);
  let writer: LedgerWriter | undefined;
  try {
    if (records && typeof flags['ledger'] === 'string') writer = await openWriter(ledgerStore(flags), ctx.clock);
    return await use({
      ctx,
      flags,
      registry,
      find: () => gatherEvidence(registry.client, registry.reference, ctx),
      signer: () => openSigner(String(flags['key']), sources),
      publicKeys: async (name) => {
        const given = flags[name] as readonly string[] | undefined;
        return given === undefined ? undefined : Promise.all(given.map((one) => openPublicKey(one, sources)));
      },
      store: async (found, signer, statement) => {
        const stored = await storeApproval({ client: registry.client, subject: found.subject, signer }, statement, ctx);
        await writer?.append([{ digest: found.subject.digest, ...recordOf(stored, signer, statement) }]);
        return stored;
      },
    });
  } finally {
    await writer?.close();
    registry.client.close();
    vault.close();
  }
}

/** A custody record points to the statement; the statement itself lies beside the image. */
function recordOf(
  { id, manifest, predicateType }: StoredApproval,
  { publicKey }: Signer,
  { type, predicate }: ApprovalStatement,
): { readonly kind: CustodyKind; readonly content: unknown } {
  const content = {
    event: { request: 'request', approval: 'grant', revocation: 'revoke' }[type],
    predicateType,
    statement: id,
    manifest,
    signer: publicKey.id,
    ...('request' in predicate ? { request: predicate.request } : {}),
    ...('revokes' in predicate ? { revokes: predicate.revokes, reason: predicate.reason } : {}),
  };
  return { kind: type === 'revocation' ? 'revoke' : 'approve', content };
}

/** The revocations of a digest in the ledger of `--ledger`; none without the flag. Throws `ledger/…`. */
export async function recordedRevocations(flags: Flags, digest: Digest): Promise<readonly RecordedRevocation[]> {
  if (typeof flags['ledger'] !== 'string') return [];
  const records = await readRecords(await openReader(ledgerStore(flags)), digest);
  return records.flatMap(({ statement: { kind, content } }) => {
    if (kind !== 'revoke' || !isObject(content)) return [];
    const [revokes, signerId] = [textField(content, 'revokes'), textField(content, 'signer')];
    const reason = textField(content, 'reason') ?? '';
    return revokes === undefined || signerId === undefined ? [] : [{ revokes, signerId, reason }];
  });
}

/** The scope of `--scope` and of the flags for each field; undefined where none is given. Throws `config/invalid`. */
export function scopeOf(flags: Flags): ApprovalScope | undefined {
  const place = circumstances(flags).place ?? {};
  const fields = Object.entries(place).map(([name, value]) => `${name}=${value}`);
  const given = typeof flags['scope'] === 'string' ? [flags['scope']] : [];
  if (fields.length + given.length === 0) return undefined;
  const text = [...given, ...fields].join(',');
  const scope = parseScope(text);
  if (scope !== undefined) return scope;
  throw new PlombeError('config/invalid', `${inert(text.slice(0, 200))} is no scope.`, {
    remedy: 'Write environment=production,cluster=eu with any of environment, cluster, namespace, subscription; or *.',
  });
}

/** A text of a flag that is kept for good. Throws `config/invalid` for one that is empty or too long. */
export function textOf(flags: Flags, name: 'reason' | 'comment'): string {
  const text = typeof flags[name] === 'string' ? flags[name].trim() : '';
  if (text !== '' && text.length <= maxReasonLength) return text;
  const message = text === '' ? 'says nothing.' : `is longer than ${maxReasonLength} characters.`;
  throw new PlombeError('config/invalid', `--${name} ${message}`);
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

/** What the policy says of the approvals, with the subject's name. Throws what the anchors throw. */
export async function policyApprovals(
  found: Evidence,
  session: PolicySession,
): Promise<{ readonly name: string; readonly state: ApprovalState }> {
  const { flags, ctx } = session;
  const { approvals } = approvalPolicy(session);
  const { reference, digest } = found.subject;
  const needs = { signatures: [], attestations: approvalNeeds(approvals), scan: false, config: false };
  const { attestations = [] } = await verified(found, needs, session);
  const place = scopeOf(flags) ?? {};
  const evidence = { subject: policySubject(reference, digest), place, attestations };
  const { registry, repository } = reference;
  return {
    name: formatReference({ registry, repository, digest }),
    state: judgeApprovals(approvals, evidence, ctx.clock.nowMs()),
  };
}
