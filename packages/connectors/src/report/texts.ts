// The words of reports in both languages; what checks say stands with the checks.
import type { Language } from '../posture/check.ts';

export interface ReportTexts {
  readonly posture: string;
  readonly access: string;
  readonly outcome: Readonly<Record<'fail' | 'unknown' | 'pass', string>>;
  readonly severity: Readonly<Record<'critical' | 'high' | 'medium' | 'low', string>>;
  readonly summary: (fail: number, unknown: number, pass: number) => string;
  readonly risk: string;
  readonly fix: string;
  readonly evidence: string;
  readonly missing: string;
  readonly references: string;
  readonly controls: string;
  readonly asOf: string;
  readonly notAll: string;
  readonly columns: Readonly<Record<'repository' | 'principal' | 'kind' | 'state' | 'permissions' | 'by', string>>;
  readonly via: string;
  readonly condition: string;
  readonly none: string;
  readonly andMore: (count: number) => string;
  readonly alike: string;
  readonly contents: string;
  readonly listed: Readonly<Record<'tags' | 'type' | 'size' | 'pushed' | 'state' | 'scan' | 'referrers', string>>;
  readonly states: Readonly<Record<'free' | 'locked' | 'quarantined', string>>;
  readonly empty: string;
  readonly audit: string;
  readonly audited: Readonly<Record<'time' | 'operation' | 'outcome', string>>;
  readonly since: string;
  readonly facts: string;
}

export const reportTexts: Readonly<Record<Language, ReportTexts>> = {
  en: {
    posture: 'Posture',
    access: 'Access',
    outcome: { fail: 'fails', unknown: 'unknown', pass: 'holds' },
    severity: { critical: 'critical', high: 'high', medium: 'medium', low: 'low' },
    summary: (fail, unknown, pass) => `${fail} checks fail, ${unknown} are unknown, ${pass} hold`,
    risk: 'Risk',
    fix: 'What to do',
    evidence: 'Looked at',
    missing: 'Missing',
    references: 'References',
    controls: 'Controls',
    asOf: 'as of',
    notAll: 'This is not all there is',
    columns: {
      repository: 'Repository',
      principal: 'Principal',
      kind: 'Kind',
      state: 'State',
      permissions: 'May',
      by: 'By',
    },
    via: 'through',
    condition: 'on condition that was not evaluated',
    none: 'nothing now',
    andMore: (count) => `and ${count} more`,
    alike: 'All repositories of this table',
    contents: 'Contents',
    listed: {
      tags: 'Tags',
      type: 'Type',
      size: 'Size',
      pushed: 'Pushed',
      state: 'State',
      scan: 'Scan of the registry',
      referrers: 'Referrers',
    },
    states: { free: 'free', locked: 'locked', quarantined: 'quarantined' },
    empty: 'empty',
    audit: 'Audit log',
    audited: { time: 'Time', operation: 'Operation', outcome: 'Outcome' },
    since: 'since',
    facts: 'What was read',
  },
  de: {
    posture: 'Sicherheitslage',
    access: 'Zugriff',
    outcome: { fail: 'verletzt', unknown: 'unbekannt', pass: 'erfüllt' },
    severity: { critical: 'kritisch', high: 'hoch', medium: 'mittel', low: 'niedrig' },
    summary: (fail, unknown, pass) => `${fail} Prüfungen verletzt, ${unknown} unbekannt, ${pass} erfüllt`,
    risk: 'Risiko',
    fix: 'Was zu tun ist',
    evidence: 'Betrachtet',
    missing: 'Es fehlt',
    references: 'Quellen',
    controls: 'Anforderungen',
    asOf: 'Stand',
    notAll: 'Das ist nicht alles',
    columns: {
      repository: 'Repository',
      principal: 'Wer',
      kind: 'Art',
      state: 'Zustand',
      permissions: 'Darf',
      by: 'Durch',
    },
    via: 'über',
    condition: 'unter einer Bedingung, die nicht ausgewertet wurde',
    none: 'derzeit nichts',
    andMore: (count) => `und ${count} weitere`,
    alike: 'Alle Repositories dieser Tabelle',
    contents: 'Inhalt',
    listed: {
      tags: 'Tags',
      type: 'Typ',
      size: 'Größe',
      pushed: 'Hochgeladen',
      state: 'Zustand',
      scan: 'Prüfung der Registry',
      referrers: 'Verweise',
    },
    states: { free: 'frei', locked: 'gesperrt', quarantined: 'in Quarantäne' },
    empty: 'leer',
    audit: 'Protokoll',
    audited: { time: 'Zeit', operation: 'Vorgang', outcome: 'Ergebnis' },
    since: 'ab',
    facts: 'Was gelesen wurde',
  },
};
