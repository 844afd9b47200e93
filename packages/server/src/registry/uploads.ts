// Pushing blobs: in one request, in a POST and a PUT, in chunks, or by mounting (distribution specification, "Pushing blobs").
import type { Digest } from '@plombe/model';
import { digestAlgorithm } from '@plombe/model';
import { isBlobVisible, mayPush } from './blobs.ts';
import { answerEmpty, identify, refusedBy, seesAllBlobs, type Exchange, type Registry } from './exchange.ts';
import { isRefusal, type Identity } from './ports.ts';
import { requireRoom, withinQuota } from './quota.ts';
import { Refused } from './refused.ts';
import { digestIn, isRepository } from './route.ts';
import { unlessStalled } from './stall.ts';
import type { UploadSession } from './upload-sessions.ts';

/** Repositories looked at for a blob that is to be mounted without saying from where. */
const maxMountSources = 100;

/** Whoever may push, or sign: a signature has blobs too. */
function pusher(registry: Registry, exchange: Exchange, repository: string): Promise<Identity> {
  return identify(registry, exchange, [{ action: 'push', repository }], [{ action: 'sign', repository }]);
}

/** `POST …/blobs/uploads/`: a mount, a whole blob, or the begin of an upload. */
export async function beginUpload(registry: Registry, exchange: Exchange, repository: string): Promise<void> {
  const { query, response } = exchange;
  const mount = query.get('mount');
  const from = query.get('from');
  const identity = await pusher(registry, exchange, repository);
  registry.upstream?.requireWritable(repository);
  requireRoom(registry, repository);
  if (mount !== null) {
    const digest = digestIn(mount);
    await requireMountScope(registry, exchange, identity, { repository, from });
    if (await mountBlob(registry, exchange, identity, { repository, digest, from })) {
      await registry.upstream?.stored(repository, digest);
      return answerBlob(exchange, repository, digest);
    }
  }
  const whole = query.get('digest');
  if (whole !== null) {
    const digest = digestIn(whole);
    const session = registry.uploads.once(repository, digestAlgorithm(digest));
    session.take();
    return finish(registry, exchange, session, digest, true);
  }
  const session = registry.uploads.begin(repository, algorithmOf(query.get('digest-algorithm')));
  answerEmpty(response, 202, progressHeaders(session));
}

/** `PATCH …/blobs/uploads/<id>`: one chunk, or a stream. */
export function appendUpload(registry: Registry, exchange: Exchange, repository: string, id: string): Promise<void> {
  return withSession(registry, exchange, repository, id, async (session) => {
    requirePosition(exchange, session);
    try {
      await receive(registry, exchange, session);
    } finally {
      await session.staged.release();
    }
    answerEmpty(exchange.response, 202, progressHeaders(session));
  });
}

/** `PUT …/blobs/uploads/<id>?digest=`: the last bytes, if any, and the digest. */
export function closeUpload(registry: Registry, exchange: Exchange, repository: string, id: string): Promise<void> {
  return withSession(registry, exchange, repository, id, async (session) => {
    const digest = digestIn(exchange.query.get('digest') ?? '');
    requirePosition(exchange, session);
    await finish(registry, exchange, session, digest, false);
  });
}

/** `GET …/blobs/uploads/<id>`: how far it is. */
export function showUpload(registry: Registry, exchange: Exchange, repository: string, id: string): Promise<void> {
  return withSession(registry, exchange, repository, id, async (session) => {
    answerEmpty(exchange.response, 204, progressHeaders(session));
  });
}

/** `DELETE …/blobs/uploads/<id>`: the upload is given up. */
export function cancelUpload(registry: Registry, exchange: Exchange, repository: string, id: string): Promise<void> {
  return withSession(registry, exchange, repository, id, async (session) => {
    await session.staged.discard();
    session.end(undefined);
    answerEmpty(exchange.response, 204);
  });
}

async function withSession(
  registry: Registry,
  exchange: Exchange,
  repository: string,
  id: string,
  work: (session: UploadSession) => Promise<void>,
): Promise<void> {
  await pusher(registry, exchange, repository);
  const session = await registry.uploads.find(id, repository);
  if (session === undefined) throw new Refused('BLOB_UPLOAD_UNKNOWN', 'There is no such upload; begin it again.');
  if (!session.take()) {
    throw new Refused('BLOB_UPLOAD_INVALID', 'Another request works on this upload.', { status: 409 });
  }
  try {
    await work(session);
  } finally {
    session.give();
  }
}

async function receive(registry: Registry, exchange: Exchange, session: UploadSession): Promise<void> {
  const { request } = exchange;
  if (request.headers['content-length'] === '0') return;
  await session.observe();
  try {
    await unlessStalled(exchange, registry.patience, () =>
      // A disk that takes no more must not end the connection, or the client never learns why.
      session.staged.append(
        withinQuota(
          registry,
          session.repository,
          session.staged.size(),
          request.iterator({ destroyOnReturn: false }) as AsyncIterable<Uint8Array>,
        ),
      ),
    );
  } catch (error) {
    // The client went away: what it sent is kept for it. A disk that takes no more ends the upload.
    if (!request.errored && !request.destroyed) {
      await session.staged.discard();
      session.end(undefined);
    }
    throw error;
  }
}

