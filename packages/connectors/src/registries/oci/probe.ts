// What the probes from outside share: what they need, and how an answer that was not had is told.
import type { Context } from '@plombe/model';
import { isPlombeError, messageOf } from '@plombe/kit';
import type { OpenTransport } from '@plombe/oci';
import { known, unknown } from '../../posture/facts.ts';
import type { Known } from '../connector.ts';
import type { ConnectorOptions } from '../options.ts';

/** A repository to try, and a tag of it where one is known. */
export interface Sample {
  readonly repository: string;
  readonly tag?: string;
}

/** What all probes need. */
export interface Probe {
  readonly options: ConnectorOptions;
  /** Without credentials. */
  readonly stranger: OpenTransport;
  /** With the login of the command. */
  readonly own: OpenTransport;
  readonly samples: readonly Sample[];
  readonly signal: AbortSignal;
  readonly ctx: Context;
}

/** Why nothing could be tried. */
export const noSample =
  'No repository is known to try: the catalog is empty, or closed to this login; name one with --repository.';

/** Runs one probe; a failure is its reason, cancelling ends all. */
export async function answered<T>(
  { signal }: Pick<Probe, 'signal'>,
  ask: () => Promise<T | Known<T>>,
): Promise<Known<T>> {
  try {
    const value = await ask();
    return isKnown(value) ? value : known(value);
  } catch (thrown) {
    signal.throwIfAborted();
    return unknown(messageOf(thrown));
  }
}

function isKnown<T>(value: T | Known<T>): value is Known<T> {
  return typeof value === 'object' && value !== null && 'kind' in value;
}

/** True for the errors by which a registry says no. */
export function isRefusal(thrown: unknown): boolean {
  return (
    isPlombeError(thrown, 'registry/unauthorized') ||
    isPlombeError(thrown, 'registry/forbidden') ||
    isPlombeError(thrown, 'registry/not-found') ||
    isPlombeError(thrown, 'registry/invalid-answer')
  );
}
