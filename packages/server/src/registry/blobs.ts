// Reading and deleting blobs.
import type { Digest } from '@plombe/model';
import type { ByteRange } from '@plombe/store';
import { answerEmpty, identify, seesAllBlobs, type Exchange, type Registry } from './exchange.ts';
import { isRefusal, type Identity } from './ports.ts';
import { Refused } from './refused.ts';
import { unlessStalled } from './stall.ts';

/** `GET` and `HEAD …/blobs/<digest>`, also a part of it. */
export async function serveBlob(
  registry: Registry,
  exchange: Exchange,
  repository: string,
  digest: Digest,
): Promise<void> {
  const { store } = registry;
  const { request, response } = exchange;
  const identity = await identify(
    registry,
    exchange,
    [{ action: 'pull', repository }],
    [{ action: 'sign', repository }],
  );
  if (seesAllBlobs(identity, repository)) await registry.upstream?.findBlob(repository, digest);
  const sizeBytes = store.blobSize(repository, digest);
  const isVisible = sizeBytes !== undefined && isBlobVisible(registry, identity, repository, digest);
  const seesAll = seesAllBlobs(identity, repository);
  const isAllowed =
    isVisible || seesAll || (sizeBytes !== undefined && (await mayPush(registry, exchange, identity, repository)));
  if (sizeBytes === undefined || !isAllowed) {
    throw new Refused('BLOB_UNKNOWN', `${repository} has no blob ${digest}.`);
  }
  if (request.method === 'HEAD' && seesAll) store.touchBlob(repository, digest);
  const headers = {
    'content-type': 'application/octet-stream',
    'docker-content-digest': digest,
    'accept-ranges': 'bytes',
    etag: `"${digest}"`,
    // The same bytes for ever; but who may have them can change.
    'cache-control': 'private, max-age=3600, immutable',
  };
  if (request.method === 'HEAD') {
    response.writeHead(200, { ...headers, 'content-length': sizeBytes });
    response.end();
    return;
  }
  // Azure does not know the last bytes by their number.
  const asksForEnd = request.headers.range?.startsWith('bytes=-') === true;
  const elsewhere = asksForEnd ? undefined : await store.blobs.redirect?.(digest);
  if (elsewhere !== undefined) return answerEmpty(response, 307, { location: elsewhere.href });
  const range = rangeOf(exchange, digest, sizeBytes);
  response.writeHead(range === undefined ? 200 : 206, {
    ...headers,
    'content-length': range === undefined ? sizeBytes : range.end - range.start + 1,
    ...(range === undefined ? {} : { 'content-range': `bytes ${range.start}-${range.end}/${sizeBytes}` }),
  });
  const whole = range ?? { start: 0, end: sizeBytes - 1 };
  await unlessStalled(exchange, registry.patience, () => store.blobs.send(digest, whole, response));
  response.end();
}

/** True where a manifest names the blob that the identity may pull. */
export function isBlobVisible(
  { store, gate }: Registry,
  identity: Identity,
  repository: string,
  digest: Digest,
): boolean {
  for (const one of store.visibleWithBlob(repository, digest)) {
    if (gate.pull(repository, one, identity) === undefined) return true;
  }
  return false;
}

/**
 * True where the account may push, whatever its token is for: clients look at what they have just pushed with a token for pulling, and give up where
 * another is asked for. A token that is too narrow is told by 401; 403 means that the account itself may not.
 */
export async function mayPush(
  { authenticator }: Registry,
  { request }: Exchange,
  identity: Identity,
  repository: string,
): Promise<boolean> {
  if (identity.kind === 'anonymous') return false;
  const answer = await authenticator.authenticate(request, [{ action: 'push', repository }]);
  return !isRefusal(answer) || answer.status === 401;
}

/** `DELETE …/blobs/<digest>`: takes it out of the repository. */
export async function deleteBlob(
  registry: Registry,
  exchange: Exchange,
  repository: string,
  digest: Digest,
): Promise<void> {
  await identify(registry, exchange, [{ action: 'delete', repository }]);
  await registry.upstream?.findBlob(repository, digest);
  switch (await registry.store.unlinkBlob(repository, digest)) {
    case 'absent':
      throw new Refused('BLOB_UNKNOWN', `${repository} has no blob ${digest}.`);
    case 'used':
      throw new Refused('DENIED', `A manifest of ${repository} names ${digest}; delete the manifest first.`);
    case 'deleted':
      answerEmpty(exchange.response, 202);
  }
}

/** The part asked for (RFC 9110, 14.2); undefined: the whole. Several parts at once are not offered. */
function rangeOf({ request }: Exchange, digest: Digest, sizeBytes: number): ByteRange | undefined {
  const text = request.headers.range;
  const condition = request.headers['if-range'];
  if (text === undefined || (condition !== undefined && condition !== `"${digest}"`)) return undefined;
  const [, first, last] = /^bytes=(\d{0,15})-(\d{0,15})$/.exec(text) ?? [];
  if (first === undefined || last === undefined || (first === '' && last === '')) return undefined;
  const start = first === '' ? Math.max(0, sizeBytes - Number(last)) : Number(first);
  const end = first === '' || last === '' ? sizeBytes - 1 : Math.min(Number(last), sizeBytes - 1);
  if (start <= end && start < sizeBytes) return { start, end };
  throw new Refused('SIZE_INVALID', `The blob has ${sizeBytes} bytes.`, {
    status: 416,
    headers: { 'content-range': `bytes */${sizeBytes}` },
  });
}
