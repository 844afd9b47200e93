// One line of progress on stderr, only on a terminal and only once the work has taken a second.
import type { ProgressEvent } from '@plombe/model';

export interface ProgressLine {
  report(event: ProgressEvent): void;
  /** Takes the line away. */
  clear(): void;
}

const silent: ProgressLine = { report: () => undefined, clear: () => undefined };
/** Faster than the eye follows costs only escape sequences. */
const redrawMs = 100;
/** Work shorter than this shows nothing. */
const delayMs = 1000;

/** Returns a line on stderr, or a silent one where stderr is no terminal or `quiet` is set. */
export function progressLine(quiet: boolean): ProgressLine {
  const { stderr } = process;
  if (quiet || !stderr.isTTY) return silent;
  const startedMs = performance.now();
  const tasks = new Map<string, ProgressEvent>();
  let drawnMs = 0;
  let shown = false;
  return {
    report(event) {
      tasks.set(event.task, event);
      const nowMs = performance.now();
      if (nowMs - startedMs < delayMs || nowMs - drawnMs < redrawMs) return;
      drawnMs = nowMs;
      shown = true;
      stderr.write(`\r\u001b[2K${describe([...tasks.values()]).slice(0, (stderr.columns ?? 80) - 1)}`);
    },
    clear() {
      if (shown) stderr.write('\r\u001b[2K');
      shown = false;
    },
  };
}

function describe(events: readonly ProgressEvent[]): string {
  const done = events.filter((event) => event.finished === true).length;
  const bytes = events.reduce((sum, event) => sum + event.doneBytes, 0);
  const total = events.reduce((sum, event) => sum + (event.totalBytes ?? event.doneBytes), 0);
  const running = events.filter((event) => event.finished !== true).map((event) => event.task);
  const share = total > 0 ? bar(bytes / total) : '';
  return `${share} ${mebibytes(bytes)} of ${mebibytes(total)} MiB · ${done} done · ${running.join(', ')}`;
}

function bar(share: number): string {
  const full = Math.round(Math.min(1, share) * 20);
  return `${'━'.repeat(full)}${'─'.repeat(20 - full)} ${String(Math.floor(share * 100)).padStart(3)}%`;
}

function mebibytes(bytes: number): string {
  return (bytes / 1048576).toFixed(bytes < 10 * 1048576 ? 1 : 0);
}
