// The contract of a report format: one scan result in, text out.
import type { ScanResult } from '@plombe/model';

export interface RenderOptions {
  /** Escape sequences for colour are allowed: only where the output is a terminal. */
  readonly colour: boolean;
  /** Columns of the terminal; absent where the output is none. */
  readonly width?: number;
  /** Print the evidence paths of each finding. */
  readonly evidence: boolean;
}

/** Renders in pieces, so that a hundred thousand packages never become one text. Register in `reports.ts`. */
export interface ReportFormat {
  /** What `-o` takes. */
  readonly id: string;
  readonly title: string;
  readonly mediaType: string;
  render(result: ScanResult, options: RenderOptions): Iterable<string>;
}
