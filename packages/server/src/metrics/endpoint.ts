// `GET /metrics`, on a listener of its own: figures of a server are not for its clients.
import type { RequestListener } from 'node:http';
import type { ServerMetrics } from './server-metrics.ts';

/** Returns the listener. */
export function metricsEndpoint({ text }: Pick<ServerMetrics, 'text'>): RequestListener {
  return ({ url = '', method }, response) => {
    const isThere = url.split('?', 1)[0] === '/metrics';
    const isRead = method === 'GET' || method === 'HEAD';
    const body = Buffer.from(isThere && isRead ? text() : '');
    response.writeHead(isThere ? (isRead ? 200 : 405) : 404, {
      'content-type': 'text/plain; version=0.0.4; charset=utf-8',
      'content-length': body.length,
      ...(isRead ? {} : { connection: 'close' }),
    });
    response.end(method === 'HEAD' ? undefined : body);
  };
}
