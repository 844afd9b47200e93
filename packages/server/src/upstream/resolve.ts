// From the name in a pull to the digest that is served: asked once, judged, and the same bytes for the whole answer (T34).
import type { Context, Digest } from '@plombe/model';
import { parseDigest } from '@plombe/model';
import { isPlombeError, PlombeError } from '@plombe/kit';
import { manifestAccept } from '@plombe/oci';
import type { RegistryStore } from '@plombe/store';
import type { Gate, Identity } from '../registry/ports.ts';
import { Refused } from '../registry/refused.ts';
import type { ManifestName } from '../registry/route.ts';
import type { Admission } from './admit.ts';
import { refusalOf, unavailable } from './answers.ts';
import { isOutage } from './breaker.ts';
import type { Known } from './known.ts';
import type { Link } from './link.ts';
import { nobody } from './nobody.ts';
import { farIdentity } from './store.ts';

export interface ResolveParts {
  readonly store: RegistryStore;
  readonly known: Known;
  readonly gate: Gate;
  readonly admission: Admission;
}

export type Resolve = (link: Link, repository: string, name: ManifestName, by: Identity) => Promise<ManifestName>;

/** A digest is the same bytes for ever; whether it is still there is asked this often. */
const digestTtlMs = 300_000;

/** Creates it. What it returns is in the store, or nowhere. Throws `Refused`. */
export function createResolve({ store, known, gate, admission }: ResolveParts, ctx: Context): Resolve {
  const asking = new Map<string, Promise<Digest | undefined>>();

  async function resolve(link: Link, repository: string, name: ManifestName, by: Identity): Promise<ManifestName> {
    const seesAll = by.may('sign', repository);
    if (seesAll && isHeldHere(repository, name)) return name;
    const digest = await digestOf(link, repository, name);
    if (digest === undefined) return name;
    await within(link.waitMs, admission.admit(link, repository, digest, 'tag' in name ? [name.tag] : []));
    const record = store.manifest(repository, digest, 'all');
    const isRefused = gate.pull(repository, digest, nobody) !== undefined;
    if (isRefused) await within(link.waitMs, admission.lookAgain(link, repository, digest));
    // Nobody pushed it here who could have been told why.
    if (record?.pushedBy === farIdentity && record.state === 'quarantined' && !seesAll) refuse(repository, digest, by);
    return { digest };
  }

  function refuse(repository: string, digest: Digest, by: Identity): void {
    if (store.manifest(repository, digest, 'visible') !== undefined) return;
    const denied = gate.pull(repository, digest, by);
    if (denied === undefined) return;
    const { decision, reasons, message } = denied;
    throw new Refused('DENIED', `plombe: ${message}`, { detail: { decision, reasons } });
  }

  /** Pushed to quarantine here: its tags are not there yet. */
  function isHeldHere(repository: string, name: ManifestName): boolean {
    const record =
      'tag' in name ? store.tagged(repository, name.tag, 'all') : store.manifest(repository, name.digest, 'all');
    return record?.state === 'quarantined' && record.pushedBy !== farIdentity;
  }

  /** Undefined where only this server can know. */
  async function digestOf(link: Link, repository: string, name: ManifestName): Promise<Digest | undefined> {
    if ('digest' in name && isHeldHere(repository, name)) return undefined;
    const text = 'tag' in name ? name.tag : name.digest;
    const last = known.name(repository, text);
    const ageMs = last === undefined ? Infinity : Math.abs(ctx.clock.nowMs() - last.checkedAtMs);
    if (last !== undefined && ageMs < ('tag' in name ? link.tagTtlMs : digestTtlMs)) {
      // What is remembered is served without asking only where somebody could be asked.
      if (link.restMs() === 0 || link.offline(repository)) return last.digest;
    }
    try {
      return await askOnce(link, repository, text);
    } catch (error) {
      const own = 'digest' in name ? name.digest : last?.digest;
      const isKnown = own !== undefined && store.manifest(repository, own, 'visible') !== undefined;
      if (isOutage(error) && isKnown && link.offline(repository)) return own;
      throw refusalOf(error, 'read');
    }
  }

  function askOnce(link: Link, repository: string, text: string): Promise<Digest | undefined> {
    const key = `${repository} ${text}`;
    const running = asking.get(key);
    if (running !== undefined) return running;
    const task = ask(link, repository, text).finally(() => asking.delete(key));
    asking.set(key, task);
    return task;
  }

  async function ask(link: Link, local: string, text: string): Promise<Digest> {
    const { registry, repository } = link.place(local);
    try {
      const digest = await link.plainCall(async () => {
        const path = `/v2/${repository}/manifests/${text}`;
        const request = { registry, repository, path, accept: manifestAccept, signal: ctx.signal } as const;
        const response = await link.transport.get({ ...request, method: 'HEAD' });
        await response.discard();
        const declared = response.headers['docker-content-digest'];
        const found = typeof declared === 'string' ? parseDigest(declared) : undefined;
        // By digest there is nothing to learn; a registry that does not say it has its bytes read.
        if (text.includes(':')) return parseDigest(text) as Digest;
        return found ?? (await link.client.fetchManifest({ registry, repository, tag: text }, ctx)).digest;
      });
      known.setName(local, text, digest, ctx.clock.nowMs());
      return digest;
    } catch (error) {
      if (isPlombeError(error, 'registry/not-found') && !isOutage(error)) {
        known.removeName(local, text);
        throw new PlombeError(
          'registry/not-found',
          `${registry} has no ${repository}${text.includes(':') ? '@' : ':'}${text}.`,
        );
      }
      throw error;
    }
  }

  return resolve;
}

/** The work goes on when its time is over: the next who asks finds it further. */
async function within(waitMs: number, work: Promise<void>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(
      () => reject(unavailable('plombe: the image is still being judged for the first time; try again in a moment.')),
      waitMs,
    );
  });
  try {
    await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
