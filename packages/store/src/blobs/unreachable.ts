// What an object store says when it fails, in words of the store.
import { inert, PlombeError } from '@plombe/kit';

/** Returns `store/unreachable` with status and code of the answer; never its text, which repeats addresses with signatures. */
export function unreachable(place: string, cause: unknown): PlombeError {
  const { status, code } = answerOf(cause);
  const said = [status === undefined ? '' : String(status), code ?? ''].filter((part) => part !== '').join(' ');
  return new PlombeError(
    'store/unreachable',
    `${place} ${said === '' ? 'did not answer' : `answered ${inert(said)}`}.`,
    {
      cause,
    },
  );
}

/** Status and code out of an error of either SDK, or of the system. */
export function answerOf(error: unknown): { readonly status?: number; readonly code?: string } {
  if (!(error instanceof Error)) return {};
  const { statusCode, $metadata, code, name } = error as Error & {
    readonly statusCode?: unknown;
    readonly $metadata?: { readonly httpStatusCode?: unknown };
    readonly code?: unknown;
  };
  const status = statusCode ?? $metadata?.httpStatusCode;
  const known = typeof code === 'string' ? code : name === 'Error' ? undefined : name;
  return {
    ...(typeof status === 'number' ? { status } : {}),
    ...(known === undefined ? {} : { code: known.slice(0, 100) }),
  };
}
