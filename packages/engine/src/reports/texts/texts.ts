// The words of reports for people in both languages. Ids, versions and what advisories say stay as they are.
import type { Remedy, SeverityWord, State, VulnerabilityStatus } from '@plombe/model';
import type { Language } from '../report.ts';

export interface ReportTexts {
  readonly severity: Readonly<Record<SeverityWord, string>>;
  readonly state: Readonly<Record<State, string>>;
  readonly status: Readonly<Record<VulnerabilityStatus, string>>;
  /** What stands beside the state. */
  readonly assessed: string;
  readonly notAssessed: string;
  readonly noFindings: Readonly<Record<'assessed' | 'partial' | 'stale' | 'unassessable', string>>;
  readonly counts: (findings: number, fixable: number, exploited: number) => string;
  readonly packages: (count: number) => string;
  readonly layers: (count: number) => string;
  readonly data: string;
  readonly starter: string;
  readonly noData: string;
  readonly oldest: string;
  readonly doFirst: string;
  /** What to do, of parts that are escaped and marked already. */
  readonly remedy: (remedy: Remedy) => string;
  readonly inLayer: string;
  readonly inFile: string;
  readonly morePlaces: (count: number) => string;
  readonly removes: (findings: number, exploited: number) => string;
  readonly findings: string;
  readonly columns: Readonly<
    Record<
      | 'severity'
      | 'vulnerability'
      | 'package'
      | 'installed'
      | 'fixed'
      | 'layer'
      | 'file'
      | 'status'
      | 'summary'
      | 'epss',
      string
    >
  >;
  /** Findings that do not count, by flags or as vendors say. */
  readonly leftOut: (count: number) => string;
  readonly doesNotCount: string;
  readonly more: (count: number) => string;
  readonly commentIsFull: string;
  readonly knownExploited: string;
  readonly scanned: string;
  readonly endOfLife: string;
}

const en: ReportTexts = {
  severity: {
    critical: 'critical',
    high: 'high',
    medium: 'medium',
    low: 'low',
    negligible: 'negligible',
    unknown: 'unknown',
  },
  state: { assessed: 'assessed', partial: 'partial', stale: 'stale', unassessable: 'unassessable' },
  status: {
    affected: 'affected',
    will_not_fix: "won't fix",
    not_affected: 'not affected',
    fixed: 'fixed',
    under_investigation: 'under investigation',
  },
  assessed: 'Assessed: everything found was compared with data that is young enough.',
  notAssessed: 'Not fully assessed',
  noFindings: {
    assessed: 'No findings.',
    partial: 'No findings among what was assessed.',
    stale: 'No findings among what was assessed.',
    unassessable: 'Findings are not known: nothing could be compared.',
  },
  counts: (findings, fixable, exploited) =>
    `${findings} ${findings === 1 ? 'finding' : 'findings'}, ${fixable} with a fix, ${exploited} known exploited`,
  packages: (count) => `${count} ${count === 1 ? 'package' : 'packages'}`,
  layers: (count) => `${count} ${count === 1 ? 'layer' : 'layers'}`,
  data: 'Advisory data',
  starter: 'the starter database that comes with plombe',
  noData: 'none: nothing was compared',
  oldest: 'oldest of',
  doFirst: 'Do this first',
  remedy: ({ kind, name, from, to }) =>
    kind === 'rebuild'
      ? `rebuild with ${to === undefined ? `a newer ${name}` : `${name} ${to}`} instead of ${from}`
      : `upgrade ${name} ${from}${to === undefined ? '' : ` to ${to}`}`,
  inLayer: 'in layer',
  inFile: 'in',
  morePlaces: (count) => `and ${count} more`,
  removes: (findings, exploited) =>
    `removes ${findings} ${findings === 1 ? 'finding' : 'findings'}${exploited > 0 ? `, ${exploited} known exploited` : ''}`,
  findings: 'Findings',
  columns: {
    severity: 'Severity',
    vulnerability: 'Vulnerability',
    package: 'Package',
    installed: 'Installed',
    fixed: 'Fixed in',
    layer: 'Layer',
    file: 'File',
    status: 'Status',
    summary: 'Summary',
    epss: 'EPSS',
  },
  leftOut: (count) => `${count} ${count === 1 ? 'does' : 'do'} not count`,
  doesNotCount: 'Does not count',
  more: (count) => `${count} more ${count === 1 ? 'is' : 'are'} not shown`,
  commentIsFull: 'A comment has room for 65,536 characters; the JSON report has all.',
  knownExploited: 'known exploited',
  scanned: 'Scanned',
  endOfLife: 'No more security support',
};

