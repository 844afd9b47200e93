// What one decision costs: a policy of twenty rules over an image with a hundred packages and twenty findings.
import { anchorsOf, decide, parsePolicy, type PolicyEvidence } from '@plombe/policy';
import type { Figure } from './figure.ts';

/** 400 decisions in each of 40 batches; the cheapest batch counts, because others use the machine. */
const decisions = 400;
const batches = 40;
const nowMs = Date.UTC(2026, 5, 15);

const condition = (name: string, expression: string): object => ({ name, expression });
const provenance = (type: string): object => ({
  type,
  key: `${type}.pub`,
  maxAgeDays: 30,
  conditions: [condition('builder', "predicate.runDetails.builder.id.startsWith('https://builder.example.com/')")],
});

const policy = parsePolicy(
  JSON.stringify({
    apiVersion: 'plombe/v1',
    kind: 'Policy',
    metadata: { name: 'twenty' },
    spec: {
      select: { repositories: ['gated/**'] },
      allowedRegistries: ['*.example.com'],
      allowedRepositories: ['gated/**', 'shared/*'],
      digestOnly: true,
      signatures: { atLeast: 2, anyOf: ['a', 'b', 'c'].map((name) => ({ cosign: { key: `${name}.pub` } })) },
      attestations: [provenance('slsaprovenance1'), provenance('vsa'), provenance('svr')],
      requireState: 'assessed',
      vulnerabilities: { maxSeverity: 'medium', kev: 'deny', maxEpss: 0.5, fixableMaxAgeDays: 30 },
      licences: { deny: ['GPL-3.0*', 'AGPL-*'] },
      secrets: {},
      configuration: {
        userNotRoot: true,
        healthcheck: true,
        requiredLabels: ['owner', 'source'],
        allowedPorts: ['8080/tcp'],
      },
      conditions: [
        condition('place', "subject.registry.endsWith('.example.com') && subject.byDigest"),
        condition('owner', "config.labels.owner.matches('^[a-z]+@example\\\\.com$')"),
        condition('findings', "scan.findings.all(f, f.severity != 'critical' || f.fixedVersions.size() == 0)"),
        condition('packages', "scan.packages.exists(p, p.name == 'musl') && scan.packages.size() < 500"),
        condition('young', "signatures.size() > 1 && now > timestamp('2026-01-01T00:00:00Z')"),
      ],
      exceptions: [
        {
          check: 'vulnerabilities',
          vulnerability: 'CVE-2026-7',
          owner: 'a',
          ticket: 'b',
          expires: '2027-01-01',
          reason: 'c',
        },
      ],
    },
  }),
);

/** A new object each time, as a gate has it: nothing is left of an earlier decision. */
function evidenceOf(run: number): PolicyEvidence {
  const needs = anchorsOf([policy]);
  const signature = (signerId: string) =>
    ({ format: 'bundle', verdict: 'verified', signer: signerId, signerId, annotations: {}, checks: [] }) as const;
  return {
    subject: {
      reference: `registry.example.com/gated/app${run}`,
      registry: 'registry.example.com',
      repository: `gated/app${run}`,
      byDigest: true,
    },
    signatures: needs.signatures.map(({ id, label }) => ({ anchor: id, results: [signature(label)] })),
    attestations: needs.attestations.map(({ type, anchor }) => ({
      type,
      anchor: anchor.id,
      results: [
        {
          ...signature(anchor.label),
          predicateType: type,
          signedAtMs: nowMs - 86_400_000,
          statement: {
            predicate: {
              runDetails: { builder: { id: `https://builder.example.com/${run}` } },
              verificationResult: 'PASSED',
            },
          },
        },
      ],
    })),
    scan: {
      state: 'assessed',
      causes: [],
      knowsKev: true,
      knowsEpss: true,
      findings: Array.from({ length: 20 }, (_, index) => ({
        vulnerability: `CVE-2026-${index}`,
        aliases: [],
        severity: index === 7 ? ('high' as const) : ('low' as const),
        kev: false,
        epss: 0.01,
        packages: [`package-${index}`],
        fixedVersions: ['2'],
        publishedAtMs: nowMs - 86_400_000,
      })),
      packages: Array.from({ length: 100 }, (_, index) => ({
        name: index === 50 ? 'musl' : `package-${index}`,
        version: '1',
        licences: ['MIT'],
      })),
    },
    config: {
      user: '10001',
      exposedPorts: ['8080/tcp'],
      labels: { owner: 'team@example.com', source: 'https://git.example.com' },
      healthcheck: true,
    },
    secrets: [],
  };
}

/** Measures decisions over evidence seen for the first time, and over the same evidence again, as a nightly check has it. */
export function measurePolicy(): Promise<readonly Figure[]> {
  const { decision, reasons } = decide([policy], evidenceOf(0), { nowMs });
  if (decision !== 'allow' || reasons.length !== 20) {
    throw new Error(
      `not 20 rules that allow: ${reasons.length}, ${JSON.stringify(reasons.filter(({ outcome }) => outcome !== 'pass'))}`,
    );
  }
  const evidence = Array.from({ length: decisions }, (_, run) => evidenceOf(run));
  return Promise.resolve([
    figure('same evidence again', 50, () => evidence),
    figure('new evidence', 50, () => Array.from({ length: decisions }, (_, run) => evidenceOf(run))),
  ]);
}

function figure(subject: string, limit: number, make: () => readonly PolicyEvidence[]): Figure {
  let best = Infinity;
  for (let batch = 0; batch < batches; batch++) {
    const batchOf = make();
    const start = performance.now();
    for (const one of batchOf) decide([policy], one, { nowMs });
    best = Math.min(best, (performance.now() - start) / batchOf.length);
  }
  return {
    name: 'decision, 20 rules',
    subject,
    value: best * 1000,
    unit: 'µs',
    limit,
    detail: '100 packages, 20 findings, 8 expressions',
  };
}
