// One request to the double and its answer: parsed address, body, and the shapes of error that Azure documents.
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AzureWorld, Json } from './world.ts';

export interface Exchange {
  readonly world: AzureWorld;
  readonly method: string;
  readonly host: string;
  readonly url: URL;
  readonly headers: IncomingMessage['headers'];
  readonly body: Buffer;
  readonly response: ServerResponse;
}

export function send(
  exchange: Exchange,
  status: number,
  content?: Json | Buffer,
  headers: Record<string, string> = {},
): void {
  const { response, method } = exchange;
  const bytes =
    content === undefined ? undefined : Buffer.isBuffer(content) ? content : Buffer.from(JSON.stringify(content));
  const type =
    Buffer.isBuffer(content) || content === undefined ? {} : { 'content-type': 'application/json; charset=utf-8' };
  const length = bytes === undefined ? {} : { 'content-length': String(bytes.length) };
  response.writeHead(status, { ...type, ...length, ...headers });
  response.end(method === 'HEAD' ? undefined : bytes);
}

/** Common error of ARM: `{"error":{"code","message"}}`. */
export function armError(
  exchange: Exchange,
  status: number,
  code: string,
  message: string,
  headers: Record<string, string> = {},
): void {
  send(exchange, status, { error: { code, message } }, headers);
}

/** Error of the registry: `{"errors":[{"code","message","detail"}]}`. */
export function acrError(
  exchange: Exchange,
  status: number,
  code: string,
  message: string,
  headers: Record<string, string> = {},
): void {
  send(exchange, status, { errors: [{ code, message, detail: null }] }, headers);
}

/** Records what real Azure has no answer for; the test fails at its end. */
export function violation(exchange: Exchange, what: string): void {
  exchange.world.violations.push(
    `${what}: ${exchange.method} ${exchange.host}${exchange.url.pathname}${exchange.url.search}`,
  );
  send(exchange, 501, { error: { code: 'NotInTheDouble', message: what } });
}

export function jsonBody(exchange: Exchange): Json {
  return JSON.parse(exchange.body.toString() || '{}') as Json;
}
