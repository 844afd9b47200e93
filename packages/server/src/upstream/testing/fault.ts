// A line to a real registry that a test can break: answers instead of it, cut bodies, silence.
import { request as httpRequest, type IncomingMessage, type ServerResponse } from 'node:http';
import { startServer } from '../../../../oci/src/testing/server.ts';

/** Answers a request instead of the registry; false: it is passed on. */
export type Fault = (request: IncomingMessage, response: ServerResponse) => boolean;

export interface FaultyLine {
  readonly host: string;
  /** Requests that came, `METHOD path`. */
  readonly requests: string[];
  /** Undefined: everything is passed on. */
  fault: Fault | undefined;
}

/** Starts it in front of a registry; it ends with the test. */
export async function startFaultyLine(target: string): Promise<FaultyLine> {
  const requests: string[] = [];
  const line: { fault: Fault | undefined } = { fault: undefined };
  const host = await startServer((request, response) => {
    requests.push(`${request.method ?? ''} ${request.url ?? ''}`);
    if (line.fault?.(request, response) === true) return void request.resume();
    const { hostname, port } = new URL(target);
    const { method, url: path, headers } = request;
    const outgoing = httpRequest({ hostname, port, method, path, headers }, (answer) => {
      response.writeHead(answer.statusCode ?? 500, answer.headers);
      answer.pipe(response);
    });
    outgoing.once('error', () => response.destroy());
    return void request.pipe(outgoing);
  });
  return {
    host,
    requests,
    get fault() {
      return line.fault;
    },
    set fault(fault) {
      line.fault = fault;
    },
  };
}

/** The registry is gone: connections break. */
export const gone: Fault = (_, response) => {
  response.destroy();
  return true;
};

/** Answers everything with a status. */
export function answering(status: number, headers: Readonly<Record<string, string>> = {}): Fault {
  return (_, response) => {
    response.writeHead(status, headers).end();
    return true;
  };
}
