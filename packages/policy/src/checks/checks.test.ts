// Each check passes, fails and does not know, where it should.
import type { AttestationResult } from '@plombe/model';
import { describe, expect, it } from 'vitest';
import type { PolicyEvidence } from '../evidence.ts';
import {
  attestation,
  attested,
  decided,
  evidence,
  finding,
  nowMs,
  policy,
  scan,
  signature,
  signed,
} from '../testing/policies.ts';
import { checkIds } from './checks.ts';

type Outcome = 'pass' | 'fail' | 'unknown';
type Example = readonly [check: string, outcome: Outcome, spec: object, parts: Partial<PolicyEvidence>, says: RegExp];

const day = 86_400_000;
const config = (parts: object = {}): Partial<PolicyEvidence> => ({
  config: { exposedPorts: [], labels: {}, ...parts },
});
const byDigest = { subject: { ...evidence().subject, byDigest: true } };
const local = { subject: { reference: 'dir:/', byDigest: false } };
const tagged = (tag?: string): Partial<PolicyEvidence> => {
  const { tag: _, ...rest } = evidence().subject;
  return { subject: { ...rest, ...(tag === undefined ? {} : { tag }) } };
};
const oneOfTwo = {
  signatures: { anyOf: [{ cosign: { key: 'a.pub' } }, { notation: { trustPolicy: 't.json', trustStore: 's' } }] },
};
const twoOfTwo = { signatures: { ...oneOfTwo.signatures, atLeast: 2 } };
const both = { signatures: { allOf: oneOfTwo.signatures.anyOf } };
const provenance = { attestations: [{ type: 'slsaprovenance1', key: 'a.pub', maxAgeDays: 30 }] };
const condition = {
  name: 'builder',
  expression: "predicate.runDetails.builder.id == 'https://b'",
  message: 'Built elsewhere.',
};
const conditional = { attestations: [{ type: 'slsaprovenance1', key: 'a.pub', conditions: [condition] }] };
const finishedOn = (ms: number): object => ({ runDetails: { metadata: { finishedOn: new Date(ms).toISOString() } } });
const builtBy = (id: string): object => ({ runDetails: { builder: { id } } });
const ofImages = (whole: object, ...parts: readonly object[]): AttestationResult => ({
  ...attestation(whole),
  parts: parts.map((predicate) => ({ predicate })),
});
const based = { ...provenance, baseImages: { allow: ['docker.io/library/alpine', 'sha256:*'] } };
const builtOn = (...uris: readonly string[]): object => ({
  buildDefinition: { resolvedDependencies: uris.map((uri) => ({ uri })) },
});
const severity = { vulnerabilities: { maxSeverity: 'medium' } };
const licences = { licences: { deny: ['GPL-*', 'AGPL-*'] } };
const under = (...declared: readonly string[]): Partial<PolicyEvidence> =>
  scan({ packages: [{ name: 'left-pad', version: '1', licences: declared }] });

