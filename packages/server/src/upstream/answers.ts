// Failures of the registry behind this one, in the words of the distribution specification; nothing of its own text reaches clients but what oci lets through.
import { askedWaitMs } from '@plombe/oci';
import { isPlombeError, messageOf } from '@plombe/kit';
import { Refused } from '../registry/refused.ts';

/** What was tried. */
export type Attempt = 'read' | 'write';

/** Clients believe `Retry-After`; none is made to wait for longer. */
const maxRetrySeconds = 600;
const retrySeconds = 5;

/** Returns what the client is told; what is no failure of a registry is given back as it is. */
export function refusalOf(error: unknown, attempt: Attempt): unknown {
  if (error instanceof Refused || !isPlombeError(error)) return error;
  const message = `plombe: the registry behind this one: ${messageOf(error)}`;
  const login = `${message} The login is this server's own: its DOCKER_CONFIG or --auth-file needs one that may do this.`;
  switch (error.code) {
    case 'registry/not-found':
      return new Refused('MANIFEST_UNKNOWN', message);
    case 'registry/unauthorized':
      // Docker's registry says so of repositories that are not there.
      return attempt === 'read' ? new Refused('NAME_UNKNOWN', login) : new Refused('DENIED', login);
    case 'registry/forbidden':
    case 'registry/credentials':
      return new Refused('DENIED', login);
    case 'registry/rate-limited':
      return new Refused('TOOMANYREQUESTS', message, { headers: retryAfter(askedWaitMs(error)) });
    case 'registry/unreachable':
      return unavailable(message, askedWaitMs(error));
    case 'registry/invalid-answer':
    case 'registry/manifest-invalid':
    case 'registry/blocked-address':
    case 'registry/tls':
    case 'registry/conflict':
    case 'archive/digest-mismatch':
      return new Refused('UNKNOWN', message, { status: 502 });
    default:
      return error;
  }
}

/** True where the registry there does not take this server's own login, or would want one. */
export function isLoginRefused(error: unknown): boolean {
  const codes: readonly string[] = ['registry/unauthorized', 'registry/forbidden', 'registry/credentials'];
  return isPlombeError(error) && codes.includes(error.code);
}

/** 503: try again later. */
export function unavailable(message: string, waitMs?: number): Refused {
  return new Refused('UNKNOWN', message, { status: 503, headers: retryAfter(waitMs) });
}

function retryAfter(waitMs: number | undefined): Record<string, string> {
  const seconds = waitMs === undefined ? retrySeconds : Math.ceil(waitMs / 1000);
  return { 'retry-after': String(Math.min(maxRetrySeconds, Math.max(1, seconds))) };
}
