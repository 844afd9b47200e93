// Approvals out of a registry's evidence: which request a key may approve, and one answer from keys and from a policy.
import { generateKeyPairSync } from 'node:crypto';
import type { JsonObject } from '@plombe/kit';
import type { Digest } from '@plombe/model';
import { parseReference } from '@plombe/oci';
import { approvalNeeds, judgeApprovals as judgeByPolicy } from '@plombe/policy';
import {
  approvalId,
  approvalPredicate,
  approvalTypes,
  buildStatement,
  signerOf,
  type ApprovalStatement,
  type Signer,
} from '@plombe/trust';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { judgeFoundApprovals, requestToGrant } from './approve.ts';
import { signBundle } from './envelope.ts';
import { verifyAttestations, type Evidence } from './verify.ts';

const nowMs = Date.UTC(2026, 5, 1);
const hour = 3_600_000;
const digest = `sha256:${'a'.repeat(64)}` as Digest;
const { signal } = new AbortController();

const person = (): Signer => signerOf(generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey);
const people = { ci: person(), dev: person(), alice: person(), bob: person(), mallory: person() };
type Name = keyof typeof people;
const names = Object.keys(people) as Name[];

interface Made {
  readonly manifest: Digest;
  readonly bytes: Uint8Array;
  readonly id: Digest;
}

let count = 0;
async function make(statement: ApprovalStatement, by: Name, about = digest): Promise<Made> {
  const predicateType = approvalTypes[statement.type];
  const payload = buildStatement({ digest: about, predicateType, predicate: approvalPredicate(statement) });
  const bytes = await signBundle(payload, { signer: people[by], endorsers: {} }, { signal });
  const manifest = `sha256:${String((count += 1)).padStart(64, '0')}` as Digest;
  return { manifest, bytes, id: approvalId(JSON.parse(String(payload)) as JsonObject) };
}

function evidence(made: readonly Made[]): Evidence {
  const envelopes = made.map(({ manifest, bytes }) => ({
    kind: 'bundle' as const,
    manifest,
    mediaType: 'application/vnd.dev.sigstore.bundle.v0.3+json',
    bytes,
    annotations: {},
  }));
  const reference = parseReference('registry.example.com/team/app:1');
  const mediaType = 'application/vnd.oci.image.manifest.v1+json';
  return {
    subject: { reference, digest, mediaType, sizeBytes: 1 },
    discovery: { envelopes, ignored: [], limits: [] },
  };
}

const request = (by: Name, changes: object = {}): ApprovalStatement => ({
  type: 'request',
  predicate: {
    timeMs: nowMs - hour,
    key: people[by].publicKey,
    scope: {},
    reason: 'release',
    expiresMs: nowMs + hour,
    decision: 'allow',
    policies: [],
    reasons: [],
    ...changes,
  },
});

const keys = (...of: readonly Name[]): readonly Signer['publicKey'][] => of.map((name) => people[name].publicKey);

describe('the request that a key may approve', () => {
  const terms = { approvers: keys('alice'), requesters: undefined, scope: undefined, threshold: 1, nowMs };
  const choose = async (made: readonly Made[], wanted: string | undefined, by: Name): Promise<unknown> => {
    const { requests } = judgeFoundApprovals(evidence(made), terms);
    const choice = requestToGrant(requests, wanted, people[by].publicKey.id);
    return choice.kind === 'found' ? choice.request.id : choice.message;
  };

  it('is the only one, the newest of several, or the one named by id or manifest', async () => {
    const old = await make(request('ci', { timeMs: nowMs - 2 * hour }), 'ci');
    const young = await make(request('dev'), 'dev');
    expect(await choose([old], undefined, 'alice')).toBe(old.id);
    expect(await choose([young, old], 'latest', 'alice')).toBe(young.id);
    expect(await choose([young, old], undefined, 'alice')).toContain('There are 2 requests');
    expect(await choose([young, old], old.id, 'alice')).toBe(old.id);
    expect(await choose([young, old], old.manifest, 'alice')).toBe(old.id);
    expect(await choose([young, old], undefined, 'dev')).toBe(old.id);
  });

  it('is never a key’s own, an ended one, a denied one, or one about another digest', async () => {
    const own = await make(request('alice'), 'alice');
    expect(await choose([own], 'latest', 'alice')).toBe('Nobody approves his own request.');
    const ended = await make(request('ci', { expiresMs: nowMs }), 'ci');
    expect(await choose([ended], undefined, 'alice')).toContain('It ended on');
    const denied = await make(request('ci', { decision: 'deny' }), 'ci');
    expect(await choose([denied], denied.id, 'alice')).toContain('denied');
    const elsewhere = await make(request('ci'), 'ci', `sha256:${'b'.repeat(64)}` as Digest);
    expect(await choose([elsewhere], undefined, 'alice')).toContain('not about');
    expect(await choose([], undefined, 'alice')).toContain('no such request');
  });
});

