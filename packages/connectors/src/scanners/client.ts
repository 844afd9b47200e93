// A client of Harbor's scanner adapters (pluggable scanner API 1.0 to 1.2): what the scanner can, a scan, and its report once there is one.
import { setTimeout as sleep } from 'node:timers/promises';
import {
  decodeText,
  inert,
  isObject,
  kibibyte,
  mebibyte,
  objectField,
  objectsField,
  PlombeError,
  textField,
  textsField,
} from '@plombe/kit';
import type { JsonObject } from '@plombe/kit';
import type { Context, Digest } from '@plombe/model';
import {
  createHttpClient,
  statusError,
  withRetries,
  type HttpResponse,
  type NetworkOptions,
  type RetryOptions,
} from '@plombe/oci';
import { readScanner, readScannerReport, type ReportingScanner, type ScannerReport } from './findings.ts';

export interface ScannerClientOptions {
  /** `https://scanner.example.com`, below which `/api/v1` is. Plain http where it says so. */
  readonly url: string;
  /** Value of `Authorization` for the adapter itself; absent: none. */
  readonly authorization?: string;
  /** Sent as `X-ScannerAdapter-API-Key`. */
  readonly apiKey?: string;
  readonly network: NetworkOptions;
  readonly retry?: Partial<RetryOptions>;
}

/** What is to be scanned. The scanner pulls it itself. */
export interface ScanTask {
  /** `https://registry.example.com`, as the scanner reaches it. */
  readonly registryUrl: string;
  /** Sent to the scanner, which sends it to the registry. It is a secret that leaves this machine: absent unless somebody asked for that. */
  readonly registryAuthorization?: string;
  readonly repository: string;
  readonly digest: Digest;
  readonly tag?: string;
  readonly mediaType: string;
}

export interface ScannerMetadata {
  readonly scanner: ReportingScanner;
  /** Media types of manifests that it takes for vulnerabilities, and of reports that it writes of them. */
  readonly consumes: readonly string[];
  readonly produces: readonly string[];
  readonly properties: Readonly<Record<string, string>>;
}

export interface ScannerClient {
  metadata(signal: AbortSignal): Promise<ScannerMetadata>;
  /** Scans and waits. Throws `scanner/refused` where the scanner cannot, will not or fails. */
  scan(task: ScanTask, signal: AbortSignal): Promise<ScannerReport>;
  close(): void;
}

const types = {
  metadata:
    'application/vnd.scanner.adapter.metadata+json; version=1.1, application/vnd.scanner.adapter.metadata+json; version=1.0',
  request: 'application/vnd.scanner.adapter.scan.request+json; version=1.0',
  generic: 'application/vnd.security.vulnerability.report; version=1.1',
  native: 'application/vnd.scanner.adapter.vuln.report.harbor+json; version=1.0',
} as const;

const maxAnswerBytes = mebibyte;
const maxErrorBytes = 64 * kibibyte;
/** 200,000 findings with descriptions. */
const maxReportBytes = 256 * mebibyte;
/** A scanner may ask to wait; more than a minute between two questions makes no scan faster. */
const maxWaitMs = 60_000;
const usualWaitMs = 5000;
/** How often a report is asked for: with the usual wait, half an hour. */
const maxQuestions = 360;
const retryRules: RetryOptions = { attempts: 5, baseMs: 500, maxWaitMs: 30_000 };

