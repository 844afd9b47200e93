// Who may let a digest through: enough distinct people of the policy, now, for this repository, and for no longer than it allows.
import type { AttestationResult } from '@plombe/model';
import { describe, expect, it } from 'vitest';
import { parsePolicy } from '../policy.ts';
import { breakGlassType, judgeBreakGlass } from './break-glass.ts';

const nowMs = Date.parse('2026-06-01T12:00:00Z');
const policy = parsePolicy(
  'apiVersion: plombe/v1\nkind: Policy\nmetadata: {name: p}\nspec: {breakGlass: {approvers: [{key: a.pub}, {key: b.pub}, {key: c.pub}], maxHours: 4}}\n',
);

/** A statement of one person; `change` replaces what it says. */
function said(person: string, change: object = {}, result: Partial<AttestationResult> = {}) {
  const predicate = {
    repository: 'team/app',
    reason: 'it burns',
    requested: '2026-06-01T11:00:00Z',
    expires: '2026-06-01T13:00:00Z',
    ...change,
  };
  const anchor = policy.breakGlass?.approvers.find(({ label }) => label === `${person}.pub`)?.id ?? 'stranger';
  const found = { verdict: 'verified', signerId: `key:${person}`, statement: { predicate }, ...result };
  return { anchor, type: breakGlassType, results: [found as unknown as AttestationResult] };
}

const judge = (...attestations: readonly ReturnType<typeof said>[]) => {
  if (policy.breakGlass === undefined) throw new Error('no rule');
  const subject = { reference: 'r/team/app', registry: 'r', repository: 'team/app', byDigest: true };
  return judgeBreakGlass(policy.breakGlass, { attestations, subject }, nowMs);
};

describe('break-glass', () => {
  it('takes two people, and holds while both stand behind it', () => {
    expect(judge(said('a'))).toBeUndefined();
    expect(judge(said('a'), said('b', { expires: '2026-06-01T12:30:00Z', reason: 'it does' }))).toEqual({
      persons: ['key:a', 'key:b'],
      reasons: ['it burns', 'it does'],
      untilMs: Date.parse('2026-06-01T12:30:00Z'),
    });
    const three = judge(
      said('a', { expires: '2026-06-01T12:10:00Z' }),
      said('b'),
      said('c', { expires: '2026-06-01T14:00:00Z' }),
    );
    expect(three?.untilMs).toBe(Date.parse('2026-06-01T13:00:00Z'));
  });

  it('counts one person once, by the statement that lasts longest', () => {
    expect(judge(said('a'), said('a', { expires: '2026-06-01T13:30:00Z' }))).toBeUndefined();
    expect(judge(said('a'), said('b', {}, { signerId: 'key:a' }))).toBeUndefined();
  });

  it.each([
    ['has ended', { expires: '2026-06-01T12:00:00Z' }],
    ['lasts longer than the policy allows', { expires: '2026-06-01T15:00:01Z' }],
    ['was asked for in the future', { requested: '2026-06-01T12:06:00Z' }],
    ['is about another repository', { repository: 'team/other' }],
    ['names no repository', { repository: undefined }],
    ['gives no reason', { reason: ' ' }],
    ['has a time that is none', { expires: 'tomorrow' }],
    ['never ends', { expires: undefined }],
  ])('counts no statement that %s', (_, change) => {
    expect(judge(said('a'), said('b', change))).toBeUndefined();
  });

  it.each([
    ['does not verify', said('b', {}, { verdict: 'rejected' })],
    ['cannot be decided', said('b', {}, { verdict: 'undecidable' })],
    ['is by a stranger', said('d')],
    ['is of another type', { ...said('b'), type: 'https://example.com/other' }],
  ])('counts no statement that %s', (_, other) => {
    expect(judge(said('a'), other)).toBeUndefined();
  });

  it('needs two approvers and an end within a day', () => {
    const parse = (rule: string) =>
      parsePolicy(`apiVersion: plombe/v1\nkind: Policy\nmetadata: {name: p}\nspec: {breakGlass: ${rule}}\n`);
    expect(() => parse('{approvers: [{key: a.pub}]}')).toThrow('approvers');
    expect(() => parse('{approvers: [{key: a.pub}, {key: b.pub}], atLeast: 1}')).toThrow('atLeast');
    expect(() => parse('{approvers: [{key: a.pub}, {key: b.pub}], maxHours: 25}')).toThrow('maxHours');
  });
});
