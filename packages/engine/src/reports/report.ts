// The contract of a report format: one scan result in, text out.
import type { ScanResult } from '@plombe/model';

export interface RenderOptions {
  /** Escape sequences for colour are allowed: only where the output is a terminal. */
  readonly colour: boolean;
  /** Columns of the terminal; absent where the output is none. */
  readonly width?: number;
  /** Print the evidence paths of each finding. */
  readonly evidence: boolean;
  /** List what was left out and suppressed, where a format does not anyway. */
  readonly suppressed?: boolean;
  /** Show where packages with findings come from. */
  readonly origins?: boolean;
  /** Of headings and explanations, where a format has them in both; English where absent. Ids, severities and statuses of machines' formats stay. */
  readonly language?: Language;
}

export type Language = 'en' | 'de';

/** Renders in pieces, so that a hundred thousand packages never become one text. */
export interface ReportFormat {
  /** What `-o` takes. */
  readonly id: string;
  readonly title: string;
  readonly mediaType: string;
  render(result: ScanResult, options: RenderOptions): Iterable<string>;
}

/** A line of the list in `reports.ts`: a format is loaded when it is asked for, so that no command reads what it does not write. */
export interface ReportEntry {
  readonly id: string;
  load(): Promise<ReportFormat>;
}