describe('keys and a policy', () => {
  const approvers: readonly Name[] = ['alice', 'bob', 'dev'];
  const requesters: readonly Name[] = ['ci', 'dev'];
  const anchor = (name: Name): { kind: 'cosign'; id: string; label: string } => ({
    kind: 'cosign',
    id: name,
    label: name,
  });
  const anchors = { approvers: approvers.map(anchor), requesters: requesters.map(anchor) };

  async function byPolicy(found: Evidence, place: object): Promise<readonly string[]> {
    const attestations = [];
    for (const {
      type,
      anchor: { id },
    } of approvalNeeds(anchors)) {
      const trust = { anchor: { kind: 'keys' as const, keys: keys(id as Name) } };
      const { attestations: results } = await verifyAttestations(found, { anchor: { kind: 'sigstore', trust }, type });
      attestations.push({ anchor: id, type, results });
    }
    const subject = { reference: 'x', digest, byDigest: false };
    return [...judgeByPolicy(anchors, { subject, place, attestations }, nowMs).approvers].sort();
  }

  /** Mostly what lets an approval count, so that all that ends it is tried on one that would. */
  const mostly = <T>(usual: readonly T[], rare: readonly T[]): fc.Arbitrary<T> =>
    fc.oneof({ weight: 4, arbitrary: fc.constantFrom(...usual) }, { weight: 1, arbitrary: fc.constantFrom(...rare) });
  const scopes = [{}, { environment: 'test' }, { environment: 'production', cluster: 'eu' }];
  const scope = mostly<object>([{ environment: 'production' }], scopes);
  const end = mostly([nowMs + hour], [nowMs - 1000, nowMs, nowMs + 1000]);
  const decision = mostly(['allow', 'warn'], ['deny', 'unknown']);
  const requester = mostly<Name>(['ci', 'dev'], names);
  const approver = mostly<Name>(['alice', 'bob', 'dev'], names);
  const world = fc.record({
    place: scope,
    requests: fc.array(fc.record({ by: requester, scope, end, decision }), { minLength: 1, maxLength: 3 }),
    grants: fc.array(fc.record({ by: approver, scope, end, to: fc.nat(3) }), { maxLength: 5 }),
    revocations: fc.array(fc.record({ by: fc.constantFrom(...names), of: fc.nat(7) }), { maxLength: 2 }),
  });

  it('count the same approvers of whatever lies beside an image', async () => {
    let counted = 0;
    await fc.assert(
      fc.asyncProperty(world, async ({ place, requests, grants, revocations }) => {
        const asked = await Promise.all(
          requests.map(({ by, scope: where, end: expiresMs, decision }) =>
            make(request(by, { scope: where, expiresMs, decision }), by),
          ),
        );
        const given = await Promise.all(
          grants.map(({ by, scope: where, end: expiresMs, to }) => {
            const target = asked[to % asked.length] as Made;
            const predicate = {
              timeMs: nowMs - 1000,
              key: people[by].publicKey,
              request: target.id,
              scope: where,
              expiresMs,
            };
            return make({ type: 'approval', predicate }, by);
          }),
        );
        const targets = [...asked, ...given];
        const taken = await Promise.all(
          revocations.map(({ by, of }) => {
            const { id } = targets[of % targets.length] as Made;
            return make(
              { type: 'revocation', predicate: { timeMs: nowMs, key: people[by].publicKey, revokes: id, reason: 'x' } },
              by,
            );
          }),
        );
        const found = evidence([...taken, ...given, ...asked]);
        const terms = {
          approvers: keys(...approvers),
          requesters: keys(...requesters),
          scope: place,
          threshold: 1,
          nowMs,
        };
        const { approvers: ours } = judgeFoundApprovals(found, terms);
        expect(ours).toEqual(await byPolicy(found, place));
        counted += ours.length;
      }),
      { numRuns: 500 },
    );
    expect(counted).toBeGreaterThan(50);
  });
});
