// Plombe as a scanner of Harbor: the pluggable scanner API v1.2 (goharbor/pluggable-scanner-spec) on one listener.
import { createHash, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { kibibyte, messageOf, PlombeError } from '@plombe/kit';
import type { Context } from '@plombe/model';
import { listen, type ListenOptions } from '../registry/listener.ts';
import { createJobs, defaultJobLimits, type JobLimits, type Jobs, type Wanted } from './jobs.ts';
import {
  acceptedReport,
  errorType,
  isSbomMediaType,
  metadataTypes,
  plainType,
  reportTypes,
  requestTypes,
  responseType,
  scannable,
  sbomFormats,
} from './media-types.ts';
import { scannerOf } from './report.ts';
import { readScanRequest } from './scan-request.ts';
import { scanArtifact, type ScanParts } from './scan.ts';

export interface ScannerAdapterOptions extends ListenOptions {
  /** Origins of the registries that may be asked, as Harbor names them in its requests. */
  readonly registries: readonly URL[];
  /** Any of these lets in: as Bearer, as `X-ScannerAdapter-API-Key`, or as the password of Basic. Empty: everybody is let in. */
  readonly tokens: readonly string[];
  readonly parts: ScanParts;
  readonly limits?: Partial<JobLimits>;
}

/** A running adapter. */
export interface ScannerAdapter {
  /** `http://127.0.0.1:8080`; Harbor's "Endpoint". */
  readonly url: string;
  /** Ends the scans that run; Harbor asks again. */
  close(): Promise<void>;
}

/** A request has some KiB: two long names and a token (T35). */
const maxRequestBytes = 64 * kibibyte;
const maxRequestMs = 30_000;
/** Seconds after which Harbor asks again. */
const refreshSeconds = 5;
const graceMs = 2000;

/** Starts the adapter. Throws `config/invalid` where the address, key or certificate cannot be used. */
export async function startScannerAdapter(options: ScannerAdapterOptions, ctx: Context): Promise<ScannerAdapter> {
  const jobs = createJobs(
    (order, context) => scanArtifact(order, options.parts, context),
    { ...defaultJobLimits, ...options.limits },
    ctx,
  );
  const listener = await listen((request, response) => {
    answer(request, options, jobs)
      .catch((thrown: unknown): Reply => {
        ctx.log.warn('scanner-adapter.error', { cause: messageOf(thrown) });
        return fail(500, 'The scanner failed; its log says why.');
      })
      .then((reply) => send(request, response, reply))
      .catch(() => response.destroy());
  }, options);
  return {
    url: listener.url,
    close: async () => {
      await jobs.close();
      await listener.close(graceMs);
    },
  };
}

interface Reply {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

function send(request: IncomingMessage, response: ServerResponse, { status, headers = {}, body = '' }: Reply): void {
  const length = String(Buffer.byteLength(body));
  response.writeHead(status, {
    ...headers,
    'content-length': length,
    'cache-control': 'no-store',
    // Bytes of a request that were not read would be taken for the next one.
    ...(request.complete ? {} : { connection: 'close' }),
  });
  response.end(body);
}

function fail(status: number, message: string, headers: Readonly<Record<string, string>> = {}): Reply {
  return { status, headers: { 'content-type': errorType, ...headers }, body: JSON.stringify({ error: { message } }) };
}

async function answer(request: IncomingMessage, options: ScannerAdapterOptions, jobs: Jobs): Promise<Reply> {
  const { method = '', url = '' } = request;
  const [path = '', search = ''] = url.split('?', 2);
  if (path === '/healthz' && method === 'GET') return { status: 200 };
  if (!isKnown(request, options.tokens)) {
    return fail(401, 'A token is needed.', { 'www-authenticate': 'Bearer realm="plombe scanner adapter"' });
  }
  if (path === '/api/v1/metadata') return method === 'GET' ? metadata(request, options) : notAllowed('GET');
  if (path === '/api/v1/scan') return method === 'POST' ? accept(request, options, jobs) : notAllowed('POST');
  const id = /^\/api\/v1\/scan\/([0-9a-f]{32})\/report$/.exec(path)?.[1];
  if (id !== undefined)
    return method === 'GET' ? report(request, new URLSearchParams(search), id, jobs) : notAllowed('GET');
  return { status: 404 };
}

function notAllowed(allow: string): Reply {
  return fail(405, `Only ${allow} is answered here.`, { allow });
}

/** Compares with every token in constant time. */
function isKnown({ headers }: IncomingMessage, tokens: readonly string[]): boolean {
  if (tokens.length === 0) return true;
  const given = tokenOf(headers.authorization ?? '', headers['x-scanneradapter-api-key']);
  const hash = (text: string): Buffer => createHash('sha256').update(text).digest();
  let found = false;
  for (const token of tokens) found = timingSafeEqual(hash(token), hash(given)) || found;
  return found && given !== '';
}

function tokenOf(authorization: string, key: string | string[] | undefined): string {
  if (typeof key === 'string') return key;
  const [, scheme = '', value = ''] = /^(Bearer|Basic) +(\S+)$/i.exec(authorization) ?? [];
  if (scheme.toLowerCase() !== 'basic') return value;
  const pair = Buffer.from(value, 'base64').toString('utf8');
  return pair.slice(pair.indexOf(':') + 1);
}

function metadata({ headers }: IncomingMessage, { parts }: ScannerAdapterOptions): Reply {
  const accept = (headers.accept ?? '').split(',').map(plainType);
  const type =
    accept.find((one) => one === metadataTypes.current || one === metadataTypes.old) ?? metadataTypes.current;
  const { native, generic, raw, sbom } = reportTypes;
  const updated = parts.databaseBuiltAt();
  const body = {
    scanner: scannerOf(parts.version),
    capabilities: [
      { type: 'vulnerability', consumes_mime_types: scannable, produces_mime_types: [generic, native, raw] },
      {
        type: 'sbom',
        consumes_mime_types: scannable,
        produces_mime_types: [sbom],
        additional_attributes: { sbom_media_types: Object.keys(sbomFormats) },
      },
    ],
    properties: {
      'harbor.scanner-adapter/scanner-type': 'os-package-vulnerability',
      'harbor.scanner-adapter/registry-authorization-type': 'Basic',
      ...(updated === undefined ? {} : { 'harbor.scanner-adapter/vulnerability-database-updated-at': updated }),
    },
  };
  return { status: 200, headers: { 'content-type': type }, body: JSON.stringify(body) };
}

async function accept(request: IncomingMessage, options: ScannerAdapterOptions, jobs: Jobs): Promise<Reply> {
  if (!requestTypes.includes(plainType(request.headers['content-type'] ?? ''))) {
    return fail(400, `The content type must be ${requestTypes[0] ?? ''}.`);
  }
  const text = await readText(request);
  if (text === undefined) return fail(400, `The request is larger than ${maxRequestBytes} bytes, or came too slowly.`);
  const order = readScanRequest(text, options.registries);
  if ('status' in order) return fail(order.status, order.message);
  const id = jobs.accept(order);
  if (id === undefined) return fail(500, 'Too many scans wait; try again later.', { 'retry-after': '60' });
  return { status: 202, headers: { 'content-type': responseType }, body: JSON.stringify({ id }) };
}

async function readText(request: IncomingMessage): Promise<string | undefined> {
  const chunks: Buffer[] = [];
  let size = 0;
  const timer = setTimeout(() => request.destroy(), maxRequestMs);
  try {
    for await (const chunk of request as AsyncIterable<Buffer>) {
      size += chunk.length;
      if (size > maxRequestBytes) return undefined;
      chunks.push(chunk);
    }
    return Buffer.concat(chunks).toString('utf8');
  } finally {
    clearTimeout(timer);
  }
}

function report({ headers }: IncomingMessage, query: URLSearchParams, id: string, jobs: Jobs): Reply {
  const outcome = jobs.outcome(id);
  if (outcome === undefined) return { status: 404 };
  const kind = acceptedReport(headers.accept);
  if (kind === undefined) return fail(501, 'This scanner writes no report of the types that are accepted.');
  let wanted: Wanted;
  if (kind === 'sbom') {
    const mediaType = query.get('sbom_media_type') ?? '';
    if (!isSbomMediaType(mediaType)) {
      return fail(400, `sbom_media_type must be one of ${Object.keys(sbomFormats).join(', ')}.`);
    }
    wanted = mediaType;
  } else wanted = kind;
  if (outcome.kind === 'running') return { status: 302, headers: { 'refresh-after': String(refreshSeconds) } };
  if (outcome.kind === 'failed') return fail(500, outcome.message);
  const body = outcome.reports.get(wanted);
  if (body === undefined) return fail(400, 'The scan was not asked for this report.');
  return { status: 200, headers: { 'content-type': reportTypes[kind] }, body };
}

/** Reads `http://host:port` and `https://host`. Throws `config/invalid` for anything else. */
export function registryOrigin(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const isOrigin = url !== undefined && /^https?:$/.test(url.protocol) && `${url.origin}/` === url.href;
  if (isOrigin) return url;
  throw new PlombeError(
    'config/invalid',
    '--registry must be an address without path or login, as https://harbor.example.com.',
    {
      remedy:
        'Write the address that Harbor gives scanners: its external one, or http://core:8080 within its own network.',
    },
  );
}
