// Approvals judged without any registry: who counts, what ends them, and every way to make one count that must not.
import { generateKeyPairSync } from 'node:crypto';
import type { Digest } from '@plombe/model';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { keyMaterial } from '../bundle/material.ts';
import { writeBundle } from '../bundle/write.ts';
import { signEnvelope } from '../dsse/sign.ts';
import { signerOf, type Signer } from '../keys/signer.ts';
import { buildStatement } from '../statement/statement.ts';
import { judgeApprovals, type ApprovalEnvelope, type ApprovalReport, type ApprovalTerms } from './judge.ts';
import { covers, formatScope, parseScope, scopeFields } from './scope.ts';
import {
  approvalId,
  approvalPredicate,
  approvalTypes,
  type ApprovalPredicate,
  type ApprovalStatement,
  type RequestPredicate,
} from './statements.ts';

const nowMs = Date.UTC(2026, 5, 1);
const hour = 3_600_000;
const digest = `sha256:${'a'.repeat(64)}` as Digest;
const other = `sha256:${'b'.repeat(64)}` as Digest;
const person = (): Signer => signerOf(generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey);
const [ci, alice, bob, mallory] = [person(), person(), person(), person()];

interface Made extends ApprovalEnvelope {
  readonly id: Digest;
}

let count = 0;
/** Signs a statement with the key of `signer`, which it also names unless told otherwise. */
async function make(statement: ApprovalStatement, signer: Signer, about: Digest = digest): Promise<Made> {
  const { type } = statement;
  const payload = buildStatement({
    digest: about,
    predicateType: approvalTypes[type],
    predicate: approvalPredicate(statement),
  });
  const envelope = await signEnvelope(payload, signer);
  const bytes = writeBundle({
    material: keyMaterial(signer.publicKey),
    entries: [],
    timestamps: [],
    content: { kind: 'envelope', envelope },
  });
  const manifest = `sha256:${String((count += 1)).padStart(64, '0')}` as Digest;
  return { manifest, bytes, id: approvalId(JSON.parse(String(payload))) };
}

function request(signer: Signer, changes: Partial<RequestPredicate> = {}, about?: Digest): Promise<Made> {
  const predicate: RequestPredicate = {
    timeMs: nowMs - hour,
    key: signer.publicKey,
    scope: { environment: 'production' },
    reason: 'release 1.2',
    expiresMs: nowMs + 24 * hour,
    decision: 'allow',
    policies: [],
    reasons: [],
    ...changes,
  };
  return make({ type: 'request', predicate }, signer, about);
}

function grant(signer: Signer, to: Made, changes: Partial<ApprovalPredicate> = {}, about?: Digest): Promise<Made> {
  const predicate: ApprovalPredicate = {
    timeMs: nowMs - hour / 2,
    key: signer.publicKey,
    request: to.id,
    scope: { environment: 'production' },
    expiresMs: nowMs + 24 * hour,
    ...changes,
  };
  return make({ type: 'approval', predicate }, signer, about);
}

function revoke(signer: Signer, target: Made): Promise<Made> {
  const predicate = { timeMs: nowMs, key: signer.publicKey, revokes: target.id, reason: 'found a flaw' };
  return make({ type: 'revocation', predicate }, signer);
}

const keys = (...signers: readonly Signer[]): readonly Signer['publicKey'][] =>
  signers.map(({ publicKey }) => publicKey);

function judge(envelopes: readonly ApprovalEnvelope[], changes: Partial<ApprovalTerms> = {}): ApprovalReport {
  const terms: ApprovalTerms = {
    digest,
    approvers: keys(alice, bob),
    requesters: undefined,
    scope: { environment: 'production' },
    threshold: 1,
    nowMs,
    ...changes,
  };
  return judgeApprovals(envelopes, terms);
}

type Case = readonly [
  name: string,
  state: string,
  envelopes: () => Promise<readonly ApprovalEnvelope[]>,
  terms?: Partial<ApprovalTerms>,
];