const de: ReportTexts = {
  severity: {
    critical: 'kritisch',
    high: 'hoch',
    medium: 'mittel',
    low: 'niedrig',
    negligible: 'vernachlässigbar',
    unknown: 'unbekannt',
  },
  state: { assessed: 'geprüft', partial: 'teilweise', stale: 'veraltet', unassessable: 'nicht prüfbar' },
  status: {
    affected: 'betroffen',
    will_not_fix: 'wird nicht behoben',
    not_affected: 'nicht betroffen',
    fixed: 'behoben',
    under_investigation: 'wird untersucht',
  },
  assessed: 'Geprüft: Alles Gefundene wurde mit hinreichend neuen Daten verglichen.',
  notAssessed: 'Nicht vollständig geprüft',
  noFindings: {
    assessed: 'Keine Funde.',
    partial: 'Keine Funde in dem, was geprüft wurde.',
    stale: 'Keine Funde in dem, was geprüft wurde.',
    unassessable: 'Funde sind nicht bekannt: Nichts konnte verglichen werden.',
  },
  counts: (findings, fixable, exploited) =>
    `${findings} ${findings === 1 ? 'Fund' : 'Funde'}, ${fixable} mit Korrektur, ${exploited} nachweislich ausgenutzt`,
  packages: (count) => `${count} ${count === 1 ? 'Paket' : 'Pakete'}`,
  layers: (count) => `${count} ${count === 1 ? 'Schicht' : 'Schichten'}`,
  data: 'Daten',
  starter: 'die mitgelieferte Anfangsdatenbank',
  noData: 'keine: Nichts wurde verglichen',
  oldest: 'älteste vom',
  doFirst: 'Das zuerst',
  remedy: ({ kind, name, from, to }) =>
    kind === 'rebuild'
      ? `neu bauen: mit ${to === undefined ? `neuerem ${name}` : `${name} ${to}`} statt ${from}`
      : `aktualisieren: ${name} ${from}${to === undefined ? '' : ` auf ${to}`}`,
  inLayer: 'in Schicht',
  inFile: 'in',
  morePlaces: (count) => `und ${count} weiteren`,
  removes: (findings, exploited) =>
    `beseitigt ${findings} ${findings === 1 ? 'Fund' : 'Funde'}${exploited > 0 ? `, davon ${exploited} nachweislich ausgenutzt` : ''}`,
  findings: 'Funde',
  columns: {
    severity: 'Schwere',
    vulnerability: 'Schwachstelle',
    package: 'Paket',
    installed: 'Installiert',
    fixed: 'Behoben in',
    layer: 'Schicht',
    file: 'Datei',
    status: 'Status',
    summary: 'Beschreibung',
    epss: 'EPSS',
  },
  leftOut: (count) => `${count} ${count === 1 ? 'zählt' : 'zählen'} nicht`,
  doesNotCount: 'Zählt nicht',
  more: (count) => `${count} weitere ${count === 1 ? 'ist' : 'sind'} nicht gezeigt`,
  commentIsFull: 'Ein Kommentar fasst 65.536 Zeichen; der JSON-Bericht hat alle.',
  knownExploited: 'nachweislich ausgenutzt',
  scanned: 'Geprüft am',
  endOfLife: 'Keine Sicherheitskorrekturen mehr',
};

/** By language. */
export const reportTexts: Readonly<Record<Language, ReportTexts>> = { en, de };