/** Opens a client; `close` gives back its connections. Throws `config/invalid` for an address that is none. */
export function openScannerClient(options: ScannerClientOptions, ctx: Context): ScannerClient {
  const base = baseOf(options.url);
  const client = createHttpClient(options.network, ctx);
  const retry = { ...retryRules, ...options.retry };
  const own = {
    ...(options.authorization === undefined ? {} : { authorization: options.authorization }),
    ...(options.apiKey === undefined ? {} : { 'x-scanneradapter-api-key': options.apiKey }),
  };

  async function once(
    method: 'GET' | 'POST',
    path: string,
    headers: Readonly<Record<string, string>>,
    signal: AbortSignal,
    body?: string,
  ): Promise<HttpResponse> {
    const response = await client.send({
      method,
      url: new URL(`${base}/api/v1${path}`),
      // The user named this host. No redirect of it is ever followed: 302 means "not yet" (T33).
      limit: 'loopback',
      signal,
      headers: { ...own, ...headers },
      ...(body === undefined ? {} : { body }),
    });
    if ([200, 202, 302].includes(response.status)) return response;
    throw await failureOf(response, `${method} ${path}`);
  }

  async function failureOf(response: HttpResponse, what: string): Promise<PlombeError> {
    const { status } = response;
    const said = saidBy(decodeText((await response.readAll(maxErrorBytes)) ?? new Uint8Array()));
    const { host } = new URL(base);
    // 500 with a reason is the scanner's answer: the scan failed, and asking again gives the same.
    if (status === 429 || status === 408 || (status >= 500 && status !== 501 && said === '')) {
      return statusError(host, status, response.headers['retry-after'], ctx.clock.nowMs());
    }
    const why = said === '' ? '' : `: ${said}`;
    if (status === 401 || status === 403) {
      return new PlombeError(
        'registry/unauthorized',
        `The scanner ${host} refuses the login it got (${status})${why}.`,
        {
          remedy: "Give the token of the scanner adapter: --token-file FILE. It is not the registry's.",
        },
      );
    }
    if (status === 501) return new PlombeError('scanner/refused', `The scanner ${host} cannot do this${why}.`);
    return new PlombeError('scanner/refused', `The scanner ${host} answered ${what} with ${status}${why}.`);
  }

  const call = (...parameters: Parameters<typeof once>): Promise<HttpResponse> =>
    withRetries(retry, ctx, parameters[3], () => once(...parameters));

  async function readObject(response: HttpResponse): Promise<JsonObject> {
    const bytes = await response.readAll(maxAnswerBytes);
    try {
      const document: unknown = JSON.parse(decodeText(bytes ?? new Uint8Array()));
      if (isObject(document)) return document;
    } catch {
      // Said below.
    }
    throw new PlombeError('registry/invalid-answer', `The scanner at ${new URL(base).host} answered no JSON object.`);
  }

  async function metadata(signal: AbortSignal): Promise<ScannerMetadata> {
    const document = await readObject(await call('GET', '/metadata', { accept: types.metadata }, signal));
    // Without a type it is vulnerabilities: that is all there was before version 1.2.
    const own = objectsField(document, 'capabilities').filter(
      (capability) => (textField(capability, 'type') ?? 'vulnerability') === 'vulnerability',
    );
    const properties = Object.entries(objectField(document, 'properties') ?? {}).flatMap(([key, value]) =>
      typeof value === 'string' ? [[key, value] as const] : [],
    );
    return {
      scanner: readScanner(objectField(document, 'scanner') ?? {}),
      consumes: own.flatMap((capability) => textsField(capability, 'consumes_mime_types')),
      produces: own.flatMap((capability) => textsField(capability, 'produces_mime_types')),
      properties: Object.fromEntries(properties),
    };
  }

  async function waitForReport(
    id: string,
    accept: string,
    digest: Digest,
    signal: AbortSignal,
  ): Promise<ScannerReport> {
    const path = `/scan/${encodeURIComponent(id)}/report`;
    for (let asked = 0; asked < maxQuestions; asked++) {
      const response = await call('GET', path, { accept }, signal);
      if (response.status === 200) {
        const bytes = await response.readAll(maxReportBytes);
        if (bytes !== undefined) return readScannerReport(decodeText(bytes), digest);
        throw new PlombeError(
          'registry/invalid-answer',
          `The report of the scanner is larger than ${maxReportBytes} bytes.`,
        );
      }
      await response.discard();
      const after = Number(response.headers['refresh-after'] ?? response.headers['retry-after']);
      const waitMs = Number.isFinite(after) && after >= 0 ? Math.min(after * 1000, maxWaitMs) : usualWaitMs;
      await sleep(waitMs, undefined, { signal }).catch(() => undefined);
      signal.throwIfAborted();
    }
    throw new PlombeError('scanner/refused', `The scanner had no report after ${maxQuestions} questions.`);
  }

  return {
    metadata,
    scan: async (task, signal) => {
      const { scanner, consumes, produces } = await metadata(signal);
      if (!consumes.includes(task.mediaType)) {
        throw new PlombeError('scanner/refused', `${inert(scanner.name)} reads no ${inert(task.mediaType)}.`);
      }
      const accept = [types.generic, types.native].find((type) => produces.map(plain).includes(plain(type)));
      if (accept === undefined) {
        throw new PlombeError('scanner/refused', `${inert(scanner.name)} writes no report that Plombe reads.`);
      }
      const headers = { 'content-type': types.request };
      const accepted = await readObject(await call('POST', '/scan', headers, signal, JSON.stringify(requestOf(task))));
      const id = textField(accepted, 'id') ?? '';
      if (id === '' || id.length > 500 || id === '.' || id === '..' || !id.isWellFormed()) {
        throw new PlombeError('registry/invalid-answer', 'The scanner gave no id to ask its report with.');
      }
      return waitForReport(id, accept, task.digest, signal);
    },
    close: () => client.close(),
  };
}

function requestOf({ registryUrl, registryAuthorization, repository, digest, tag, mediaType }: ScanTask): object {
  return {
    registry: {
      url: registryUrl,
      ...(registryAuthorization === undefined ? {} : { authorization: registryAuthorization }),
    },
    artifact: { repository, digest, mime_type: mediaType, ...(tag === undefined ? {} : { tag }) },
  };
}

function plain(type: string): string {
  return type.toLowerCase().replaceAll(' ', '');
}

function saidBy(text: string): string {
  try {
    const document: unknown = JSON.parse(text);
    const error = isObject(document) ? objectField(document, 'error') : undefined;
    return inert((textField(error ?? {}, 'message') ?? '').slice(0, 1000));
  } catch {
    return '';
  }
}

function baseOf(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const isPlain =
    url !== undefined && url.username === '' && url.password === '' && url.search === '' && url.hash === '';
  if (isPlain && /^https?:$/.test(url.protocol)) return url.href.replace(/\/$/, '').replace(/\/api\/v1$/, '');
  throw new PlombeError('config/invalid', `"${inert(text.slice(0, 200))}" is no address of a scanner.`, {
    remedy: 'Write https://scanner.example.com, without login.',
  });
}
