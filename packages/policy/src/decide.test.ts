// Modes, selection, exceptions, several policies; the ways around that others had (T50), and that no policy can hang (T53).
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { strictest, type DecisionWord } from './decide.ts';
import { attested, decided, evidence, finding, nowMs, policy, scan } from './testing/policies.ts';

const tagOnly = { digestOnly: true };
const noScan = { requireState: 'assessed' };

describe('the answer of one policy', () => {
  it.each<[string, object, DecisionWord, DecisionWord]>([
    ['a fail', tagOnly, 'deny', 'deny'],
    ['a fail, mode warn', { ...tagOnly, mode: 'warn' }, 'warn', 'deny'],
    ['a fail, mode audit', { ...tagOnly, mode: 'audit' }, 'allow', 'deny'],
    ['an unknown', noScan, 'unknown', 'unknown'],
    ['an unknown, onUnknown deny', { ...noScan, onUnknown: 'deny' }, 'deny', 'deny'],
    ['an unknown, onUnknown warn', { ...noScan, onUnknown: 'warn' }, 'warn', 'warn'],
    ['an unknown, onUnknown allow', { ...noScan, onUnknown: 'allow' }, 'allow', 'allow'],
    ['an unknown, mode warn', { ...noScan, mode: 'warn' }, 'warn', 'unknown'],
    ['a fail and an unknown', { ...tagOnly, ...noScan }, 'deny', 'deny'],
    ['nothing asked', {}, 'allow', 'allow'],
  ])('%s', (_, spec, decision, strict) => {
    const answer = decided(policy(spec), evidence());
    expect(answer.decision).toBe(decision);
    expect(answer.policies).toMatchObject([{ name: 'gate', decision, strict }]);
  });

  it('is not asked when it is off', () => {
    expect(decided(policy({ ...tagOnly, mode: 'off' }), evidence())).toEqual({
      decision: 'allow',
      reasons: [],
      policies: [],
    });
  });

  it.each<[object, DecisionWord, DecisionWord]>([
    [{}, 'deny', 'warn'],
    [{ running: 'deny' }, 'deny', 'deny'],
    [{ running: 'off' }, 'deny', 'allow'],
    [{ mode: 'audit' }, 'allow', 'allow'],
    [{ mode: 'warn', newDeployments: 'deny' }, 'deny', 'warn'],
  ])('%j: %s for new deployments, %s for restarts', (modes, fresh, running) => {
    const of = policy({ ...tagOnly, ...modes });
    expect(decided(of, evidence()).decision).toBe(fresh);
    expect(decided(of, evidence({ running: false })).decision).toBe(fresh);
    expect(decided(of, evidence({ running: true })).decision).toBe(running);
  });

  it('names the policy by its digest and gives reasons from fail to pass', () => {
    const answer = decided(policy({ ...tagOnly, ...noScan, allowedRegistries: ['*.example.com'] }), evidence());
    expect(answer.reasons.map(({ check, outcome }) => [check, outcome])).toEqual([
      ['digest-only', 'fail'],
      ['state', 'unknown'],
      ['registries', 'pass'],
    ]);
    expect(answer.policies[0]?.digest).toMatch(/^sha256:[0-9a-f]{64}$/);
  });
});

describe('whom a policy selects', () => {
  it.each<[object, boolean]>([
    [{ repositories: ['gated/**'] }, true],
    [{ repositories: ['gated'] }, false],
    [{ repositories: ['other/**', 'gated/*'] }, true],
    [{ registries: ['registry.example.com'], repositories: ['other/**'] }, false],
    [{ registries: ['registry.example.com:443'] }, false],
    [{ namespaces: ['prod'], clusters: ['c*'] }, true],
    [{ namespaces: ['prod'], clusters: ['d*'] }, false],
    [{ namespaces: ['Prod'] }, false],
    [{ subscriptions: ['s'] }, true],
  ])('%j: %s', (select, selected) => {
    const place = { namespace: 'prod', cluster: 'c1' };
    expect(decided(policy({ ...tagOnly, select }), evidence({ place })).policies).toHaveLength(selected ? 1 : 0);
  });
});

