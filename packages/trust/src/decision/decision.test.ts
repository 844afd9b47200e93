// Decisions as predicates: what may be attested, and that neither predicate says more than was decided.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Digest } from '@plombe/model';
import { attestable, type JudgedCheck, type JudgedDecision, type JudgedPolicy } from './decision.ts';
import { svrPredicate } from './svr.ts';
import { vsaPredicate, type SummaryParts } from './vsa.ts';

const digestOf = (digit: string): Digest => `sha256:${digit.repeat(64)}` as Digest;
const gate: JudgedPolicy = {
  name: 'gate',
  digest: digestOf('a'),
  mode: 'deny',
  decision: 'allow',
  strict: 'allow',
};
const passing: JudgedCheck = { policy: 'gate', check: 'signatures', outcome: 'pass' };
const judgedAs = (parts: Partial<JudgedDecision> = {}): JudgedDecision => ({
  decision: 'allow',
  reasons: [passing],
  policies: [gate],
  ...parts,
});
const partsOf = (judged: JudgedDecision, parts: Partial<SummaryParts> = {}): SummaryParts => ({
  judged,
  place: {},
  version: '0.1.0',
  decidedAtMs: Date.UTC(2026, 5, 15, 12),
  resource: { registry: 'registry.example.com:5000', repository: 'gated/app', digest: digestOf('b') },
  result: 'PASSED',
  inputs: [],
  ...parts,
});

describe('a decision', () => {
  const soft = { ...gate, mode: 'audit', strict: 'unknown' } as const;
  it.each<[string, Partial<JudgedDecision>, string]>([
    ['allow', {}, 'PASSED'],
    ['warn', { decision: 'warn' }, 'PASSED'],
    ['deny', { decision: 'deny' }, 'FAILED'],
    ['deny beside what nobody could tell', { decision: 'deny', policies: [gate, soft] }, 'FAILED'],
    ['unknown', { decision: 'unknown' }, 'not attested as passed'],
    ['allow by mode audit of what nobody could tell', { policies: [gate, soft] }, 'Mode audit makes allow of what'],
    ['allow of no policy', { policies: [], reasons: [] }, 'nothing was verified'],
  ])('%s', (_, parts, expected) => {
    const answer = attestable(judgedAs(parts));
    expect(answer.kind === 'attestable' ? answer.result : answer.reason).toContain(expected);
  });

  it('T45 that is unknown passes under no policy whatever', () => {
    const word = fc.constantFrom('allow', 'warn', 'deny', 'unknown');
    const policy = fc.record({ decision: word, strict: word }).map((parts) => ({ ...gate, ...parts }) as JudgedPolicy);
    fc.assert(
      fc.property(word, fc.array(policy), (decision, policies) => {
        const answer = attestable(judgedAs({ decision: decision as JudgedPolicy['decision'], policies }));
        if (answer.kind !== 'attestable') return;
        expect(decision).not.toBe('unknown');
        expect(answer.result).toBe(decision === 'deny' ? 'FAILED' : 'PASSED');
        if (answer.result === 'PASSED') expect(policies.some(({ strict }) => strict === 'unknown')).toBe(false);
      }),
    );
  });
});

