// Small answers and small bodies of the paths below /auth.
import type { IncomingMessage, OutgoingHttpHeaders, ServerResponse } from 'node:http';
import { isObject, type JsonObject } from '@plombe/kit';

/** A form or ID token: Entra's largest have some 8 KB. */
const maxBodyBytes = 65_536;

/** Read on to the end and dropped, so that the client hears the answer; beyond it the connection is closed. */
const maxDroppedBytes = 1_048_576;

/** Whoever sends has not logged in yet, so his connection is not kept open for long (T35). */
const bodyMs = 20_000;

/** Reads a body; undefined where it is too large. One that is not there whole in time breaks the connection, and throws. */
export async function readSmallBody(request: IncomingMessage, withinMs = bodyMs): Promise<string | undefined> {
  const chunks: Buffer[] = [];
  let total = 0;
  const timer = setTimeout(() => request.destroy(new Error('The body took too long to arrive.')), withinMs);
  try {
    for await (const chunk of request as AsyncIterable<Buffer>) {
      total += chunk.length;
      if (total > maxDroppedBytes) break;
      if (total <= maxBodyBytes) chunks.push(chunk);
    }
  } finally {
    clearTimeout(timer);
  }
  return total > maxBodyBytes ? undefined : Buffer.concat(chunks).toString('utf8');
}

/** True where the request says that its body is of this type, whatever its parameters. */
export function hasType(request: IncomingMessage, type: string): boolean {
  return (request.headers['content-type'] ?? '').split(';', 1)[0]?.trim().toLowerCase() === type;
}

/** Parses a JSON object; undefined for anything else. */
export function parseJsonObject(text: string): JsonObject | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return isObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

/** Answers JSON that no cache keeps. */
export function answerJson(
  response: ServerResponse,
  status: number,
  body: unknown,
  headers: OutgoingHttpHeaders = {},
): void {
  const text = JSON.stringify(body);
  response.writeHead(status, {
    'Content-Type': 'application/json',
    'Content-Length': Buffer.byteLength(text),
    'Cache-Control': 'no-store',
    'X-Content-Type-Options': 'nosniff',
    ...headers,
  });
  response.end(text);
}

/** Answers an error in the form of both the distribution specification and RFC 6749, 5.2: clients show one or the other. */
export function answerError(
  response: ServerResponse,
  status: number,
  { code, error, message }: { readonly code: string; readonly error: string; readonly message: string },
  headers: OutgoingHttpHeaders = {},
): void {
  answerJson(response, status, { errors: [{ code, message }], error, error_description: message }, headers);
}
