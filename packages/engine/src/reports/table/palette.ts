// Colours of the terminal report; without colour every paint is the text itself.
import { styleText } from 'node:util';
import type { SeverityWord, State } from '@plombe/model';

type Style = Parameters<typeof styleText>[0];

export interface Palette {
  severity(word: SeverityWord, text: string): string;
  state(state: State, text: string): string;
  bold(text: string): string;
  dim(text: string): string;
  warn(text: string): string;
  good(text: string): string;
}

const severityStyles: Readonly<Record<SeverityWord, Style>> = {
  critical: ['bold', 'red'],
  high: 'red',
  medium: 'yellow',
  low: 'cyan',
  negligible: 'gray',
  unknown: 'magenta',
};

const stateStyles: Readonly<Record<State, Style>> = {
  assessed: 'green',
  partial: ['bold', 'yellow'],
  stale: ['bold', 'yellow'],
  unassessable: ['bold', 'red'],
};

/** Returns the palette; `colour` false makes every paint the identity. */
export function paletteFor(colour: boolean): Palette {
  const paint = (style: Style, text: string): string =>
    colour && text.trim() !== '' ? styleText(style, text, { validateStream: false }) : text;
  return {
    severity: (word, text) => paint(severityStyles[word], text),
    state: (state, text) => paint(stateStyles[state], text),
    bold: (text) => paint('bold', text),
    dim: (text) => paint('dim', text),
    warn: (text) => paint('yellow', text),
    good: (text) => paint('green', text),
  };
}
