// Diagnostics of one archive, bounded in number because a hostile one could give one per entry.
import { inert } from '@plombe/kit';
import type { Diagnostic } from '@plombe/model';

/** Enough to see what is wrong with an archive; the rest are counted. */
const maxDiagnostics = 50;

/** Passes diagnostics on and remembers whether one of them means that something is missing. */
export class Reporter {
  complete = true;
  #count = 0;
  readonly #onDiagnostic: (diagnostic: Diagnostic) => void;

  constructor(onDiagnostic: (diagnostic: Diagnostic) => void) {
    this.#onDiagnostic = onDiagnostic;
  }

  /** An entry, or the rest of the archive, cannot be told. */
  lose(code: string, message: string, path?: string): void {
    this.complete = false;
    this.report(code, 'error', message, path);
  }

  report(code: string, level: Diagnostic['level'], message: string, path?: string): void {
    this.#count += 1;
    if (this.#count > maxDiagnostics) return;
    this.#onDiagnostic(path === undefined ? { code, level, message } : { code, level, message, path });
  }

  end(): void {
    const hidden = this.#count - maxDiagnostics;
    if (hidden <= 0) return;
    this.#count = 0;
    this.report(
      'archive/corrupt',
      this.complete ? 'note' : 'error',
      `${hidden} more problems of the archive are not listed.`,
    );
  }
}

/** Ends a sentence with the path of the last entry read, safe to print. */
export function after(what: string, path: string): string {
  return path === '' ? what : `${what}, after ${inert(path.slice(0, 200))}`;
}