describe('several policies', () => {
  const words: readonly DecisionWord[] = ['allow', 'warn', 'unknown', 'deny'];

  it('all hold: the strictest wins, in any order', () => {
    const specs = { allow: {}, warn: { ...tagOnly, mode: 'warn' }, unknown: noScan, deny: tagOnly };
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...words), { maxLength: 5 }), (chosen) => {
        const answer = decided(
          chosen.map((word) => policy(specs[word])),
          evidence(),
        );
        expect(answer.decision).toBe(strictest(chosen));
        expect(words.indexOf(answer.decision)).toBe(Math.max(0, ...chosen.map((word) => words.indexOf(word))));
      }),
    );
  });

  it('of which none selects forbids nothing, and says so by naming none', () => {
    expect(decided(policy({ ...tagOnly, select: { repositories: ['x'] } }), evidence()).policies).toEqual([]);
  });
});

const waiver = { owner: 'a@example.com', ticket: 'T-1', expires: '2026-07-01', reason: 'agreed' };
const strict = { vulnerabilities: { maxSeverity: 'low' } };
const withFindings = scan({
  findings: [finding(), finding({ vulnerability: 'CVE-2026-2', aliases: [], packages: ['openssl', 'libssl3'] })],
});
const excepting = (...exceptions: readonly object[]): DecisionWord =>
  decided(
    policy({ ...strict, exceptions: exceptions.map((entry) => ({ check: 'vulnerabilities', ...waiver, ...entry })) }),
    evidence(withFindings),
  ).decision;

describe('exceptions', () => {
  it.each<[string, readonly object[], DecisionWord]>([
    ['the whole check', [{}], 'allow'],
    ['one of two vulnerabilities', [{ vulnerability: 'CVE-2026-1' }], 'deny'],
    ['each of two vulnerabilities', [{ vulnerability: 'CVE-2026-1' }, { vulnerability: 'CVE-2026-2' }], 'allow'],
    ['by an alias', [{ vulnerability: 'GHSA-aaaa-bbbb-cccc' }, { vulnerability: 'CVE-2026-2' }], 'allow'],
    ['a package of both, but not of all packages', [{ package: 'openssl' }], 'deny'],
    ['packages by glob', [{ package: '*ssl*' }], 'allow'],
    ['this repository', [{ repositories: ['gated/*'] }], 'allow'],
  ])('%s: %s', (_, exceptions, decision) => {
    expect(excepting(...exceptions)).toBe(decision);
  });

  it('are named in the reason', () => {
    const of = policy({ ...strict, exceptions: [{ check: 'vulnerabilities', ...waiver }] });
    const [reason] = decided(of, evidence(withFindings)).reasons;
    expect(reason).toMatchObject({
      outcome: 'pass',
      exceptions: [{ owner: 'a@example.com', ticket: 'T-1', expires: '2026-07-01' }],
    });
    expect(reason?.message).toBe('Excepted until 2026-07-01 by a@example.com (T-1).');
  });

  it('of the whole check also waive what is undecidable; narrower ones do not', () => {
    const of = (narrow: object) =>
      policy({ ...strict, exceptions: [{ check: 'vulnerabilities', ...waiver, ...narrow }] });
    expect(decided(of({}), evidence()).decision).toBe('allow');
    expect(decided(of({ vulnerability: 'CVE-2026-1' }), evidence()).decision).toBe('unknown');
  });

  it('of one condition leave the others', () => {
    const conditions = ['a', 'b'].map((name) => ({ name, expression: 'false' }));
    const of = policy({ conditions, exceptions: [{ check: 'conditions/a', ...waiver }] });
    expect(decided(of, evidence()).reasons.map(({ check, outcome }) => [check, outcome])).toEqual([
      ['conditions/b', 'fail'],
      ['conditions/a', 'pass'],
    ]);
  });
});

