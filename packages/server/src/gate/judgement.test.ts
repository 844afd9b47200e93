// What the gate does with decisions: the strictest of policies, platforms and tags, and what lets through what they refuse.
import { parsePolicy, type PolicyEvidence, type ScanEvidence } from '@plombe/policy';
import type { Digest } from '@plombe/model';
import { describe, expect, it } from 'vitest';
import { judgeManifest } from './judgement.ts';

const nowMs = Date.parse('2026-06-01T12:00:00Z');
const digest = `sha256:${'a'.repeat(64)}` as Digest;
const policyOf = (name: string, spec: string) =>
  parsePolicy(`apiVersion: plombe/v1\nkind: Policy\nmetadata: {name: ${name}}\nspec: ${spec}\n`);
const scanWith = (severity?: 'critical'): ScanEvidence => ({
  state: 'assessed',
  causes: [],
  knowsKev: true,
  knowsEpss: true,
  packages: [],
  findings:
    severity === undefined
      ? []
      : [{ vulnerability: 'CVE-1', aliases: [], severity, kev: false, packages: ['x'], fixedVersions: [] }],
});
const platform = (scan?: ScanEvidence) => ({
  digest,
  evidence: {
    subject: { reference: 'r/a', registry: 'r', repository: 'a', digest, byDigest: true },
    ...(scan === undefined ? {} : { scan }),
  } satisfies PolicyEvidence,
});
const found = (...scans: readonly (ScanEvidence | undefined)[]) => ({
  kind: 'image' as const,
  platforms: scans.map(platform),
  missing: [] as Digest[],
});
const question = { tags: [], running: false, nowMs };
const reject = policyOf('reject', '{vulnerabilities: {maxSeverity: low}}');
const keep = policyOf('keep', '{vulnerabilities: {maxSeverity: low}, onViolation: quarantine}');
const warn = policyOf('warn', '{mode: warn, vulnerabilities: {maxSeverity: low}}');

describe('a judgement', () => {
  it.each([
    ['no policy', [], found(scanWith('critical')), 'allow', 'accept'],
    ['a clean image', [reject, keep], found(scanWith()), 'allow', 'accept'],
    ['one that is only warned about', [warn], found(scanWith('critical')), 'warn', 'accept'],
    ['one to be kept', [keep], found(scanWith('critical')), 'deny', 'quarantine'],
    ['one to be kept and rejected', [keep, reject], found(scanWith('critical')), 'deny', 'deny'],
    ['one that was not scanned', [keep], found(undefined), 'unknown', 'quarantine'],
    ['one bad platform of three', [keep], found(scanWith(), scanWith('critical'), scanWith()), 'deny', 'quarantine'],
    ['an unknown platform beside a clean one', [reject], found(scanWith(), undefined), 'unknown', 'deny'],
  ] as const)('of %s', (_, policies, evidence, decision, verdict) => {
    expect(judgeManifest(policies, evidence, question)).toMatchObject({ decision, verdict });
  });

  it('refuses an index with a part that is not there, unless nobody asks', () => {
    const incomplete = { ...found(scanWith()), missing: [digest] };
    expect(judgeManifest([keep], incomplete, question)).toMatchObject({
      verdict: 'quarantine',
      reasons: { message: expect.stringContaining(digest) as string },
    });
    expect(judgeManifest([warn], incomplete, question)).toMatchObject({ decision: 'warn', verdict: 'accept' });
    expect(judgeManifest([], incomplete, question)).toMatchObject({ verdict: 'accept' });
  });

  it('judges each tag, and digests as named by digest', () => {
    const noLatest = policyOf('latest', '{configuration: {noLatestTag: true}, digestOnly: true}');
    expect(judgeManifest([noLatest], found(scanWith()), { ...question, tags: ['1'] }).verdict).toBe('accept');
    expect(judgeManifest([noLatest], found(scanWith()), { ...question, tags: ['1', 'latest'] }).verdict).toBe('deny');
  });

  it('asks of what runs as the policy says', () => {
    expect(judgeManifest([keep], found(scanWith('critical')), { ...question, running: true }).verdict).toBe('accept');
    const strict = policyOf('strict', '{running: deny, vulnerabilities: {maxSeverity: low}}');
    expect(judgeManifest([strict], found(scanWith('critical')), { ...question, running: true }).verdict).toBe('deny');
  });

  it('names a way to sign that there is', () => {
    const signed = '{signatures: {anyOf: [{cosign: {key: /ops.pub}}]}, attestations: [{type: vulns, key: /ops.pub}]';
    const own = (spec: string, isNew: boolean) =>
      judgeManifest([policyOf('own', spec)], found(scanWith()), { ...question, isNew }).reasons.message;
    const attached = /plombe sign r\/a/;
    expect(own(`${signed}, onViolation: quarantine}`, true)).toMatch(attached);
    expect(own(`${signed}}`, false)).toMatch(attached);
    expect(own(`${signed}}`, true)).toMatch(
      /in a repository that takes it .*then copy both, the signature first: regctl/,
    );
    expect(own(`${signed}}`, true)).not.toMatch(attached);
  });

  it('holds until an exception that it needs ends', () => {
    const excepted = policyOf(
      'excepted',
      '{vulnerabilities: {maxSeverity: low}, exceptions: [{check: vulnerabilities, owner: o, ticket: t, expires: 2026-06-10, reason: r}]}',
    );
    expect(judgeManifest([excepted], found(scanWith('critical')), question)).toMatchObject({
      verdict: 'accept',
      validUntilMs: Date.parse('2026-06-10'),
    });
    expect(judgeManifest([excepted], found(scanWith()), question).validUntilMs).toBeUndefined();
  });
});
