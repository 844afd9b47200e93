import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { Digest, Finding, ScanResult } from '@plombe/model';
import { findingOf, hostileText, packageOf, resultOf } from '../testing/results.ts';
import { json } from '../reports/json/index.ts';
import { scanRecords } from './records.ts';
import { vulnsPredicate } from './vulns.ts';

const digest = `sha256:${'5'.repeat(64)}` as Digest;
const openssl = packageOf('openssl');
const assessed: Partial<ScanResult> = { assessment: { state: 'assessed', causes: [] } };
const nothing: Partial<ScanResult> = {
  assessment: { state: 'unassessable', causes: [{ code: 'distribution/unknown', message: 'x' }] },
};
const finished = '2026-11-24T00:00:01.000Z';

interface Predicate {
  readonly scanner: {
    readonly db: { readonly version: string; readonly lastUpdate?: string };
    readonly result: readonly { readonly id: string; readonly severity: readonly object[] }[];
  };
  readonly assessment: { readonly state: string; readonly causes: readonly { readonly message: string }[] };
}

const predicateOf = (result: ScanResult): Predicate =>
  JSON.parse(JSON.stringify(vulnsPredicate(result, finished))) as Predicate;

describe('the predicate of a scan', () => {
  it('has what the specification asks for, and the state beside it', () => {
    const scored: Partial<Finding> = {
      severities: [
        { author: 'debian', word: 'high' },
        { author: 'nvd', word: 'critical', score: 9.8, vector: 'CVSS:3.1/AV:N' },
        { author: 'ghsa', word: 'critical', score: 9.8, vector: 'CVSS:3.1/AV:N' },
        { author: 'other', word: 'high', score: 8 },
      ],
    };
    const predicate = predicateOf(resultOf([openssl], [findingOf('CVE-2026-1', openssl, scored)], assessed));
    expect(predicate).toMatchObject({
      scanner: {
        uri: 'https://plombe.dev/plombe',
        version: '0.1.0',
        db: { lastUpdate: '2026-08-21T00:00:00Z' },
        result: [
          {
            id: 'CVE-2026-1',
            severity: [
              { method: 'debian', score: 'high' },
              { method: 'cvss:3.1', score: '9.8' },
              { method: 'cvss', score: '8' },
            ],
          },
        ],
      },
      metadata: { scanStartedOn: '2026-11-24T00:00:00.000Z', scanFinishedOn: finished },
      assessment: { state: 'assessed', causes: [] },
    });
  });

  it('lists no vulnerability that is known to be fixed or none', () => {
    const statuses = ['fixed', 'not_affected', 'affected', 'under_investigation', 'will_not_fix'] as const;
    const findings = statuses.map((status) => findingOf(status, openssl, { status }));
    expect(predicateOf(resultOf([openssl], findings)).scanner.result.map(({ id }) => id)).toEqual(statuses.slice(2));
  });

  it('names no time of data that there is not, and bounds causes', () => {
    const causes = Array.from({ length: 50 }, (_, n) => ({ code: 'feed/missing', message: `${n} `.repeat(1000) }));
    const database = { digest, kind: 'none' as const, path: '/home/someone/db' };
    const predicate = predicateOf(resultOf([], [], { assessment: { state: 'partial', causes }, database }));
    expect(predicate.scanner.db).toEqual({ uri: 'https://plombe.dev/database', version: digest });
    expect(predicate.assessment).toMatchObject({ state: 'partial', moreCauses: 30 });
    expect(predicate.assessment.causes.every(({ message }) => message.length <= 500)).toBe(true);
    expect(JSON.stringify(predicate)).not.toContain('/home');
  });
});

describe('the records of a scan', () => {
  it('name the report by the bytes that -o json writes, and the inventory by bytes without a time', () => {
    const result = resultOf([openssl], [findingOf('CVE-2026-1', openssl)], assessed);
    const [inventory, scan] = scanRecords(digest, result, {});
    const report = [...json.render(result, { colour: false, evidence: false })].join('');
    expect(scan).toMatchObject({
      digest,
      kind: 'scan',
      content: {
        state: 'assessed',
        findings: { high: 1, critical: 0 },
        database: { kind: 'starter', oldestData: '2026-08-21' },
        report: { digest: `sha256:${createHash('sha256').update(report).digest('hex')}` },
      },
    });
    expect(inventory).toMatchObject({ kind: 'inventory', content: { packages: 1, distribution: 'debian 12' } });
    const later = { ...result, scannedAt: '2027-01-01T00:00:00.000Z' };
    expect(scanRecords(digest, later, {})[0]).toEqual(inventory);
  });

  it('never have a silent zero', () => {
    const [, partial] = scanRecords(digest, resultOf([openssl], []), {});
    expect(partial?.content).toMatchObject({ state: 'partial', causes: [{ code: 'feed/missing' }] });
    const [inventory, none] = scanRecords(digest, resultOf([], [], nothing), {});
    expect(none?.content).toMatchObject({ state: 'unassessable' });
    expect(none?.content).not.toHaveProperty('findings');
    expect(inventory?.content).toMatchObject({ state: 'unassessable', packages: 0 });
  });

  it('T21 T68 T73 hostile text is inert in them, and they can be kept', () => {
    const odd = packageOf(hostileText, { version: hostileText });
    const result = resultOf([odd], [findingOf(hostileText, odd)]);
    const distribution = { id: `__proto__${hostileText}`, evidencePath: hostileText };
    const hostile = { ...result, inventory: { ...result.inventory, distribution } };
    for (const text of [JSON.stringify(scanRecords(digest, hostile, {})), JSON.stringify(predicateOf(hostile))]) {
      expect(text).not.toMatch(/\\u001b|\\n|\\ud|\u202e/);
      expect(text.isWellFormed()).toBe(true);
    }
  });

  it('T24 T66 hold nothing of the image config or of this machine', () => {
    const secret = 'canary-51c8';
    const result = resultOf([openssl], [findingOf('CVE-2026-1', openssl)]);
    const config = { env: [`TOKEN=${secret}`], labels: { token: secret }, user: secret };
    const subject = { ...result.inventory.subject, name: `dir:/home/${secret}` };
    const database = { ...result.database, path: `/home/${secret}` };
    const planted = { ...result, database, inventory: { ...result.inventory, config, subject } };
    expect(JSON.stringify(scanRecords(digest, planted, {}))).not.toContain(secret);
    expect(JSON.stringify(predicateOf(planted))).not.toContain(secret);
  });
});