describe('T50 ways around', () => {
  it('two exceptions never add up: each covers a violation alone or not at all', () => {
    expect(
      excepting({ vulnerability: 'CVE-2026-1', package: 'zlib' }, { vulnerability: 'CVE-2026-9', package: 'openssl' }),
    ).toBe('deny');
    expect(excepting({ package: 'openssl' }, { package: 'libssl3' })).toBe('deny');
  });

  it.each(['gated/app2', 'gated', 'app', 'Gated/app', 'gated/app/', '../gated/app', 'registry.example.com/gated/app'])(
    'an exception for the repository %s is none for gated/app',
    (repository) => {
      expect(excepting({ repositories: [repository] })).toBe('deny');
    },
  );

  it('an exception for repositories covers no subject without one', () => {
    const of = policy({ digestOnly: true, exceptions: [{ check: 'digest-only', ...waiver, repositories: ['**'] }] });
    expect(decided(of, evidence({ subject: { reference: 'dir:/', byDigest: false } })).decision).toBe('deny');
  });

  it('an exception that ended is none, from its first instant on, and the reason says so', () => {
    expect(excepting({ expires: new Date(nowMs).toISOString() })).toBe('deny');
    expect(excepting({ expires: new Date(nowMs + 1).toISOString() })).toBe('allow');
    const of = policy({ ...strict, exceptions: [{ check: 'vulnerabilities', ...waiver, expires: '2026-06-15' }] });
    expect(decided(of, evidence(withFindings)).reasons[0]?.message).toContain('ended on 2026-06-15');
  });

  it('an exception of another policy is none', () => {
    const own = policy({ exceptions: [{ check: 'vulnerabilities', ...waiver }] }, 'attacker');
    expect(decided([own, policy(strict)], evidence(withFindings)).decision).toBe('deny');
  });

  it('an exception of another check is none', () => {
    expect(excepting({ check: 'state' })).toBe('deny');
  });

  it('labels of a namespace select nothing, and a namespace that is not said is selected', () => {
    const of = policy({ ...tagOnly, select: { namespaces: ['prod*'] } });
    for (const namespace of ['prod', 'prod-eu'])
      expect(decided(of, evidence({ place: { namespace } })).decision).toBe('deny');
    for (const parts of [{}, { place: {} }]) expect(decided(of, evidence(parts)).decision).toBe('deny');
    expect(() => policy({ ...tagOnly, select: { namespaceLabels: ['env=dev'] } })).toThrow(
      /namespaceLabels is not a field/,
    );
  });

  it('evidence for the key of one policy is none for a key of the same name in another folder', () => {
    const spec = { attestations: [{ type: 'vsa', key: 'a.pub' }] };
    const [mine, theirs] = [policy(spec, 'mine', '/mine/policy.yaml'), policy(spec, 'theirs', '/theirs/policy.yaml')];
    expect(decided(mine, evidence(attested(theirs))).decision).toBe('unknown');
    expect(decided(mine, evidence(attested(mine))).decision).toBe('deny');
  });
});

describe('T53 conditions', () => {
  const ten = '[0,1,2,3,4,5,6,7,8,9]';
  const bomb = Array.from({ length: 9 }, (_, index) => `${ten}.all(v${index}, `).join('') + 'true' + ')'.repeat(9);

  it('that cost too much are undecidable, and so are those after them: the gate waits once', () => {
    const conditions = Array.from({ length: 200 }, (_, index) => ({ name: `c${index}`, expression: bomb }));
    const answer = decided(policy({ conditions }), evidence());
    expect(answer.decision).toBe('unknown');
    expect(answer.reasons.every(({ message }) => message.includes('costs more than the limit'))).toBe(true);
  });

  it('cannot be excused by a ||', () => {
    expect(decided(policy({ conditions: [{ name: 'c', expression: `${bomb} || true` }] }), evidence()).decision).toBe(
      'unknown',
    );
  });
});
