// The use case `fingerprint`: one pass over each layer, bottom first, and the document of what a container of the image sees.
import { readLayer } from '@plombe/formats';
import { defaultLayerLimits, inert, PlombeError, type LayerLimits } from '@plombe/kit';
import { formatPlatform, type Context, type Digest, type Image, type ImageLayer } from '@plombe/model';
import {
  formatEntry,
  FingerprintSum,
  type FingerprintCause,
  type FingerprintEntry,
  type FingerprintHeader,
  type FingerprintLayer,
} from '@plombe/trust';
import { LayerHasher } from './layer-hasher.ts';
import { FingerprintBudget, fingerprintLimits, type FingerprintLimits } from './limits.ts';
import { MergedTree } from './tree.ts';

/** What was read of an image or root file system. */
export interface Fingerprint {
  readonly header: FingerprintHeader;
  /** In order; may be gone through again. */
  readonly entries: () => Iterable<FingerprintEntry>;
  /** Folders and files of this machine that could not be read; `'everything'` where that cannot be said. */
  readonly unread: readonly string[] | 'everything';
  /** False for a folder of this machine, whose extended attributes are not read. */
  readonly capabilities: boolean;
}

export interface FingerprintOptions {
  readonly limits?: FingerprintLimits;
  readonly layerLimits?: LayerLimits;
}

/** As many causes as a person reads. */
const maxCauses = 20;
/** The walk of a folder lists this many places; beyond that any place may be one of them. */
const maxUnread = 1000;

/**
 * Reads every layer once. What cannot be read makes the state `partial`. Throws `archive/digest-mismatch` where bytes are not those that
 * the manifest names, and what the source throws.
 */
export async function readFingerprint(image: Image, options: FingerprintOptions, ctx: Context): Promise<Fingerprint> {
  const budget = new FingerprintBudget(options.limits ?? fingerprintLimits);
  const tree = new MergedTree(budget);
  const limits = options.layerLimits ?? defaultLayerLimits;
  const layers: FingerprintLayer[] = [];
  const causes: FingerprintCause[] = [];
  const unread: string[] = [];
  let everything = false;
  for (const layer of image.layers) {
    ctx.signal.throwIfAborted();
    const hasher = new LayerHasher(tree, layer.index, budget);
    const read = await readOne(layer, hasher, limits, ctx);
    const problems = [...read.causes, ...hasher.allProblems()];
    causes.push(...problems);
    unread.push(...(read.unread ?? []));
    if (problems.length > 0 && read.unread === undefined) everything = true;
    layers.push({
      ...(read.diffID === undefined ? {} : { diffID: read.diffID }),
      ...(read.digest === undefined ? {} : { digest: read.digest }),
      entries: hasher.entries,
      ...(layer.content.kind === 'absent' ? {} : { root: hasher.root() }),
      complete: problems.length === 0,
    });
  }
  if (budget.exhausted || unread.length > maxUnread || unread.includes('')) everything = true;
  const entries = (): Iterable<FingerprintEntry> => tree.entries();
  const header: FingerprintHeader = {
    subject: subjectOf(image),
    state: causes.length === 0 ? 'complete' : 'partial',
    causes: causes.slice(0, maxCauses),
    layers,
    ...sumOf(entries()),
  };
  const capabilities = image.layers.every(({ content }) => content.kind !== 'tree');
  return { header, entries, unread: everything ? 'everything' : unread, capabilities };
}

function subjectOf({ digest, configDigest, platform }: Image): FingerprintHeader['subject'] {
  return {
    ...(digest === undefined ? {} : { digest }),
    ...(configDigest === undefined ? {} : { configDigest }),
    ...(platform === undefined ? {} : { platform: inert(formatPlatform(platform)) }),
  };
}

function sumOf(entries: Iterable<FingerprintEntry>): ReturnType<FingerprintSum['result']> {
  const sum = new FingerprintSum();
  for (const entry of entries) sum.add(entry, formatEntry(entry));
  return sum.result();
}

interface Read {
  readonly diffID?: Digest;
  readonly digest?: Digest;
  readonly causes: readonly FingerprintCause[];
  /** Where of a folder nothing could be read; absent: anything may be missing if there are causes. */
  readonly unread?: readonly string[];
}

async function readOne(layer: ImageLayer, hasher: LayerHasher, limits: LayerLimits, ctx: Context): Promise<Read> {
  const { content, index } = layer;
  if (content.kind === 'absent') {
    const what = `Layer ${index} (${layer.digest ?? inert(layer.mediaType)}) is not there to be read`;
    const code = content.damaged === true ? 'archive/corrupt' : 'archive/unsupported';
    return { causes: [{ code, message: `${what}: ${inert(content.cause)}.` }], ...digestsOf(layer) };
  }
  if (content.kind === 'tree') {
    const problems = await content.walk(hasher, { signal: ctx.signal });
    const causes = problems.map(({ path, cause }) => ({
      code: 'source/unreadable',
      message: `${path === '' ? 'The folder' : inert(path)} ${inert(cause)}.`,
    }));
    return { causes, unread: problems.map(({ path }) => path) };
  }
  const task = `layer ${index + 1}`;
  const total = layer.sizeBytes === undefined ? {} : { totalBytes: layer.sizeBytes };
  const read = await readLayer(content.open({ signal: ctx.signal }), hasher, {
    mediaType: layer.mediaType,
    literalNames: content.literalNames ?? false,
    ...digestsOf(layer),
    ...(layer.sizeBytes === undefined ? {} : { sizeBytes: layer.sizeBytes }),
    limits,
    signal: ctx.signal,
    onProgress: (doneBytes) => ctx.progress?.({ task, doneBytes, ...total }),
  });
  ctx.progress?.({ task, doneBytes: layer.sizeBytes ?? 0, ...total, finished: true });
  const errors = read.diagnostics.filter(({ level }) => level === 'error');
  if (!read.verified) {
    const reason = errors.at(-1)?.message ?? 'its digest could not be verified';
    throw new PlombeError('archive/digest-mismatch', `Layer ${index} is not what the image names: ${reason}`);
  }
  const causes = errors.map(({ code, message, path }) => ({
    code,
    message: path === undefined ? message : `${inert(path)}: ${message}`,
  }));
  const cut = !read.complete && causes.length === 0;
  const gap = { code: 'archive/corrupt', message: `Layer ${index} could not be read whole.` };
  return { diffID: read.diffID, digest: read.digest, causes: cut ? [gap] : causes };
}

function digestsOf({ digest, diffID }: ImageLayer): { readonly digest?: Digest; readonly diffID?: Digest } {
  return { ...(digest === undefined ? {} : { digest }), ...(diffID === undefined ? {} : { diffID }) };
}
