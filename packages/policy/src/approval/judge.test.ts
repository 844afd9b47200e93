// Approvals that count, and everything that must not count as one.
import { describe, expect, it } from 'vitest';
import type { AttestationResult, Digest } from '@plombe/model';
import type { PolicyEvidence } from '../evidence.ts';
import { attestation, decided, evidence, nowMs, policy } from '../testing/policies.ts';
import { approvalId, approvalTypes } from './statements.ts';

const spec = (atLeast = 1): object => ({
  approvals: {
    atLeast,
    approvers: [{ key: 'a.pub' }, { key: 'b.pub' }],
    requesters: [{ key: 'r.pub' }, { key: 'a.pub' }],
  },
});
const by = (signer: string, predicate: object): AttestationResult => ({
  ...attestation(predicate, nowMs),
  signerId: signer,
});
const idOf = ({ statement = {} }: AttestationResult): string => approvalId(statement);
const request = (signer = 'r.pub', scope: object = {}): AttestationResult =>
  by(signer, { scope, reason: 'x', decision: 'allow', signer });
const grant = (signer = 'a.pub', parts: object = {}, answers = request()): AttestationResult =>
  by(signer, { request: idOf(answers), scope: {}, expires: '2026-07-01', signer, ...parts });
const revoke = (signer: string, what: AttestationResult): AttestationResult => by(signer, { revokes: idOf(what) });

/** Each statement is verified by the anchor of its signer's key, and by no other. */
function given(of: ReturnType<typeof policy>, ...all: readonly AttestationResult[]): Partial<PolicyEvidence> {
  const typeOf = ({ statement }: AttestationResult): string => {
    const predicate = (statement?.['predicate'] ?? {}) as object;
    return 'revokes' in predicate
      ? approvalTypes.revocation
      : 'request' in predicate
        ? approvalTypes.approval
        : approvalTypes.request;
  };
  return {
    attestations: of.attestations.map(({ type, anchor }) => ({
      type,
      anchor: anchor.id,
      results: all.filter((one) => typeOf(one) === type && one.signerId === anchor.label),
    })),
  };
}

const place = { environment: 'prod' };
const denied = { scope: {}, reason: 'x', decision: 'deny' };
const ended = { scope: {}, reason: 'x', decision: 'allow', expires: '2026-06-01' };
type Case = readonly [
  name: string,
  atLeast: number,
  statements: readonly AttestationResult[],
  outcome: string,
  says: RegExp,
];

const cases: readonly Case[] = [
  ['one approval', 1, [request(), grant()], 'pass', /Approved by a.pub/],
  ['two approvers', 2, [request(), grant(), grant('b.pub')], 'pass', /a.pub, b.pub/],
  [
    'two approvals of one',
    2,
    [request(), grant(), grant('a.pub', { comment: 'again' })],
    'fail',
    /1 person; 2 required/,
  ],
  ['nothing', 1, [], 'fail', /0 persons; 1 required/],
  ['no request', 1, [grant()], 'fail', /answers no request/],
  ['a request by a stranger', 1, [request('stranger'), grant()], 'fail', /answers no request/],
  ['an approval by a stranger', 1, [request(), grant('stranger')], 'fail', /0 persons/],
  ['his own request', 1, [request('a.pub'), grant('a.pub', {}, request('a.pub'))], 'fail', /requester himself/],
  ['the request of another approver', 1, [request('a.pub'), grant('b.pub', {}, request('a.pub'))], 'pass', /b.pub/],
  ['an approval that ended', 1, [request(), grant('a.pub', { expires: '2026-06-15' })], 'fail', /has ended/],
  ['an approval without an end', 1, [request(), grant('a.pub', { expires: 'never' })], 'fail', /0 persons/],
  ['an approval taken back', 1, [request(), grant(), revoke('b.pub', grant())], 'fail', /was taken back/],
  ['a request taken back', 1, [request(), grant(), revoke('r.pub', request())], 'fail', /was taken back/],
  ['taken back by a stranger', 1, [request(), grant(), revoke('stranger', grant())], 'pass', /Approved/],
  [
    'its place',
    1,
    [request('r.pub', place), grant('a.pub', { scope: place }, request('r.pub', place))],
    'pass',
    /Approved/,
  ],
  ['another place', 1, [request(), grant('a.pub', { scope: { environment: 'test' } })], 'fail', /for another place/],
  [
    'wider than the request',
    1,
    [
      request('r.pub', { environment: 'test' }),
      grant('a.pub', { scope: place }, request('r.pub', { environment: 'test' })),
    ],
    'fail',
    /another place/,
  ],
  ['a place that is not known', 1, [request(), grant('a.pub', { scope: { cluster: 'c' } })], 'fail', /another place/],
  ['a scope of unknown words', 1, [request(), grant('a.pub', { scope: { region: 'eu' } })], 'fail', /0 persons/],
  [
    'a request that was denied',
    1,
    [by('r.pub', denied), grant('a.pub', {}, by('r.pub', denied))],
    'fail',
    /answers no request/,
  ],
  ['a request that ended', 1, [by('r.pub', ended), grant('a.pub', {}, by('r.pub', ended))], 'fail', /has ended/],
  [
    'the same request, signed by the approver too',
    1,
    [request(), { ...request(), signerId: 'a.pub' }, grant()],
    'fail',
    /requester himself/,
  ],
  [
    'an approval taken back and wrapped anew',
    1,
    [request(), { ...grant(), digest: `sha256:${'e'.repeat(64)}` as Digest }, revoke('b.pub', grant())],
    'fail',
    /was taken back/,
  ],
  ['a rejected one', 1, [request(), { ...grant(), verdict: 'rejected' }], 'fail', /0 persons/],
  ['an undecidable one', 1, [request(), { ...grant(), verdict: 'undecidable' }], 'unknown', /could not be decided/],
];

describe('approvals', () => {
  it.each(cases)('%s', (_, atLeast, statements, outcome, says) => {
    const of = policy(spec(atLeast));
    const [reason] = decided(of, evidence({ ...given(of, ...statements), place })).reasons;
    expect(reason).toMatchObject({ check: 'approvals', outcome, message: expect.stringMatching(says) as unknown });
  });

  it('T45 a limit may hide the revocation, so that nothing is decided', () => {
    const of = policy(spec());
    const { attestations = [] } = given(of, request(), grant());
    const limited = attestations.map((entry) => ({ ...entry, limits: ['There are more.'] }));
    expect(decided(of, evidence({ attestations: limited, place })).decision).toBe('unknown');
  });
});
