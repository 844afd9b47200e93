// Connections to an object store: kept open, with the operator's authorities and proxy.
import { readFileSync } from 'node:fs';
import { Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import { rootCertificates } from 'node:tls';

/** How the network is reached. */
export interface ObjectNetwork {
  /** PEM files of authorities besides Node's own. */
  readonly caFiles?: readonly string[];
  /** Addresses of proxies, and the hosts that are reached without. */
  readonly proxy?: { readonly http?: string; readonly https?: string; readonly no?: string };
}

/** Connections at once; a request beyond waits. */
const maxSockets = 64;

/** Returns the agent for requests to the endpoint. Throws where a file cannot be read. */
export function agentFor(endpoint: URL, { caFiles = [], proxy }: ObjectNetwork): HttpAgent {
  const proxyEnv = {
    ...(proxy?.http === undefined ? {} : { HTTP_PROXY: proxy.http }),
    ...(proxy?.https === undefined ? {} : { HTTPS_PROXY: proxy.https }),
    ...(proxy?.no === undefined ? {} : { NO_PROXY: proxy.no }),
  };
  const options = { keepAlive: true, maxSockets, proxyEnv };
  if (endpoint.protocol === 'http:') return new HttpAgent(options);
  const ca =
    caFiles.length === 0 ? {} : { ca: [...rootCertificates, ...caFiles.map((path) => readFileSync(path, 'utf8'))] };
  return new HttpsAgent({ ...options, ...ca });
}
