// The words that only the page has, in both languages.
import type { Language } from '../report.ts';
import { reportTexts, type ReportTexts } from '../texts/texts.ts';

interface PageTexts {
  readonly title: string;
  readonly risk: string;
  readonly riskAbout: string;
  readonly riskByLayer: string;
  readonly riskByFile: string;
  readonly others: (count: number) => string;
  readonly filter: string;
  readonly search: string;
  readonly allLayers: string;
  readonly allFiles: string;
  readonly fixableOnly: string;
  readonly exploitedOnly: string;
  readonly reset: string;
  readonly shown: string;
  readonly of: string;
  readonly noneShown: string;
  readonly layersTitle: string;
  readonly filesTitle: string;
  readonly instruction: string;
  readonly size: string;
  readonly packagesTitle: string;
  readonly fixable: string;
  readonly advisories: string;
  readonly details: string;
  readonly places: string;
  readonly reported: string;
  readonly via: string;
  readonly diagnostics: string;
  readonly noPlace: string;
  readonly noFile: string;
  readonly unread: string;
  readonly score: string;
  readonly made: (tool: string) => string;
}

const en: PageTexts = {
  title: 'Security report',
  risk: 'Where the risk sits',
  riskAbout:
    'Areas are the sum of the findings by their priority: what to fix first is large. Choose one to see its findings.',
  riskByLayer: 'Findings by layer',
  riskByFile: 'Findings by file',
  others: (count) => `${count} more`,
  filter: 'Filter',
  search: 'Package, vulnerability or text',
  allLayers: 'all layers',
  allFiles: 'all files',
  fixableOnly: 'with a fix',
  exploitedOnly: 'known exploited',
  reset: 'Show all',
  shown: 'shown',
  of: 'of',
  noneShown: 'No finding is like this.',
  layersTitle: 'Layers',
  filesTitle: 'Files',
  instruction: 'Instruction',
  size: 'Size',
  packagesTitle: 'Packages',
  fixable: 'with a fix',
  advisories: 'Advisories',
  details: 'details',
  places: 'Found in',
  reported: 'says',
  via: 'By way of',
  diagnostics: 'What could not be read',
  noPlace: 'no layer',
  noFile: 'no file',
  unread: 'not read whole',
  score: 'Score',
  made: (tool) => `Made by ${tool}. This page loads nothing and sends nothing.`,
};

const de: PageTexts = {
  title: 'Sicherheitsbericht',
  risk: 'Wo das Risiko sitzt',
  riskAbout:
    'Die Flächen sind die Summe der Funde nach Priorität: Was zuerst zu beheben ist, ist groß. Eine Fläche wählen, um ihre Funde zu sehen.',
  riskByLayer: 'Funde je Schicht',
  riskByFile: 'Funde je Datei',
  others: (count) => `${count} weitere`,
  filter: 'Filter',
  search: 'Paket, Schwachstelle oder Text',
  allLayers: 'alle Schichten',
  allFiles: 'alle Dateien',
  fixableOnly: 'mit Korrektur',
  exploitedOnly: 'nachweislich ausgenutzt',
  reset: 'Alle zeigen',
  shown: 'gezeigt',
  of: 'von',
  noneShown: 'Kein Fund ist so.',
  layersTitle: 'Schichten',
  filesTitle: 'Dateien',
  instruction: 'Anweisung',
  size: 'Größe',
  packagesTitle: 'Pakete',
  fixable: 'mit Korrektur',
  advisories: 'Meldungen',
  details: 'Einzelheiten',
  places: 'Gefunden in',
  reported: 'sagt',
  via: 'Auf dem Weg',
  diagnostics: 'Was nicht gelesen werden konnte',
  noPlace: 'keine Schicht',
  noFile: 'keine Datei',
  unread: 'nicht ganz gelesen',
  score: 'Wert',
  made: (tool) => `Erstellt von ${tool}. Diese Seite lädt nichts und sendet nichts.`,
};

/** By language. */
const pageTexts: Readonly<Record<Language, PageTexts>> = { en, de };

/** All words of the page. */
export type Texts = ReportTexts & PageTexts;

/** Returns them in this language. */
export function textsOf(language: Language): Texts {
  return { ...reportTexts[language], ...pageTexts[language] };
}