describe('a verification summary', () => {
  it('has what SLSA asks for', () => {
    const inputs = [
      { manifest: digestOf('d'), envelope: digestOf('e') },
      { manifest: digestOf('c'), envelope: digestOf('c') },
      { manifest: digestOf('d'), envelope: digestOf('e') },
    ];
    const judged = judgedAs({ databaseDigest: digestOf('f') });
    const place = 'repository_url=registry.example.com:5000%2Fgated%2Fapp';
    expect(vsaPredicate(partsOf(judged, { inputs, place: { environment: 'prod' } }))).toEqual({
      verifier: { id: 'https://plombe.dev/plombe', version: { plombe: '0.1.0' } },
      timeVerified: '2026-06-15T12:00:00.000Z',
      resourceUri: `pkg:oci/app@${digestOf('b')}?${place}`,
      policy: {
        name: 'gate',
        uri: 'https://plombe.dev/policy/gate',
        digest: { sha256: 'a'.repeat(64) },
        annotations: { mode: 'deny', decision: 'allow', strict: 'allow' },
      },
      inputAttestations: [
        { uri: `pkg:oci/app@${digestOf('c')}?${place}`, digest: { sha256: 'c'.repeat(64) } },
        { uri: `pkg:oci/app@${digestOf('d')}?${place}`, digest: { sha256: 'e'.repeat(64) } },
      ],
      verificationResult: 'PASSED',
      verifiedLevels: ['SLSA_BUILD_LEVEL_UNEVALUATED'],
      slsaVersion: '1.2',
      'https://plombe.dev/decision': {
        decision: 'allow',
        place: { environment: 'prod' },
        checks: [{ policy: 'gate', check: 'signatures', outcome: 'pass' }],
        database: { digest: digestOf('f') },
      },
    });
  });

  it('that failed has no other level', () => {
    const predicate = vsaPredicate(partsOf(judgedAs({ decision: 'deny' }), { result: 'FAILED' }));
    expect(predicate).toMatchObject({ verificationResult: 'FAILED', verifiedLevels: ['FAILED'] });
  });

  it('names several policies by one digest that their order does not change and any other text does', () => {
    const other = { ...gate, name: 'other', digest: digestOf('9') };
    const policyOf = (...policies: readonly JudgedPolicy[]): unknown =>
      vsaPredicate(partsOf(judgedAs({ policies })))['policy'];
    expect(policyOf(gate, other)).toEqual(policyOf(other, gate));
    expect(policyOf(gate, other)).toMatchObject({
      uri: 'https://plombe.dev/policies',
      annotations: { policies: [{ name: 'gate' }, { name: 'other' }] },
    });
    expect(policyOf(gate, { ...other, digest: digestOf('8') })).not.toEqual(policyOf(gate, other));
  });
});

describe('a verification result', () => {
  it('lists what passes, and has a decision only where it is no refusal', () => {
    const reasons: readonly JudgedCheck[] = [
      { policy: 'gate', check: 'vulnerabilities', outcome: 'fail' },
      { policy: 'gate', check: 'state', outcome: 'unknown' },
      { policy: 'gate', check: 'licences', outcome: 'pass', exceptions: [{}] },
      passing,
    ];
    const properties = ['PLOMBE_EXCEPTED_licences', 'PLOMBE_PASSED_signatures'];
    const denied = svrPredicate(partsOf(judgedAs({ decision: 'deny', reasons })));
    expect(denied).toMatchObject({ properties, timeCreated: '2026-06-15T12:00:00.000Z' });
    const warned = svrPredicate(partsOf(judgedAs({ decision: 'warn', reasons })));
    expect(warned).toMatchObject({
      verifier: { id: 'https://plombe.dev/plombe', policies: [{ name: 'gate', digest: { sha256: 'a'.repeat(64) } }] },
      properties: ['PLOMBE_DECISION_WARN', ...properties],
    });
  });

  it('T45 says of no check that it passes where another policy or platform refuses it', () => {
    const reasons = [passing, { ...passing, policy: 'other', outcome: 'fail' } as const];
    for (const given of [reasons, reasons.toReversed()]) {
      expect(svrPredicate(partsOf(judgedAs({ decision: 'deny', reasons: given })))['properties']).toEqual([]);
    }
  });

  it('T45 a condition cannot take the name of another property', () => {
    const reasons = ['conditions/DECISION_ALLOW', 'conditions/a b', 'conditions/a-b'].map((check, index) => ({
      ...passing,
      check,
      outcome: index === 2 ? ('fail' as const) : ('pass' as const),
    }));
    expect(svrPredicate(partsOf(judgedAs({ decision: 'deny', reasons })))['properties']).toEqual([
      'PLOMBE_PASSED_conditions/DECISION_ALLOW',
      'PLOMBE_PASSED_conditions/a b',
    ]);
  });
});

it('T68 hostile text is inert in both', () => {
  const hostile = '\u001b[31m\u202e\n\udc80';
  const judged = judgedAs({ policies: [{ ...gate, name: hostile }], reasons: [{ ...passing, check: hostile }] });
  const parts = partsOf(judged, { place: { namespace: hostile } });
  for (const predicate of [vsaPredicate(parts), svrPredicate(parts)]) {
    const text = JSON.stringify(predicate);
    expect(text).not.toMatch(/\\u001b|\\n|\\ud|\u202e/);
  }
});
