import { expect, it } from 'vitest';
import { errorCodes } from '@plombe/kit';
import { openReportFormat } from '../reports.ts';
import { packageOf, resultOf } from '../../testing/results.ts';
import { germanCodes, remedyIn } from './codes-de.ts';

/** Families whose codes are recorded with a result; what ends a scan instead is told on standard error, in English. */
const recorded = /^(?:archive|distribution|inventory|package|purl|vex|version)\//;

it('every code that a result can carry has a German text, and commands and flags are the same', () => {
  const codes = Object.keys(errorCodes).filter((code) => recorded.test(code));
  expect(codes.filter((code) => !Object.hasOwn(germanCodes, code))).toEqual([]);
  expect(Object.keys(germanCodes)).toEqual(Object.keys(germanCodes).sort());
  const named = (text: string): readonly string[] =>
    [...new Set(text.match(/--[a-z-]+|docs\/[a-z.]+|plombe [a-z]+/g) ?? [])].sort();
  for (const [code, german] of Object.entries(germanCodes)) {
    const english = errorCodes[code as keyof typeof errorCodes];
    expect([code, named(german.remedy)]).toEqual([code, named(english.remedy)]);
    expect(german.meaning).toMatch(/^[A-ZÄÖÜ/].*\.$/);
  }
});

it('a remedy of the case at hand stays as it is', () => {
  const { remedy } = errorCodes['feed/stale'];
  expect(remedyIn('en', 'feed/stale', remedy)).toBe(remedy);
  expect(remedyIn('de', 'feed/stale', remedy)).toBe('`plombe db update` ausführen.');
  expect(remedyIn('de', 'feed/stale', 'No update helps here.')).toBe('No update helps here.');
  expect(remedyIn('de', 'some/other', remedy)).toBe(remedy);
  expect(remedyIn('de', 'feed/stale', undefined)).toBeUndefined();
});

it.each(['html', 'markdown'])('%s says in German what a cause means and what to do', async (format) => {
  const code = 'package/database-missing';
  const { remedy } = errorCodes[code];
  const assessment = { state: 'partial', causes: [{ code, message: 'The image has none.', remedy }] } as const;
  const report = await openReportFormat(format);
  const render = (language: 'en' | 'de'): string =>
    [
      ...report.render(resultOf([packageOf('bash')], [], { assessment }), { colour: false, evidence: false, language }),
    ].join('');
  expect(render('de')).toContain('enthält aber keine Paketdatenbank davon.');
  expect(render('de')).toContain('Die Paketdatenbank im Image lassen');
  expect(render('de')).toContain('The image has none.');
  expect(render('de')).not.toContain('Keep the package database');
  expect(render('en')).toContain('Keep the package database');
});
