// What attackers tried on others' checks: users that are root, secrets repeated, statements played again, text that acts.
import { describe, expect, it } from 'vitest';
import type { PolicyEvidence } from '../evidence.ts';
import { attestation, attested, decided, evidence, finding, nowMs, policy, scan } from '../testing/policies.ts';

const day = 86_400_000;
const config = (parts: object = {}): Partial<PolicyEvidence> => ({
  config: { exposedPorts: [], labels: {}, ...parts },
});
const provenance = { attestations: [{ type: 'slsaprovenance1', key: 'a.pub', maxAgeDays: 30 }] };
const condition = { name: 'builder', expression: "predicate.runDetails.builder.id == 'https://b'" };
const conditional = { attestations: [{ type: 'slsaprovenance1', key: 'a.pub', conditions: [condition] }] };
const builtBy = (id: string): object => ({ runDetails: { builder: { id } } });
const severity = { vulnerabilities: { maxSeverity: 'medium' } };
const licences = { licences: { deny: ['GPL-*', 'AGPL-*'] } };

describe('T20 a user that the kernel sees as root', () => {
  it.each(['', '0', '0:0', '00', 'root', 'root:1000', ':1000', '4294967296', '4294967295', '99999999999999999999'])(
    '%j',
    (user) => {
      const { reasons } = decided(policy({ configuration: { userNotRoot: true } }), evidence(config({ user })));
      expect(reasons[0]?.outcome).toBe('fail');
    },
  );
});

describe('T24 what is said of a secret', () => {
  it('names rule and path, never more', () => {
    const found = [{ rule: 'aws-key', path: '/a', match: 'AKIA' } as { rule: string; path: string }];
    expect(JSON.stringify(decided(policy({ secrets: {} }), evidence({ secrets: found })))).not.toContain('AKIA');
  });
});

describe('T45 what is old or played again', () => {
  const decision = (spec: object, ...results: Parameters<typeof attested>[1][]): string =>
    decided(policy(spec), evidence(attested(policy(spec), ...results))).decision;

  it("takes the signer's word for the time only where nothing proves one", () => {
    const claims = (ms: number): object => ({ runDetails: { metadata: { finishedOn: new Date(ms).toISOString() } } });
    expect(decision(provenance, attestation(claims(nowMs)))).toBe('allow');
    expect(decision(provenance, attestation(claims(nowMs - 400 * day)))).toBe('deny');
    expect(decision(provenance, attestation(claims(nowMs), nowMs - 400 * day))).toBe('deny');
    expect(decision(provenance, attestation({}))).toBe('unknown');
  });

  it('judges the newest one, so that an older one cannot stand in for it', () => {
    const [good, bad] = [builtBy('https://b'), builtBy('https://c')];
    expect(decision(conditional, attestation(good, nowMs - 2 * day), attestation(bad, nowMs - day))).toBe('deny');
    expect(decision(conditional, attestation(bad, nowMs - 2 * day), attestation(good, nowMs - day))).toBe('allow');
  });

  it('lets one without a proved time, which may be newer, pass for nothing', () => {
    expect(decision(conditional, attestation(builtBy('https://b'), nowMs), attestation(builtBy('https://c')))).toBe(
      'deny',
    );
  });

  it('refuses one from the future', () => {
    expect(decision(provenance, attestation({}, nowMs + day))).toBe('deny');
  });

  it('takes a verification summary for what it says, and the newest one', () => {
    const summary = (verificationResult: unknown, signedAtMs?: number) => ({
      ...attestation({ verificationResult }, signedAtMs),
      predicateType: 'https://slsa.dev/verification_summary/v1',
    });
    const wanted = { attestations: [{ type: 'vsa', key: 'a.pub' }] };
    const now = summary('PASSED', nowMs);
    expect(decision(wanted, now)).toBe('allow');
    for (const word of ['FAILED', 'passed', '', undefined, ['PASSED']]) {
      expect(decision(wanted, summary(word, nowMs))).toBe('deny');
      expect(decision(wanted, summary('PASSED', nowMs - day), summary(word, nowMs))).toBe('deny');
      expect(decision(wanted, now, summary(word))).toBe('deny');
    }
    expect(decision(wanted, now, summary('FAILED', nowMs - day))).toBe('allow');
    const [found] = attested(policy(wanted), now).attestations ?? [];
    if (found === undefined) throw new Error('nothing is attested');
    const limited = { attestations: [{ ...found, limits: ['There are more.'] }] };
    expect(decided(policy(wanted), evidence(limited)).decision).toBe('unknown');
  });

  it('does not know where a limit hid what is newer', () => {
    const of = policy(conditional);
    const [found] = attested(of, attestation(builtBy('https://b'), nowMs)).attestations ?? [];
    if (found === undefined) throw new Error('nothing is attested');
    const limited = { attestations: [{ ...found, limits: ['There are more.'] }] };
    expect(decided(of, evidence(limited)).decision).toBe('unknown');
  });
});

describe('T21 text out of an image', () => {
  it('is inert in every reason', () => {
    const hostile = '\u001b[31m\u202e\n::set-env name=x::y';
    const spec = { ...severity, ...licences, configuration: { userNotRoot: true, allowedPorts: ['1'] } };
    const parts = {
      ...scan({
        findings: [finding({ packages: [hostile] })],
        packages: [{ name: hostile, version: hostile, licences: ['GPL-2.0-only'] }],
      }),
      ...config({ user: hostile, exposedPorts: [hostile] }),
    };
    for (const { message } of decided(policy(spec), evidence(parts)).reasons)
      expect(message).not.toMatch(/[\u001b\u202e\n]/);
  });
});
