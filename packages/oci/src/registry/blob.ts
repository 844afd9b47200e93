// Blobs as streams that survive a broken connection: what is missing is asked for again, and only that.
import type { Descriptor } from '@plombe/model';
import { PlombeError, concatBytes, isPlombeError } from '@plombe/kit';
import type { HttpResponse } from '../network/client.ts';
import type { Transport } from './transport.ts';

export interface BlobRequest {
  readonly registry: string;
  readonly repository: string;
  readonly descriptor: Pick<Descriptor, 'digest' | 'sizeBytes'>;
  /** First byte wanted. */
  readonly offset?: number;
  readonly signal: AbortSignal;
}

/** Broken connections in a row without a byte of progress, and in all: a day's download over a bad line stays possible. */
const maxIdleBreaks = 5;
const maxBreaks = 50;

/**
 * Yields the bytes of a blob from `offset` to its end, exactly as many as its descriptor says, resuming by range requests
 * (RFC 9110, 14). Throws `registry/invalid-answer` where there are more or a range is not the one asked for, and the last
 * connection error where there are fewer. The digest is the reader's to check: it hashes what it inflates.
 */
export async function* openBlob(transport: Transport, request: BlobRequest): AsyncGenerator<Uint8Array, void> {
  const { descriptor, registry, repository, signal } = request;
  const size = descriptor.sizeBytes;
  let at = request.offset ?? 0;
  let idleBreaks = 0;
  for (let breaks = 0; at < size; breaks++) {
    const start = at;
    const response = await transport.get({
      registry,
      repository,
      path: `/v2/${repository}/blobs/${descriptor.digest}`,
      pool: 'blobs',
      signal,
      ...(at === 0 ? {} : { range: `bytes=${at}-` }),
    });
    let skip = 0;
    try {
      skip = bytesToSkip(response, at, request);
      checkLength(response, at - skip, request);
    } catch (error) {
      await response.discard();
      throw error;
    }
    try {
      for await (const chunk of response.body) {
        const wanted = skip === 0 ? chunk : chunk.subarray(Math.min(skip, chunk.length));
        skip -= chunk.length - wanted.length;
        if (wanted.length === 0) continue;
        if (at + wanted.length > size) throw tooLong(request);
        at += wanted.length;
        yield wanted;
      }
      if (at < size) throw truncated(request, at);
    } catch (error) {
      if (!isPlombeError(error) || !error.retryable || signal.aborted) throw error;
      idleBreaks = at === start ? idleBreaks + 1 : 0;
      if (idleBreaks >= maxIdleBreaks || breaks >= maxBreaks) throw error;
    }
  }
}

/**
 * Reads exactly `length` bytes of a blob from `offset` on. Throws `registry/invalid-answer` where the registry answers with anything but that range:
 * it may not know ranges, and the blob is then better read as a whole. The digest is the reader's to check.
 */
export async function readBlobRange(transport: Transport, request: BlobRequest, length: number): Promise<Uint8Array> {
  const { descriptor, registry, repository, signal, offset = 0 } = request;
  return transport.retry(signal, async () => {
    const response = await transport.getOnce({
      registry,
      repository,
      path: `/v2/${repository}/blobs/${descriptor.digest}`,
      pool: 'blobs',
      signal,
      range: `bytes=${offset}-${offset + length - 1}`,
    });
    const range = /^bytes ([0-9]+)-([0-9]+)\/(?:[0-9]+|\*)$/.exec(response.headers['content-range'] ?? '');
    const asked = range !== null && Number(range[1]) === offset && Number(range[2]) === offset + length - 1;
    if (response.status !== 206 || !asked) {
      await response.discard();
      throw new PlombeError(
        'registry/invalid-answer',
        `${registry} does not answer with the range of ${descriptor.digest} asked for.`,
      );
    }
    const bytes = await response.readAll(length);
    if (bytes?.length === length) return bytes;
    throw new PlombeError(
      'registry/invalid-answer',
      `${registry} sends another number of bytes of ${descriptor.digest} than it says.`,
    );
  });
}

/** Reads a small blob whole. The size is the descriptor's; the digest is the caller's to verify. */
export async function readBlob(transport: Transport, request: BlobRequest): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of openBlob(transport, request)) chunks.push(chunk);
  return concatBytes(chunks);
}

/** A 206 must start where it was asked to; a 200 has the blob from its start, whatever was asked. */
function bytesToSkip(response: HttpResponse, at: number, request: BlobRequest): number {
  if (response.status !== 206) return at;
  const range = /^bytes ([0-9]+)-([0-9]+)\/(?:[0-9]+|\*)$/.exec(response.headers['content-range'] ?? '');
  if (range !== null && Number(range[1]) === at && Number(range[2]) < request.descriptor.sizeBytes) return 0;
  throw new PlombeError(
    'registry/invalid-answer',
    `${request.registry} answered with another range of ${request.descriptor.digest} than asked for (from byte ${at}).`,
  );
}

/** A Content-Length that promises more than the descriptor is refused before the first byte. */
function checkLength(response: HttpResponse, from: number, request: BlobRequest): void {
  const length = response.headers['content-length'];
  if (length !== undefined && from + Number(length) > request.descriptor.sizeBytes) throw tooLong(request);
}

function tooLong(request: BlobRequest): PlombeError {
  const { digest, sizeBytes } = request.descriptor;
  return new PlombeError(
    'registry/invalid-answer',
    `${request.registry} sends more than the ${sizeBytes} bytes of ${digest}.`,
  );
}

function truncated(request: BlobRequest, at: number): PlombeError {
  const { digest, sizeBytes } = request.descriptor;
  const message = `${request.registry} ended ${digest} after ${at} of ${sizeBytes} bytes.`;
  return new PlombeError('registry/unreachable', message, { retryable: true });
}