const examples: readonly Example[] = [
  ['registries', 'pass', { allowedRegistries: ['*.example.com'] }, {}, /registry.example.com is allowed/],
  ['registries', 'fail', { allowedRegistries: ['example.com', '*.example.com.evil.tld'] }, {}, /is not allowed/],
  ['registries', 'unknown', { allowedRegistries: ['*'] }, local, /comes from no registry/],
  ['repositories', 'pass', { allowedRepositories: ['gated/**'] }, {}, /gated\/app is allowed/],
  [
    'repositories',
    'fail',
    { allowedRepositories: ['gated', 'app', 'registry.example.com/gated/app'] },
    {},
    /is not allowed/,
  ],
  ['repositories', 'unknown', { allowedRepositories: ['**'] }, local, /lies in no repository/],
  ['digest-only', 'pass', { digestOnly: true }, byDigest, /names a digest/],
  ['digest-only', 'fail', { digestOnly: true }, {}, /names no digest/],
  ['latest-tag', 'pass', { configuration: { noLatestTag: true } }, {}, /does not mean/],
  ['latest-tag', 'fail', { configuration: { noLatestTag: true } }, tagged('latest'), /means the tag latest/],
  ['latest-tag', 'fail', { configuration: { noLatestTag: true } }, tagged(), /means the tag latest/],
  ['signatures', 'pass', oneOfTwo, signed(policy(oneOfTwo), [signature('key:a')], []), /Signed by key:a/],
  [
    'signatures',
    'fail',
    oneOfTwo,
    signed(policy(oneOfTwo), [signature('key:a', 'rejected')], []),
    /0 distinct signers of a.pub, t.json; 1 required/,
  ],
  ['signatures', 'unknown', oneOfTwo, {}, /not verified against a.pub/],
  [
    'signatures',
    'unknown',
    oneOfTwo,
    signed(policy(oneOfTwo), [signature('key:a', 'undecidable')], []),
    /could not be decided/,
  ],
  ['signatures', 'pass', twoOfTwo, signed(policy(twoOfTwo), [signature('key:a')], [signature('cn:b')]), /key:a, cn:b/],
  [
    'signatures',
    'fail',
    twoOfTwo,
    signed(policy(twoOfTwo), [signature('key:a'), signature('key:a')], [signature('key:a')]),
    /1 distinct signer of/,
  ],
  [
    'signatures',
    'fail',
    twoOfTwo,
    signed(policy(twoOfTwo), [signature(undefined), signature(undefined)], []),
    /1 distinct signer of/,
  ],
  [
    'signatures',
    'unknown',
    twoOfTwo,
    signed(policy(twoOfTwo), [signature('key:a')], [signature('b', 'undecidable')]),
    /could not be decided/,
  ],
  ['signatures', 'pass', both, signed(policy(both), [signature('key:a')], [signature('b')]), /Signed by key:a, b/],
  ['signatures', 'fail', both, signed(policy(both), [signature('key:a')], []), /Not signed by t.json/],
  ['attestations', 'pass', provenance, attested(policy(provenance), attestation({}, nowMs - 29 * day)), /Attested/],
  ['attestations', 'fail', provenance, attested(policy(provenance)), /no attestation of type slsaprovenance1/],
  [
    'attestations',
    'fail',
    provenance,
    attested(policy(provenance), attestation({}, nowMs - 31 * day)),
    /31 days old; 30 are allowed/,
  ],
  [
    'attestations',
    'pass',
    provenance,
    attested(policy(provenance), attestation(finishedOn(nowMs - 29 * day))),
    /Attested/,
  ],
  [
    'attestations',
    'fail',
    provenance,
    attested(policy(provenance), attestation(finishedOn(nowMs - 31 * day))),
    /31 days old; 30 are allowed/,
  ],
  [
    'attestations',
    'fail',
    provenance,
    attested(policy(provenance), attestation(finishedOn(nowMs), nowMs - 31 * day)),
    /31 days old; 30 are allowed/,
  ],
  [
    'attestations',
    'fail',
    provenance,
    attested(policy(provenance), attestation(finishedOn(nowMs + day))),
    /signed in the future/,
  ],
  ['attestations', 'unknown', provenance, attested(policy(provenance), attestation({})), /neither proved nor said/],
  ['attestations', 'unknown', provenance, {}, /were not verified/],
  [
    'attestations',
    'pass',
    conditional,
    attested(policy(conditional), ofImages(builtBy('https://b'), builtBy('https://b'))),
    /Attested/,
  ],
  // What holds for an index does not hold for each image of it.
  [
    'attestations',
    'fail',
    conditional,
    attested(policy(conditional), ofImages(builtBy('https://b'), builtBy('https://c'))),
    /Built elsewhere/,
  ],
  [
    'attestations',
    'unknown',
    provenance,
    attested(policy(provenance), attestation({}, nowMs, 'undecidable')),
    /no attestation/,
  ],
  ['attestations', 'pass', conditional, attested(policy(conditional), attestation(builtBy('https://b'))), /Attested/],
  [
    'attestations',
    'fail',
    conditional,
    attested(policy(conditional), attestation(builtBy('https://c'))),
    /Built elsewhere/,
  ],
  [
    'attestations',
    'unknown',
    conditional,
    attested(policy(conditional), attestation({})),
    /cannot be decided: no such key/,
  ],
  ['state', 'pass', { requireState: 'assessed' }, scan(), /is assessed/],
  ['state', 'pass', { requireState: 'partial' }, scan({ state: 'partial' }), /is partial/],
  [
    'state',
    'fail',
    { requireState: 'assessed' },
    scan({ state: 'partial', causes: ['No data for Go.'] }),
    /partial.*No data for Go/,
  ],
  ['state', 'fail', { requireState: 'stale' }, scan({ state: 'unassessable' }), /unassessable/],
  ['state', 'unknown', { requireState: 'assessed' }, {}, /was not scanned/],
  ['vulnerabilities', 'pass', severity, scan({ findings: [finding({ severity: 'medium' })] }), /within the limits/],
  [
    'vulnerabilities',
    'fail',
    severity,
    scan({ findings: [finding()] }),
    /CVE-2026-1 in openssl: high where medium is the most/,
  ],
  ['vulnerabilities', 'unknown', severity, {}, /was not scanned/],
  ['vulnerabilities', 'unknown', severity, scan({ state: 'partial' }), /more may be there/],
  ['vulnerabilities', 'fail', severity, scan({ state: 'partial', findings: [finding()] }), /CVE-2026-1/],
  [
    'vulnerabilities',
    'pass',
    severity,
    scan({ state: 'partial', causes: ['Debian was derived.'], comparedInWhole: true }),
    /within the limits\. Debian was derived\./,
  ],
  [
    'vulnerabilities',
    'unknown',
    { ...severity, requireState: 'assessed' },
    scan({ state: 'partial', comparedInWhole: true }),
    /more may be there/,
  ],
  ['vulnerabilities', 'unknown', severity, scan({ state: 'stale', comparedInWhole: true }), /more may be there/],
  [
    'vulnerabilities',
    'pass',
    { ...severity, requireState: 'partial' },
    scan({ state: 'partial' }),
    /within the limits/,
  ],
  [
    'vulnerabilities',
    'fail',
    { vulnerabilities: { maxSeverity: 'none' } },
    scan({ findings: [finding({ severity: 'negligible' })] }),
    /negligible/,
  ],
  [
    'vulnerabilities',
    'fail',
    { vulnerabilities: { maxSeverity: 'negligible' } },
    scan({ findings: [finding({ severity: 'unknown' })] }),
    /unknown severity, taken as low/,
  ],
  ['vulnerabilities', 'pass', severity, scan({ findings: [finding({ severity: 'unknown' })] }), /within/],
  [
    'vulnerabilities',
    'fail',
    { vulnerabilities: { maxSeverity: 'medium', unknownSeverity: 'high' } },
    scan({ findings: [finding({ severity: 'unknown' })] }),
    /taken as high/,
  ],
  [
    'vulnerabilities',
    'pass',
    { vulnerabilities: { maxSeverity: 'medium', fixableOnly: true } },
    scan({ findings: [finding()] }),
    /within/,
  ],
  [
    'vulnerabilities',
    'fail',
    { vulnerabilities: { maxSeverity: 'medium', fixableOnly: true } },
    scan({ findings: [finding({ fixedVersions: ['2'] })] }),
    /fixed in 2/,
  ],
  [
    'vulnerabilities',
    'fail',
    { vulnerabilities: { kev: 'deny' } },
    scan({ findings: [finding({ severity: 'low', kev: true })] }),
    /known to be exploited/,
  ],
  [
    'vulnerabilities',
    'unknown',
    { vulnerabilities: { kev: 'deny' } },
    scan({ knowsKev: false }),
    /no data about known exploitation/,
  ],
  [
    'vulnerabilities',
    'fail',
    { vulnerabilities: { maxEpss: 0.5 } },
    scan({ findings: [finding({ epss: 0.51 })] }),
    /EPSS 0.510 above 0.5/,
  ],
  ['vulnerabilities', 'unknown', { vulnerabilities: { maxEpss: 0.5 } }, scan({ knowsEpss: false }), /EPSS/],
  [
    'vulnerabilities',
    'fail',
    { vulnerabilities: { fixableMaxAgeDays: 10 } },
    scan({ findings: [finding({ fixedVersions: ['2'], publishedAtMs: nowMs - 11 * day })] }),
    /fixable and 11 days old/,
  ],
  [
    'vulnerabilities',
    'pass',
    { vulnerabilities: { fixableMaxAgeDays: 10 } },
    scan({ findings: [finding({ publishedAtMs: 0 })] }),
    /within/,
  ],
  [
    'vulnerabilities',
    'unknown',
    { vulnerabilities: { fixableMaxAgeDays: 10 } },
    scan({ findings: [finding({ fixedVersions: ['2'] })] }),
    /is not known/,
  ],
  [
    'base-images',
    'pass',
    based,
    attested(
      policy(based),
      attestation(builtOn('pkg:docker/alpine@3.20?platform=linux%2Famd64', 'pkg:github/a/b@1'), nowMs),
    ),
    /Built on docker.io\/library\/alpine:3.20/,
  ],
  [
    'base-images',
    'fail',
    based,
    attested(policy(based), attestation(builtOn('pkg:docker/alpine@3', 'pkg:docker/evil/alpine@3'), nowMs)),
    /docker.io\/evil\/alpine:3, which is not allowed/,
  ],
  [
    'base-images',
    'unknown',
    based,
    config({ labels: { 'org.opencontainers.image.base.name': 'docker.io/library/alpine' } }),
    /is not known/,
  ],
  [
    'base-images',
    'pass',
    { baseImages: { allow: ['docker.io/library/*'], evidence: 'label' } },
    config({ labels: { 'org.opencontainers.image.base.name': 'docker.io/library/alpine:3' } }),
    /Built on/,
  ],
  ['licences', 'pass', licences, under('MIT'), /is allowed/],
  ['licences', 'fail', licences, under('MIT AND GPL-3.0-only'), /left-pad 1 is under GPL-3.0-only/],
  ['licences', 'pass', licences, under('MIT OR GPL-3.0-only'), /is allowed/],
  ['licences', 'fail', licences, under('GNU General Public License v2 (GPLv2)'), /is under GPL-2.0-only/],
  ['licences', 'fail', { licences: { deny: ['GPL-2.0'] } }, under('GPL-2.0-only'), /is under GPL-2.0-only/],
  ['licences', 'pass', { licences: { allow: ['GPL-2.0'] } }, under('GPL-2.0-only'), /is allowed/],
  ['licences', 'pass', { licences: { allow: ['GPL-2.0-only'] } }, under('GPL-2.0'), /is allowed/],
  ['licences', 'pass', { licences: { allow: ['MIT'] } }, under('MIT License'), /is allowed/],
  ['licences', 'pass', { licences: { allow: ['MIT License'] } }, under('MIT License'), /is allowed/],
  ['licences', 'fail', { licences: { deny: ['MIT License'] } }, under('MIT License'), /is under MIT/],
  ['licences', 'pass', licences, under('GPL v2 or MIT'), /is allowed/],
  ['licences', 'fail', { licences: { allow: ['MIT'] } }, under('BSD License'), /is under BSD License/],
  ['licences', 'unknown', licences, under(), /1 package without a declared licence: left-pad/],
  ['licences', 'unknown', licences, {}, /was not scanned/],
  ['licences', 'fail', { licences: { allow: ['MIT'], undeclared: 'deny' } }, under(), /declares no licence/],
  ['licences', 'pass', { licences: { allow: ['MIT'], undeclared: 'allow' } }, under(), /is allowed/],
  ['licences', 'fail', { licences: { allow: ['MIT'] } }, under('Apache-2.0'), /under Apache-2.0/],
  ['secrets', 'pass', { secrets: {} }, { secrets: [] }, /No secrets/],
  ['secrets', 'fail', { secrets: {} }, { secrets: [{ rule: 'aws-key', path: '/a' }] }, /aws-key in \/a/],
  [
    'secrets',
    'pass',
    { secrets: { allow: ['test-*'] } },
    { secrets: [{ rule: 'test-key', path: '/a' }] },
    /No secrets/,
  ],
  ['secrets', 'unknown', { secrets: {} }, {}, /was not searched/],
  ['user', 'pass', { configuration: { userNotRoot: true } }, config({ user: '10001:0' }), /runs as "10001:0"/],
  ['user', 'fail', { configuration: { userNotRoot: true } }, config(), /names no USER/],
  [
    'user',
    'unknown',
    { configuration: { userNotRoot: true } },
    config({ user: 'app' }),
    /user id that name has is not known/,
  ],
  ['user', 'unknown', { configuration: { userNotRoot: true } }, {}, /was not read/],
  [
    'healthcheck',
    'pass',
    { configuration: { healthcheck: true } },
    config({ healthcheck: true }),
    /declares a health check/,
  ],
  ['healthcheck', 'fail', { configuration: { healthcheck: true } }, config({ healthcheck: false }), /declares no/],
  ['healthcheck', 'unknown', { configuration: { healthcheck: true } }, config(), /is not known/],
  ['labels', 'pass', { configuration: { requiredLabels: ['owner'] } }, config({ labels: { owner: 'a' } }), /is there/],
  [
    'labels',
    'fail',
    { configuration: { requiredLabels: ['owner', 'constructor'] } },
    config({ labels: { owner: '' } }),
    /owner is missing or empty. The label constructor/,
  ],
  ['labels', 'unknown', { configuration: { requiredLabels: ['owner'] } }, {}, /was not read/],
  [
    'ports',
    'pass',
    { configuration: { allowedPorts: ['8080'] } },
    config({ exposedPorts: ['8080/tcp'] }),
    /is allowed/,
  ],
  [
    'ports',
    'fail',
    { configuration: { allowedPorts: ['8080'] } },
    config({ exposedPorts: ['8080/udp'] }),
    /8080\/udp is exposed/,
  ],
  ['ports', 'unknown', { configuration: { allowedPorts: ['*'] } }, {}, /was not read/],
  [
    'conditions',
    'pass',
    { conditions: [{ name: 'c', expression: "subject.repository.startsWith('gated/')" }] },
    {},
    /c holds/,
  ],
  [
    'conditions',
    'fail',
    { conditions: [{ name: 'c', expression: 'scan.findings.size() == 0' }] },
    scan({ findings: [finding()] }),
    /c does not hold/,
  ],
  [
    'conditions',
    'unknown',
    { conditions: [{ name: 'c', expression: 'scan.findings.size() == 0' }] },
    {},
    /scan has no value/,
  ],
  ['conditions', 'unknown', { conditions: [{ name: 'c', expression: "'yes'" }] }, {}, /gives string instead/],
  [
    'conditions',
    'pass',
    {
      conditions: [
        {
          name: 'c',
          expression: "now < timestamp('2027-01-01T00:00:00Z') && scan.findings.all(f, f.publishedAt < now)",
        },
      ],
    },
    scan({ findings: [finding({ publishedAtMs: 0 })] }),
    /c holds/,
  ],
];

describe('checks', () => {
  it.each(examples)('%s: %s %j', (check, outcome, spec, parts, says) => {
    const { reasons } = decided(policy(spec), evidence(parts));
    const reason = reasons.find((entry) => entry.check.split('/')[0] === check);
    expect(reason).toMatchObject({ outcome, message: expect.stringMatching(says) as unknown });
    expect(reason?.lookedAt).not.toBe('');
    expect((reason?.remedy ?? '') === '').toBe(outcome === 'pass');
  });

  it('have an example of each outcome, but for those that always know', () => {
    const alwaysKnow = ['digest-only', 'latest-tag'];
    // Approvals have a table of their own.
    for (const id of checkIds.filter((one) => one !== 'approvals')) {
      const outcomes = new Set(examples.filter(([check]) => check === id).map(([, outcome]) => outcome));
      expect([id, outcomes.size]).toEqual([id, alwaysKnow.includes(id) ? 2 : 3]);
    }
  });
});
