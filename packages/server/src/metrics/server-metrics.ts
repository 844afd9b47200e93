// The figures of a running server, taken at its seams: the listener, the accounts, the gate.
import type { IncomingMessage, RequestListener } from 'node:http';
import type { Socket } from 'node:net';
import { isRefusal, type Authenticator, type Gate } from '../registry/ports.ts';
import { parseRoute } from '../registry/route.ts';
import { createMeter } from './meter.ts';

const routes = [
  'base',
  'catalog',
  'manifest',
  'blob',
  'uploads',
  'upload',
  'tags',
  'referrers',
  'auth',
  'health',
  'other',
] as const;
const methods = ['GET', 'HEAD', 'PUT', 'POST', 'PATCH', 'DELETE', 'other'] as const;
/** `broken`: the connection ended before the answer did. */
const statuses = ['2xx', '3xx', '4xx', '5xx', 'broken'] as const;
const decisions = ['accept', 'quarantine', 'deny', 'failed'] as const;

/** What the figures are read from that others keep. */
export interface Watched {
  readonly gate: Gate;
  readonly uploads: { open(): number };
}

/** Counts at the seams of one server. Each `watch…` returns what it was given, counted. */
export interface ServerMetrics {
  watchRequests(listener: RequestListener): RequestListener;
  watchAuthenticator(authenticator: Authenticator): Authenticator;
  watchGate(gate: Gate): Gate;
  /** Counts the bytes of a connection, as they are after TLS. */
  readonly connected: (socket: Socket) => void;
  /** A connection was refused because there are too many. */
  readonly dropped: () => void;
  /** Shows what gate and uploads say of themselves. */
  watch(parts: Watched): void;
  /** All of it in the text format of Prometheus. */
  text(): string;
}

/** Creates the figures of one server, all zero. */
export function createServerMetrics(): ServerMetrics {
  const meter = createMeter();
  const requests = meter.counter('plombe_http_requests_total', 'Requests by what they asked for and how they ended.', {
    route: routes,
    method: methods,
    status: statuses,
  });
  const decided = meter.counter('plombe_gate_decisions_total', 'What the gate did with pushes, and pulls it refused.', {
    at: ['push', 'pull'],
    decision: decisions,
  });
  const live = new Set<Socket>();
  const ended = { received: 0, sent: 0, dropped: 0, throttled: 0 };
  const sum = (bytes: (socket: Socket) => number): number => live.values().reduce((all, one) => all + bytes(one), 0);
  meter.figure('plombe_http_received_bytes_total', 'Bytes from clients.', 'total', () => {
    return ended.received + sum(({ bytesRead }) => bytesRead);
  });
  meter.figure('plombe_http_sent_bytes_total', 'Bytes to clients.', 'total', () => {
    return ended.sent + sum(({ bytesWritten }) => bytesWritten);
  });
  meter.figure('plombe_http_connections', 'Connections of clients.', 'gauge', () => live.size);
  meter.figure('plombe_dropped_connections_total', 'Connections refused for there are too many.', 'total', () => {
    return ended.dropped;
  });
  meter.figure('plombe_throttled_logins_total', 'Logins that had to wait after too many failures.', 'total', () => {
    return ended.throttled;
  });

  return {
    text: () => meter.text(),
    dropped: () => void (ended.dropped += 1),
    connected: (socket) => {
      live.add(socket);
      socket.once('close', () => {
        live.delete(socket);
        ended.received += socket.bytesRead;
        ended.sent += socket.bytesWritten;
      });
    },
    watchRequests: (listener) => (request, response) => {
      // Before anything can have changed it.
      const labels = { route: routeOf(request), method: methodOf(request) };
      response.once('close', () => requests.add({ ...labels, status: statusOf(response) }));
      listener(request, response);
    },
    watchAuthenticator: (authenticator) => ({
      authenticate: async (request, needs) => {
        const answer = await authenticator.authenticate(request, needs);
        if (isRefusal(answer) && answer.status === 429) ended.throttled += 1;
        return answer;
      },
      handle: async (request, response) => {
        const isHandled = await authenticator.handle(request, response);
        if (isHandled && response.statusCode === 429) ended.throttled += 1;
        return isHandled;
      },
    }),
    watchGate: (gate) => ({
      ...gate,
      judge: async (push) => {
        try {
          const verdict = await gate.judge(push);
          decided.add({ at: 'push', decision: verdict.kind });
          return verdict;
        } catch (thrown) {
          decided.add({ at: 'push', decision: 'failed' });
          throw thrown;
        }
      },
      pull: (repository, digest, by) => {
        const refusal = gate.pull(repository, digest, by);
        if (refusal !== undefined) decided.add({ at: 'pull', decision: 'deny' });
        return refusal;
      },
    }),
    watch: ({ gate, uploads }) => {
      meter.figure('plombe_uploads_open', 'Uploads begun and neither stored nor given up.', 'gauge', () => {
        return uploads.open();
      });
      const { figures } = gate;
      if (figures === undefined) return;
      meter.figure('plombe_gate_scans_waiting', 'Layers and images that scanners are asked for.', 'gauge', () => {
        return figures().scansWaiting;
      });
      meter.figure('plombe_gate_judgements_waiting', 'Manifests to be judged anew.', 'gauge', () => {
        return figures().judgementsWaiting;
      });
      meter.figure('plombe_gate_attestations_waiting', 'Images whose evidence is to be attached.', 'gauge', () => {
        return figures().attestationsWaiting;
      });
      meter.figure('plombe_ledger_failures_total', 'Batches of records that the ledger did not take.', 'total', () => {
        return figures().ledgerFailures;
      });
    },
  };
}

function routeOf({ url = '' }: IncomingMessage): (typeof routes)[number] {
  const [path = ''] = url.split('?', 1);
  if (path === '/healthz' || path === '/readyz') return 'health';
  if (path === '/auth' || path.startsWith('/auth/')) return 'auth';
  try {
    return parseRoute(path)?.kind ?? 'other';
  } catch {
    return 'other';
  }
}

function methodOf({ method = '' }: IncomingMessage): (typeof methods)[number] {
  return methods.find((known) => known === method) ?? 'other';
}

function statusOf(response: {
  readonly statusCode: number;
  readonly writableFinished: boolean;
}): (typeof statuses)[number] {
  const status = `${Math.floor(response.statusCode / 100)}xx`;
  return response.writableFinished ? (statuses.find((known) => known === status) ?? 'broken') : 'broken';
}
