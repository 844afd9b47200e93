// A single image against the platform that was asked for.
import type { Platform } from '@plombe/model';
import { formatPlatform } from '@plombe/model';
import { inert, PlombeError } from '@plombe/kit';
import { platformRank } from '../manifest/platform.ts';

/** Throws `registry/platform` where an image that was not chosen from an index is for another platform than the one asked for. */
export function requirePlatform(wanted: Platform | undefined, found: Platform | undefined, subject: string): void {
  if (wanted === undefined || found === undefined || platformRank(wanted, found) !== undefined) return;
  throw new PlombeError(
    'registry/platform',
    `${subject} is for ${inert(formatPlatform(found))}, not for ${formatPlatform(wanted)}.`,
  );
}
