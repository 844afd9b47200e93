import { describe, expect, test } from 'vitest';
import { known, unknown } from '../posture/facts.ts';
import { judgePosture, failsAt } from '../posture/judge.ts';
import { postureChecks } from '../posture/checks.ts';
import { effectiveAccess } from '../access/effective.ts';
import { accessDocument, accessPage } from './access.ts';
import { escapeHtml, linkTo } from './html.ts';
import { postureDocument, posturePage } from './posture.ts';

const hostile = '<script>alert(1)</script>"\'\u001b[31m\u202eevil\n::error::x';
const nowMs = Date.parse('2026-01-02T00:00:00Z');
const oci = { registry: 'registry.example', kind: 'oci' } as const;

describe('checks', () => {
  test('each has texts in both languages, a fix, a reference and a control', () => {
    for (const { id, title, description, fix, references, controls, facts, kinds } of postureChecks) {
      for (const text of [title, description, fix]) {
        expect(text.en.trim(), id).not.toBe('');
        expect(text.de.trim(), id).not.toBe('');
      }
      // A command line is the same in both languages; a sentence is not.
      expect(title.de, id).not.toBe(title.en);
      expect(description.de, id).not.toBe(description.en);
      expect(
        references.every((reference) => reference.startsWith('https://')),
        id,
      ).toBe(true);
      expect(Math.min(references.length, controls.length, facts.length, kinds.length), id).toBeGreaterThan(0);
      expect(id).toMatch(/^(?:outside|acr|harbor|msr)\/[a-z0-9.-]+$/);
    }
    expect(new Set(postureChecks.map(({ id }) => id)).size).toBe(postureChecks.length);
    expect(postureChecks.length).toBeGreaterThanOrEqual(25);
  });

  test('what is not known never holds, and says why', () => {
    const { findings } = judgePosture(oci, {}, nowMs);
    expect(findings.every(({ outcome }) => outcome === 'unknown')).toBe(true);
    const told = judgePosture(oci, { anonymousCatalog: unknown('Needs the moon.') }, nowMs).findings;
    expect(told.find(({ check }) => check.id === 'outside/anonymous-catalog')?.evidence).toEqual(['Needs the moon.']);
  });

  test('a list that is not whole can fail, but never hold', () => {
    const incomplete = ['One was not read.'];
    const outcome = (value: readonly string[]) =>
      judgePosture(
        { ...oci, kind: 'harbor' },
        { publicProjects: { kind: 'known', value, incomplete } },
        nowMs,
      ).findings.find(({ check }) => check.id === 'harbor/public-projects')?.outcome;
    expect(outcome([])).toBe('unknown');
    expect(outcome(['library'])).toBe('fail');
  });

  test('the worst failure comes first, and decides', () => {
    const facts = {
      anonymousPush: known(['app']),
      versionHeaders: known(['server: nginx/1.18.0']),
      tlsVersion: known('TLSv1.2'),
    };
    const report = judgePosture(oci, facts, nowMs);
    expect(report.findings.map(({ check }) => check.id).slice(0, 4)).toEqual([
      'outside/anonymous-push',
      'outside/outdated-server',
      'outside/tls-1.3',
      'outside/version-headers',
    ]);
    expect(failsAt(report, 'critical')).toBe(true);
    expect(failsAt(judgePosture(oci, { tlsVersion: known('TLSv1.2') }, nowMs), 'medium')).toBe(false);
  });

  test.each([
    ['Harbor v2.15.0', 'harbor', { version: known('v2.15.0-abc') }, 'harbor/version', 'pass'],
    ['Harbor v2.9.4', 'harbor', { version: known('v2.9.4') }, 'harbor/version', 'fail'],
    ['nginx/1.28.0', 'oci', { versionHeaders: known(['server: nginx/1.28.0']) }, 'outside/outdated-server', 'pass'],
    [
      'a certificate of 29 days',
      'oci',
      { certificateExpiresAt: known('2026-01-31T00:00:00Z') },
      'outside/certificate-expiry',
      'fail',
    ],
    [
      'a certificate of 60 days',
      'oci',
      { certificateExpiresAt: known('2026-03-03T00:00:00Z') },
      'outside/certificate-expiry',
      'pass',
    ],
    [
      'RSA of 1024 bits',
      'oci',
      { certificateKey: known({ type: 'RSA', bits: 1024 }) },
      'outside/certificate-key',
      'fail',
    ],
    ['Ed25519', 'oci', { certificateKey: known({ type: 'ED25519', bits: 255 }) }, 'outside/certificate-key', 'pass'],
    [
      'no update of the database ever',
      'msr',
      { scanDatabaseUpdatedAt: known('never') },
      'msr/scan-database-age',
      'fail',
    ],
    [
      'an update of yesterday',
      'msr',
      { scanDatabaseUpdatedAt: known('2026-01-01T00:00:00Z') },
      'msr/scan-database-age',
      'pass',
    ],
    ['one local account', 'msr', { localAccounts: known(['admin']) }, 'msr/local-accounts', 'pass'],
  ] as const)('%s', (_, kind, facts, id, outcome) => {
    const { findings } = judgePosture({ registry: 'r', kind }, facts, nowMs);
    expect(findings.find(({ check }) => check.id === id)?.outcome).toBe(outcome);
  });
});

describe('pages', () => {
  const report = judgePosture(
    { registry: `r${hostile}`, kind: 'oci' },
    { anonymousPull: known([hostile]), anonymousCatalog: unknown(hostile) },
    nowMs,
  );

  test('T21, T68 nothing of a registry becomes markup, control or direction', () => {
    for (const language of ['en', 'de'] as const) {
      const page = posturePage(report, language);
      expect(page).not.toMatch(/<script|\u001b|\u202e/i);
      expect(page).toContain('&lt;script&gt;');
    }
  });

  test('a page loads nothing', () => {
    const page = posturePage(report, 'de');
    expect(page).toContain("default-src 'none'");
    expect(page).not.toMatch(/<(?:img|link|iframe|script)|src=|@import|url\(/);
    expect(page).toContain('<html lang="de">');
  });

  test('links are https or none', () => {
    expect(linkTo('javascript:alert(1)')).not.toContain('href');
    expect(linkTo('https://a.example/"onx="')).not.toContain('href');
    expect(linkTo('https://a.example/b')).toContain('href="https://a.example/b"');
    expect(escapeHtml('a\u0007<')).toBe('a\\u{7}&lt;');
  });

  test('the document has the same words in every language', () => {
    const of = (language: 'en' | 'de') =>
      postureDocument(report, language) as { findings: { id: string; outcome: string }[] };
    expect(of('de').findings.map(({ id, outcome }) => [id, outcome])).toEqual(
      of('en').findings.map(({ id, outcome }) => [id, outcome]),
    );
  });

  test('access is escaped, and says what is missing', () => {
    const access = effectiveAccess(
      ['a'],
      [{ id: 'user:jo', kind: 'human', name: hostile, state: 'active' }],
      [{ principal: 'user:jo', repositories: '**', permissions: ['pull'], source: hostile }],
    );
    const document = { registry: 'r', kind: 'msr', at: '', access, causes: [hostile] } as const;
    expect(accessPage(document, 'en')).not.toMatch(/<script|\u001b|\u202e/i);
    expect(accessDocument(document)).toMatchObject({ state: 'partial', access: [{ permissions: ['pull'] }] });
  });
});
