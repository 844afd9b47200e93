// Manifests that lie in the registry behind this one and were never judged: brought here whole, judged, and only then seen.
import { isPlombeError, messageOf } from '@plombe/kit';
import type { Context, Digest } from '@plombe/model';
import { referrersTag, type FetchedManifest, type IndexDocument, type ManifestDocument } from '@plombe/oci';
import type { RegistryStore } from '@plombe/store';
import type { Gate, Identity, ManifestPush, PushVerdict } from '../registry/ports.ts';
import { Refused } from '../registry/refused.ts';
import { refusalOf, unavailable } from './answers.ts';
import type { SpooledBlobs } from './blobs.ts';
import type { Known } from './known.ts';
import type { Link } from './link.ts';
import { farIdentity } from './store.ts';

export interface AdmitParts {
  /** The store of this server, without what is behind it. */
  readonly store: RegistryStore;
  readonly blobs: SpooledBlobs;
  readonly known: Known;
  readonly gate: Gate;
  /** True where manifests are judged: what they name is read then. */
  readonly isGate: boolean;
}

export interface Admission {
  /** Brings a manifest here and has it judged; one that is here already is left as it is. Throws `Refused`. */
  admit(link: Link, repository: string, digest: Digest, tags: readonly string[]): Promise<void>;
  /** Looks for statements about a digest that came there since. Throws nothing. */
  lookAgain(link: Link, repository: string, digest: Digest): Promise<void>;
}

/** Images that are read at once; each reads four layers. */
const atOnce = 4;
/** More that wait are told to come back. */
const maxWaiting = 200;
/** Statements about one image; what has more cannot be judged, and is refused (T29). */
const maxReferrers = 200;
/** Platforms of an index, and parts of those. */
const maxChildren = 200;
const maxDepth = 3;
/** How often a digest that is refused is looked at for new signatures. */
const lookAgainMs = 30_000;
/** Layers with these types are not in registries. */
const notDistributed = /^application\/vnd\.(?:oci\.image\.layer\.nondistributable\.|docker\.image\.rootfs\.foreign\.)/;

const identity: Identity = {
  id: farIdentity,
  name: 'the registry behind this one',
  kind: 'plombe',
  may: () => true,
  isAdmin: false,
};

