// Why a request is not done, in the words of the distribution specification ("Error Codes").
import type { OutgoingHttpHeaders, ServerResponse } from 'node:http';
import { inert } from '@plombe/kit';

/** Code → status. The last three are docker's and ours: what the specification has no word for. */
const statuses = {
  BLOB_UNKNOWN: 404,
  BLOB_UPLOAD_INVALID: 400,
  BLOB_UPLOAD_UNKNOWN: 404,
  DIGEST_INVALID: 400,
  MANIFEST_BLOB_UNKNOWN: 400,
  MANIFEST_INVALID: 400,
  MANIFEST_UNKNOWN: 404,
  NAME_INVALID: 400,
  NAME_UNKNOWN: 404,
  SIZE_INVALID: 413,
  UNAUTHORIZED: 401,
  DENIED: 403,
  UNSUPPORTED: 405,
  TOOMANYREQUESTS: 429,
  PAGINATION_NUMBER_INVALID: 400,
  TAG_INVALID: 400,
  UNKNOWN: 500,
} as const;

export type RefusalCode = keyof typeof statuses;

export interface RefusalOptions {
  /** Where it is not the code's own. */
  readonly status?: number;
  readonly headers?: OutgoingHttpHeaders;
  readonly detail?: unknown;
}

/** Thrown by whatever answers a request; becomes the answer. `message` ends in the terminal of the client. */
export class Refused extends Error {
  readonly code: RefusalCode;
  readonly status: number;
  readonly headers: OutgoingHttpHeaders;
  readonly detail: unknown;

  constructor(code: RefusalCode, message: string, options: RefusalOptions = {}) {
    super(inert(message));
    this.name = 'Refused';
    this.code = code;
    this.status = options.status ?? statuses[code];
    this.headers = options.headers ?? {};
    this.detail = options.detail;
  }
}

/** Writes the answer; `withBody` false for HEAD. */
export function answerRefused(response: ServerResponse, refused: Refused, withBody: boolean): void {
  const { code, message, detail } = refused;
  const body = Buffer.from(
    JSON.stringify({ errors: [{ code, message, ...(detail === undefined ? {} : { detail }) }] }),
  );
  response.writeHead(refused.status, {
    'content-type': 'application/json; charset=utf-8',
    'content-length': body.length,
    'x-content-type-options': 'nosniff',
    ...refused.headers,
  });
  response.end(withBody ? body : undefined);
}
