// What has to be set before anything else runs: memory, and how soon code is compiled. Imported first, for its effect.
import { setFlagsFromString } from 'node:v8';

/**
 * The young generation of the heap stays at its first size, 1 MiB each half, where V8 would let it grow to 16 MiB: bytes flow through a scan
 * and are not kept, so room for garbage gains nothing and costs up to 30 MiB.
 *
 * The old generation grows by half before it is collected, where V8 lets a small one grow fourfold: 20 MiB less where many packages are found.
 *
 * Functions are compiled after some ten times as many calls as V8 waits for by itself: most commands end before the compiler's work, on threads
 * of their own, has paid for itself. Loops over millions of entries reach these counts in the first tenth of a second.
 *
 * docs/adr/0006-launch-and-memory.md has the measurements. An unknown flag is a line on standard error, so only versions that were tried get them.
 */
const flags = [
  '--semi-space-growth-factor=1',
  '--heap-growing-percent=50',
  '--invocation-count-for-maglev=10000',
  '--invocation-count-for-maglev-osr=1500',
  '--invocation-count-for-turbofan=40000',
  '--invocation-count-for-osr=3000',
];

const v8Major = Number(process.versions.v8.split('.')[0]);
if (v8Major >= 13) setFlagsFromString(flags.join(' '));

/**
 * What V8 does by itself, for commands that are known to run long and to make much garbage: a tenth less CPU on a million records. Code stays,
 * however long it has not run: between two pushes a server reads gigabytes, and each collection would make the rest of its code older.
 */
const longFlags = [
  '--no-flush-bytecode',
  '--semi-space-growth-factor=2',
  '--invocation-count-for-maglev=400',
  '--invocation-count-for-maglev-osr=100',
  '--invocation-count-for-turbofan=3000',
  '--invocation-count-for-osr=500',
];

/** Gives up the tuning for short commands; costs up to 100 MiB. */
export function expectLongWork(): void {
  if (v8Major >= 13) setFlagsFromString(longFlags.join(' '));
}