/** Creates it. */
export function createAdmission({ store, blobs, known, gate, isGate }: AdmitParts, ctx: Context): Admission {
  const running = new Map<string, Promise<void>>();
  const looked = new Map<string, number>();
  const waiting: (() => void)[] = [];
  let working = 0;

  /** One at a time for each digest, some at a time in all. */
  function admit(link: Link, repository: string, digest: Digest, tags: readonly string[]): Promise<void> {
    const key = `${repository} ${digest}`;
    const already = running.get(key);
    if (already !== undefined) return already;
    const task = inTurn(() => bring(link, repository, digest, tags, 0)).finally(() => running.delete(key));
    running.set(key, task);
    // Whoever waits may have gone.
    task.catch(() => undefined);
    return task;
  }

  async function inTurn(work: () => Promise<void>): Promise<void> {
    if (working >= atOnce) {
      if (waiting.length >= maxWaiting)
        throw unavailable('plombe: too many images wait to be judged; try again later.');
      await new Promise<void>((resolve) => waiting.push(resolve));
    }
    working += 1;
    try {
      await work();
    } finally {
      working -= 1;
      waiting.shift()?.();
    }
  }

  async function bring(
    link: Link,
    repository: string,
    digest: Digest,
    tags: readonly string[],
    depth: number,
  ): Promise<void> {
    if (store.manifest(repository, digest, 'all') !== undefined) return;
    const reference = { ...link.place(repository), digest };
    const fetched = await link.call('read', () => link.client.fetchManifest(reference, ctx));
    const { document } = fetched;
    known.addManifest(repository, digest);
    if (document.kind === 'manifest') await bringBlobs(link, repository, document);
    else if (isGate) await bringChildren(link, repository, document, depth);
    // A statement's own signatures are about nobody's image.
    if (isGate && document.subject === undefined && depth <= maxDepth)
      await bringStatements(link, repository, digest, depth);
    await judgeAndStore(repository, fetched, tags);
  }

  async function bringBlobs(link: Link, repository: string, { config, layers }: ManifestDocument): Promise<void> {
    const wanted = [config, ...layers.filter(({ mediaType }) => !notDistributed.test(mediaType))];
    for (const { digest, sizeBytes } of wanted) known.addBlob(repository, digest, sizeBytes);
    await Promise.all(wanted.map(({ digest, sizeBytes }) => store.linkBlob(repository, digest, sizeBytes)));
    if (!isGate && !link.isCache) return;
    try {
      await blobs.fetch(
        repository,
        wanted.map(({ digest }) => digest),
      );
    } catch (error) {
      throw refusalOf(error, 'read');
    }
  }

  async function bringChildren(
    link: Link,
    repository: string,
    { manifests }: IndexDocument,
    depth: number,
  ): Promise<void> {
    if (depth >= maxDepth || manifests.length > maxChildren)
      throw new Refused(
        'DENIED',
        `plombe: the index is nested deeper than ${maxDepth} or lists more than ${maxChildren} manifests.`,
      );
    for (const { digest } of manifests) {
      try {
        await bring(link, repository, digest, [], depth + 1);
      } catch (error) {
        // The gate says what is missing; without a gate nobody asked for it.
        if (!(error instanceof Refused) || error.status !== 404) throw error;
      }
    }
  }

  /** What is signed and attested there: by the referrers API, its fallback tag, and cosign's tags. */
  async function bringStatements(link: Link, repository: string, subject: Digest, depth: number): Promise<void> {
    looked.set(`${repository} ${subject}`, ctx.clock.nowMs());
    const place = link.place(repository);
    const found = await link.call('read', () =>
      link.client.listReferrers(place, subject, { signal: ctx.signal, maxEntries: maxReferrers }),
    );
    if (!found.complete)
      throw new Refused(
        'DENIED',
        `plombe: more than ${maxReferrers} signatures and attestations refer to ${subject}, so it is not judged.`,
      );
    for (const { digest } of found.descriptors)
      await bringStatement(() => bring(link, repository, digest, [], depth + 1));
    for (const end of ['.sig', '.att', '.sbom']) {
      const tag = `${referrersTag(subject)}${end}`;
      await bringStatement(async () => {
        const { digest } = await link.call('read', () => link.client.fetchManifest({ ...place, tag }, ctx));
        await bring(link, repository, digest, [tag], depth + 1);
      });
    }
  }

  /** A statement that is no manifest, or gone, says nothing; a registry that fails ends the judgement. */
  async function bringStatement(work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      const saysNothing =
        error instanceof Refused && (error.status === 404 || error.status === 403 || error.status === 502);
      if (!saysNothing) throw error;
    }
  }

  async function judgeAndStore(
    repository: string,
    { document, bytes, digest }: FetchedManifest,
    tags: readonly string[],
  ): Promise<void> {
    const { mediaType, annotations, artifactType = configType(document), subject } = document;
    const push: ManifestPush = { repository, tags, digest, mediaType, bytes, by: identity, signal: ctx.signal };
    const verdict = await judge(push);
    const content = document.kind === 'manifest' ? [document.config, ...document.layers] : [];
    const children = document.kind === 'index' ? document.manifests.map((child) => child.digest) : [];
    const absent = new Set(store.missing(repository, [], children).children);
    const result = await store.putManifest({
      repository,
      digest,
      bytes,
      mediaType,
      annotations,
      pushedBy: farIdentity,
      state: verdict.kind === 'accept' ? 'visible' : 'quarantined',
      // What a tag names is asked there each time; the gate looks for statements by their tags.
      tags,
      blobs: [],
      optionalBlobs: [...new Set(content.map((blob) => blob.digest))],
      children: [...new Set(children)].filter((child) => !absent.has(child)),
      ...(artifactType === undefined ? {} : { artifactType: artifactType.slice(0, 255) }),
      ...(subject === undefined ? {} : { subject: subject.digest }),
    });
    if (result.kind === 'stored') await gate.stored(push, verdict);
  }

  async function judge(push: ManifestPush): Promise<PushVerdict> {
    try {
      return await gate.judge(push);
    } catch (error) {
      if (error instanceof Refused) throw error;
      const { repository, digest } = push;
      ctx.log.warn('gate.failed', { repository, digest, cause: messageOf(error) });
      if (isPlombeError(error) && error.code.startsWith('registry/')) throw refusalOf(error, 'read');
      throw unavailable('plombe: the image could not be judged now. The log of the server says why; try again later.');
    }
  }

  return {
    admit,
    lookAgain: async (link, repository, digest) => {
      const key = `${repository} ${digest}`;
      const nowMs = ctx.clock.nowMs();
      if (Math.abs(nowMs - (looked.get(key) ?? -Infinity)) < lookAgainMs || link.restMs() > 0) return;
      if (looked.size > 10_000) looked.clear();
      looked.set(key, nowMs);
      try {
        await bringStatements(link, repository, digest, 0);
      } catch (error) {
        ctx.log.info('upstream.not-looked', { repository, digest, cause: messageOf(error) });
      }
    },
  };
}

function configType(document: IndexDocument | ManifestDocument): string | undefined {
  return document.kind === 'manifest' ? document.config.mediaType : undefined;
}
