// What a failed connection means to a person: one code and one sentence per cause.
import { PlombeError, inert, isPlombeError, type ErrorCode } from '@plombe/kit';

const certificateCodes: ReadonlySet<string> = new Set([
  'CERT_HAS_EXPIRED',
  'CERT_NOT_YET_VALID',
  'CERT_REVOKED',
  'CERT_SIGNATURE_FAILURE',
  'CERT_UNTRUSTED',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'ERR_TLS_CERT_ALTNAME_INVALID',
  'INVALID_CA',
  'INVALID_PURPOSE',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_GET_ISSUER_CERT',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
]);

const sentences: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'refused the connection',
  ECONNRESET: 'closed the connection',
  EAI_AGAIN: 'has a name that cannot be resolved right now',
  ENOTFOUND: 'has a name that does not resolve',
  EPIPE: 'closed the connection',
  ETIMEDOUT: 'did not answer in time',
  EHOSTUNREACH: 'cannot be reached from here',
  ENETUNREACH: 'cannot be reached from here',
};

/** Turns what a socket or TLS threw into a PlombeError about `host`. A PlombeError passes as it is, also one that is the reason of the abort. */
export function connectionError(host: string, thrown: unknown, signal?: AbortSignal): PlombeError {
  if (isPlombeError(thrown)) return thrown;
  if (signal?.aborted === true) {
    if (isPlombeError(signal.reason)) return signal.reason;
    return new PlombeError('operation/cancelled', `The request to ${host} was cancelled.`, { cause: thrown });
  }
  const code = codeOf(thrown);
  const fail = (kind: ErrorCode, message: string, retryable: boolean, remedy?: string): PlombeError =>
    new PlombeError(kind, message, { cause: thrown, retryable, ...(remedy === undefined ? {} : { remedy }) });
  if (certificateCodes.has(code)) {
    // After the semicolon Node advises on its own command line, which a user of the program does not write.
    const reason = thrown instanceof Error ? inert((thrown.message.split(';')[0] as string).slice(0, 300)) : code;
    return fail('registry/tls', `The certificate of ${host} is not accepted: ${reason} (${code}).`, false);
  }
  // OpenSSL's words for an answer that is no TLS record; Node gives them a code of their own or EPROTO.
  if (
    thrown instanceof Error &&
    /wrong.version.number|packet.length.too.long|http.request/i.test(`${code} ${thrown.message}`)
  ) {
    return fail(
      'registry/tls',
      `${host} does not speak TLS.`,
      false,
      `If the registry is meant to be plain http, allow that with --plain-http ${host}.`,
    );
  }
  if (code.startsWith('ERR_SSL_') || code.startsWith('ERR_TLS_') || code === 'EPROTO') {
    return fail('registry/tls', `TLS with ${host} failed (${code}).`, false);
  }
  if (code.startsWith('HPE_')) {
    return fail('registry/invalid-answer', `${host} answered something that is not HTTP (${code}).`, false);
  }
  const sentence = sentences[code] ?? 'could not be reached';
  const retryable = code !== 'ENOTFOUND' && code !== 'ECONNREFUSED';
  return fail('registry/unreachable', `${host} ${sentence}${code === '' ? '' : ` (${code})`}.`, retryable);
}

/** A deadline passed while waiting for `what` of `host`. May be tried again. */
export function deadlineError(host: string, what: string, afterMs: number): PlombeError {
  return new PlombeError('registry/unreachable', `${host} sent no ${what} within ${afterMs / 1000} s.`, {
    retryable: true,
  });
}

function codeOf(thrown: unknown): string {
  if (typeof thrown !== 'object' || thrown === null) return '';
  const { code, errors } = thrown as { code?: unknown; errors?: unknown };
  // An AggregateError of happy eyeballs: the first address tells enough.
  if (Array.isArray(errors) && errors.length > 0) return codeOf(errors[0]);
  return typeof code === 'string' ? code : '';
}