describe('an approval', () => {
  it('counts: known approver, request of another key, in scope and time', async () => {
    const asked = await request(ci);
    const report = judge([asked, await grant(alice, asked)]);
    expect(report).toMatchObject({ verdict: 'verified', approvers: [alice.publicKey.id], unreadable: [] });
    expect(report.requests).toMatchObject([{ id: asked.id, state: 'open', signerId: ci.publicKey.id }]);
    expect(report.grants).toMatchObject([{ state: 'counts', message: '' }]);
  });

  it('the threshold counts distinct approvers', async () => {
    const asked = await request(ci);
    const twice = [await grant(alice, asked), await grant(alice, asked, { comment: 'again' })];
    expect(judge([asked, ...twice], { threshold: 2 })).toMatchObject({ verdict: 'rejected' });
    const both = judge([asked, ...twice, await grant(bob, asked)], { threshold: 2 });
    expect(both).toMatchObject({ verdict: 'verified' });
    expect(both.approvers).toHaveLength(2);
  });

  const cases: readonly Case[] = [
    [
      'own request',
      'own-request',
      async () => {
        const asked = await request(alice);
        return [asked, await grant(alice, asked)];
      },
    ],
    [
      'T45 replayed from another digest',
      'untrusted',
      async () => {
        const elsewhere = await request(ci, {}, other);
        return [await request(ci), elsewhere, await grant(alice, elsewhere, {}, other)];
      },
    ],
    [
      'T45 for this digest, answering a request about another',
      'no-request',
      async () => [await grant(alice, await request(ci, {}, other))],
    ],
    [
      'a request about another digest, stored here',
      'no-request',
      async () => {
        const elsewhere = await request(ci, {}, other);
        return [elsewhere, await grant(alice, elsewhere)];
      },
    ],
    [
      'expired',
      'expired',
      async () => {
        const asked = await request(ci);
        return [asked, await grant(alice, asked, { expiresMs: nowMs })];
      },
    ],
    [
      'longer than its request',
      'expired',
      async () => {
        const asked = await request(ci, { expiresMs: nowMs - 1000 });
        return [asked, await grant(alice, asked)];
      },
    ],
    [
      'from the future',
      'future',
      async () => {
        const asked = await request(ci);
        return [asked, await grant(alice, asked, { timeMs: nowMs + hour })];
      },
    ],
    [
      'revoked by the approver',
      'revoked',
      async () => {
        const asked = await request(ci);
        const given = await grant(alice, asked);
        return [asked, given, await revoke(alice, given)];
      },
    ],
    [
      'revoked by another approver',
      'revoked',
      async () => {
        const asked = await request(ci);
        const given = await grant(alice, asked);
        return [asked, given, await revoke(bob, given)];
      },
    ],
    [
      'its request revoked by the requester',
      'revoked',
      async () => {
        const asked = await request(ci);
        return [asked, await grant(alice, asked), await revoke(ci, asked)];
      },
    ],
    [
      'T45 revoked, and wrapped in a manifest of another digest',
      'revoked',
      async () => {
        const asked = await request(ci);
        const given = await grant(alice, asked);
        return [asked, await revoke(alice, given), { ...given, manifest: other }];
      },
    ],
    [
      'denied by the automatic checks',
      'denied',
      async () => {
        const asked = await request(ci, { decision: 'deny' });
        return [asked, await grant(alice, asked)];
      },
    ],
    [
      'not decided by the automatic checks',
      'denied',
      async () => {
        const asked = await request(ci, { decision: 'unknown' });
        return [asked, await grant(alice, asked)];
      },
    ],
    [
      'by nobody known',
      'untrusted',
      async () => {
        const asked = await request(ci);
        return [asked, await grant(mallory, asked)];
      },
    ],
    [
      'that says it is by another',
      'untrusted',
      async () => {
        const asked = await request(ci);
        return [asked, await grant(alice, asked, { key: bob.publicKey })];
      },
    ],
    [
      'to a request that says it is by another',
      'no-request',
      async () => {
        const asked = await request(alice, { key: ci.publicKey });
        return [asked, await grant(alice, asked)];
      },
    ],
    [
      'to a request of nobody known',
      'no-request',
      async () => {
        const asked = await request(mallory);
        return [asked, await grant(alice, asked)];
      },
      { requesters: keys(ci) },
    ],
    [
      'wider than its request',
      'wider',
      async () => {
        const asked = await request(ci);
        return [asked, await grant(alice, asked, { scope: {} })];
      },
    ],
    [
      'for another place',
      'other-scope',
      async () => {
        const asked = await request(ci);
        return [asked, await grant(alice, asked)];
      },
      { scope: { environment: 'test' } },
    ],
    [
      'for one cluster, asked everywhere',
      'other-scope',
      async () => {
        const asked = await request(ci, { scope: {} });
        return [asked, await grant(alice, asked, { scope: { cluster: 'eu' } })];
      },
      { scope: {} },
    ],
  ];

  it.each(cases.map((one) => ({ name: one[0], one })))(
    '$name does not count',
    async ({ one: [, state, envelopes, terms] }) => {
      const report = judge(await envelopes(), terms);
      expect(report).toMatchObject({ verdict: 'rejected', approvers: [] });
      expect(report.grants.map((one) => one.state)).toEqual([state]);
      expect(report.grants[0]?.message).not.toBe('');
    },
  );

  it('a stranger takes nothing back, but what he asked for himself', async () => {
    const asked = await request(ci);
    const given = await grant(alice, asked);
    for (const target of [asked, given])
      expect(judge([asked, given, await revoke(mallory, target)])).toMatchObject({ verdict: 'verified' });
    const own = await request(mallory);
    const answered = await grant(alice, own);
    expect(judge([own, answered])).toMatchObject({ verdict: 'verified' });
    expect(judge([own, answered, await revoke(mallory, own)])).toMatchObject({ verdict: 'rejected' });
    expect(judge([own, answered, await revoke(mallory, answered)])).toMatchObject({ verdict: 'rejected' });
    expect(judge([own, answered], { requesters: keys(ci) })).toMatchObject({ verdict: 'rejected' });
  });

  it('T45 a revocation that the registry hides counts out of a ledger', async () => {
    const asked = await request(ci);
    const given = await grant(alice, asked);
    const recorded = (signer: Signer): NonNullable<ApprovalTerms['recorded']> => [
      { revokes: given.id, signerId: signer.publicKey.id, reason: 'found a flaw' },
    ];
    expect(judge([asked, given], { recorded: recorded(bob) }).grants).toMatchObject([{ state: 'revoked' }]);
    expect(judge([asked, given], { recorded: recorded(ci) }).grants).toMatchObject([{ state: 'revoked' }]);
    expect(judge([asked, given], { recorded: recorded(mallory) })).toMatchObject({ verdict: 'verified' });
  });

  it('T29 nothing is decided where a limit may hide a revocation', async () => {
    const asked = await request(ci);
    const terms: ApprovalTerms = {
      digest,
      approvers: keys(alice),
      requesters: undefined,
      scope: undefined,
      threshold: 1,
      nowMs,
    };
    const envelopes = [asked, await grant(alice, asked)];
    expect(judgeApprovals(envelopes, terms).verdict).toBe('verified');
    expect(judgeApprovals(envelopes, terms, ['There are more.']).verdict).toBe('undecidable');
  });

  it('malformed predicates are named and decide nothing; other bundles are passed over', async () => {
    const asked = await request(ci);
    const good = [asked, await grant(alice, asked)];
    const wrong = { revokes: 'everything', reason: '', revoked: 'now' };
    const payload = buildStatement({ digest, predicateType: approvalTypes.revocation, predicate: wrong });
    const envelope = await signEnvelope(payload, alice);
    const parts = { material: keyMaterial(alice.publicKey), entries: [], timestamps: [] };
    const bytes = writeBundle({ ...parts, content: { kind: 'envelope', envelope } });
    const report = judge([...good, { manifest: other, bytes }, { manifest: other, bytes: Buffer.from('{}') }]);
    expect(report.verdict).toBe('verified');
    expect(report.unreadable).toHaveLength(1);
    expect(report.unreadable[0]).toContain(other);
  });

  it('T43 any bit flipped in a request or an approval: no longer counts, or says the same', async () => {
    const asked = await request(ci);
    const given = await grant(alice, asked);
    fc.assert(
      fc.property(fc.boolean(), fc.nat(), fc.nat(7), (first, at, bit) => {
        const target = first ? asked : given;
        const bytes = Buffer.from(target.bytes);
        const place = at % bytes.length;
        bytes[place] = (bytes[place] as number) ^ (1 << bit);
        const spoilt = { manifest: target.manifest, bytes };
        const report = judge(first ? [spoilt, given] : [asked, spoilt]);
        if (report.verdict !== 'verified') return;
        expect([report.requests[0]?.id, report.grants[0]?.id]).toEqual([asked.id, given.id]);
      }),
      { numRuns: 1000 },
    );
  });
});

