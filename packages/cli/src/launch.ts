// What has to be set before anything else runs: memory. Imported first, for its effect.
import { setFlagsFromString } from 'node:v8';

/**
 * Keeps the young generation of the heap at its first size, 1 MiB each half, where V8 would let it grow to 16 MiB: bytes flow through a scan
 * and are not kept, so room for garbage gains nothing and costs up to 30 MiB (docs/adr/0006-launch-and-memory.md).
 */
setFlagsFromString('--semi-space-growth-factor=1');
