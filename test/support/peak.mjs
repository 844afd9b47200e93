// Loaded into the program by the tests of bad input: tells the peak of its memory when it ends.
import { readFileSync, writeFileSync } from 'node:fs';

/** Not `resourceUsage`, whose peak begins with that of the process that started this one. */
function peakKiB() {
  const line = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync('/proc/self/status', 'utf8'));
  return line?.[1] ?? '';
}

process.on('exit', () => writeFileSync(process.env.PEAK_FILE, peakKiB()));