async function finish(
  registry: Registry,
  exchange: Exchange,
  session: UploadSession,
  digest: Digest,
  isOnce: boolean,
): Promise<void> {
  const { store } = registry;
  const { staged, repository } = session;
  try {
    await receive(registry, exchange, session);
    await session.observe();
  } catch (error) {
    if (isOnce) await staged.discard();
    if (isOnce) session.end(undefined);
    else await staged.release();
    throw error;
  }
  try {
    requireRoom(registry, repository, { digest, sizeBytes: staged.size() });
    const result = await staged.commit(digest);
    if (result.kind === 'mismatch') {
      throw new Refused('DIGEST_INVALID', `The bytes sent do not have the digest ${digest}.`);
    }
    if (!(await store.linkBlob(repository, digest, result.sizeBytes))) {
      throw new Refused('BLOB_UPLOAD_INVALID', 'The blob was collected while it was stored; push it again.', {
        status: 500,
      });
    }
  } catch (error) {
    await staged.discard();
    session.end(undefined);
    throw error;
  }
  session.end(digest);
  await registry.upstream?.stored(repository, digest);
  answerBlob(exchange, repository, digest);
}

interface Mount {
  readonly repository: string;
  readonly digest: Digest;
  readonly from: string | null;
}

/**
 * Refuses with the scope to ask for where the account may read the source and only its token does not say so: the client comes back with
 * another token, and need not send what is here already. Where no token would help, it uploads.
 */
async function requireMountScope(
  registry: Registry,
  exchange: Exchange,
  identity: Identity,
  { repository, from }: Omit<Mount, 'digest'>,
): Promise<void> {
  if (from === null || !isRepository(from) || identity.may('pull', from)) return;
  const answer = await registry.authenticator.authenticate(exchange.request, [
    { action: identity.may('push', repository) ? 'push' : 'sign', repository },
    { action: 'pull', repository: from },
  ]);
  if (isRefusal(answer) && answer.status === 401) throw refusedBy(answer);
}

/** Links a blob of a repository that the identity may read it in. False where there is none: the client then uploads it. */
async function mountBlob(
  registry: Registry,
  exchange: Exchange,
  identity: Identity,
  { repository, digest, from }: Mount,
): Promise<boolean> {
  const { store } = registry;
  const sources = from === null ? store.repositoriesWithBlob(digest, maxMountSources) : [from];
  for (const source of sources) {
    if (!isRepository(source) || !identity.may('pull', source)) continue;
    if (seesAllBlobs(identity, source)) await registry.upstream?.findBlob(source, digest);
    const sizeBytes = store.blobSize(source, digest);
    if (sizeBytes === undefined) continue;
    const isReadable =
      isBlobVisible(registry, identity, source, digest) ||
      seesAllBlobs(identity, source) ||
      (await mayPush(registry, exchange, identity, source));
    if (isReadable) return store.linkBlob(repository, digest, sizeBytes);
  }
  return false;
}

function answerBlob({ response }: Exchange, repository: string, digest: Digest): void {
  answerEmpty(response, 201, { location: `/v2/${repository}/blobs/${digest}`, 'docker-content-digest': digest });
}

function progressHeaders({ id, repository, staged }: UploadSession): Record<string, string> {
  return {
    location: `/v2/${repository}/blobs/uploads/${id}`,
    // Without any byte there is no last one; docker's registry and its clients write 0-0.
    range: `0-${Math.max(0, staged.size() - 1)}`,
    'docker-upload-uuid': id,
  };
}

/** A chunk that says where it belongs must go on where the upload is. */
function requirePosition({ request }: Exchange, session: UploadSession): void {
  const text = request.headers['content-range'];
  if (text === undefined) return;
  const [, start, end] = /^(?:bytes )?(\d{1,15})-(\d{1,15})(?:\/.*)?$/.exec(text) ?? [];
  const length = Number(request.headers['content-length'] ?? Number.NaN);
  const says = Number(end) - Number(start) + 1;
  if (Number(start) === session.staged.size() && (Number.isNaN(length) || length === says)) return;
  throw new Refused(
    'BLOB_UPLOAD_INVALID',
    `The upload has ${session.staged.size()} bytes; the next chunk begins there.`,
    {
      status: 416,
      headers: progressHeaders(session),
    },
  );
}

function algorithmOf(text: string | null): 'sha256' | 'sha512' {
  if (text === null || text === 'sha256') return 'sha256';
  if (text === 'sha512') return 'sha512';
  throw new Refused('DIGEST_INVALID', 'Digests are sha256 or sha512.');
}