describe('scopes', () => {
  it.each([
    ['production', { environment: 'production' }],
    ['environment=production,cluster=eu-1', { environment: 'production', cluster: 'eu-1' }],
    ['namespace=team', { namespace: 'team' }],
    ['*', {}],
  ])('%s', (text, scope) => {
    expect(parseScope(text)).toEqual(scope);
    expect(parseScope(formatScope(parseScope(text) ?? {}))).toEqual(scope);
  });

  it.each([
    '',
    'a b',
    'region=eu',
    'a,b',
    'cluster=',
    'cluster=a,cluster=b',
    '__proto__=x',
    'constructor=x',
    'a\u202e',
  ])('%j is none', (text) => {
    expect(parseScope(text)).toBeUndefined();
  });

  it('covers is a partial order with everywhere at the top', () => {
    const scope = fc.record(Object.fromEntries(scopeFields.map((name) => [name, fc.constantFrom('a', 'b')])), {
      requiredKeys: [],
    });
    fc.assert(
      fc.property(scope, scope, scope, (a, b, c) => {
        expect(covers({}, a)).toBe(true);
        expect(covers(a, a)).toBe(true);
        if (covers(a, b) && covers(b, c)) expect(covers(a, c)).toBe(true);
        if (covers(a, b) && covers(b, a)) expect(a).toEqual(b);
      }),
    );
  });
});
