// `plombe fingerprint` and `plombe fingerprint compare`: what is in an image, file by file, and whether a container still has it.
import { createHash } from 'node:crypto';
import {
  compareFingerprint,
  readFingerprint,
  renderComparison,
  renderFingerprint,
  runTimePaths,
  type FingerprintReport,
} from '@plombe/engine';
import { PlombeError } from '@plombe/kit';
import type { Context, Image } from '@plombe/model';
import { fingerprintLines, fingerprintMediaType } from '@plombe/trust';
import { openSession } from '../compose/context.ts';
import { textOrJson } from '../compose/output.ts';
import { openImages } from '../compose/subject.ts';
import type { LoadedSettings } from '../settings/load.ts';
import type { Settings } from '../settings/settings.ts';
import { exitCodes } from '../terminal/failure.ts';
import { writeReport } from '../terminal/output.ts';

type Flags = Readonly<Record<string, unknown>>;

/** Returns 0, or 3 where not everything could be read. Throws `source/…`, `registry/…`, `archive/digest-mismatch`, `report/write`. */
export async function fingerprintCommand(subject: string, loaded: LoadedSettings, flags: Flags): Promise<number> {
  const output = textOrJson(loaded);
  const { ctx, progress } = openSession(loaded.values);
  const { header, entries } = await withImage(subject, loaded.values, ctx, (image) => readFingerprint(image, {}, ctx));
  progress.clear();
  const document = new MeasuredLines(fingerprintLines(header, entries()));
  const path = flags['file'];
  if (typeof path === 'string') writeReport({ format: 'fingerprint', path }, document);
  else for (const _ of document) ctx.signal.throwIfAborted();
  const { digest, sizeBytes } = document;
  output({
    json: { ...header, document: { digest, mediaType: fingerprintMediaType, sizeBytes } },
    text: () => renderFingerprint(header, digest),
  });
  return header.state === 'complete' ? exitCodes.fine : exitCodes.notAssessed;
}

/** Returns 0 same, 1 differs, 3 where nothing differs but not everything could be read. Throws as above, and `fingerprint/invalid`. */
export async function compareCommand(
  fingerprint: string,
  subject: string,
  loaded: LoadedSettings,
  flags: Flags,
): Promise<number> {
  const output = textOrJson(loaded);
  const { ctx, progress } = openSession(loaded.values);
  const given = (flags['ignore'] as readonly string[] | undefined) ?? [];
  const { image, report } = await withImage(subject, loaded.values, ctx, async (opened) => ({
    image: opened,
    report: await compareFingerprint(fingerprint, opened, [...defaultsFor(opened, flags), ...given], ctx),
  }));
  progress.clear();
  const { digest: found } = image;
  output({
    json: { ...report, subject: { name: subject, ...(found === undefined ? {} : { digest: found }) } },
    text: () => renderComparison(report),
  });
  return exitCodeOf(report.verdict);
}

/** Only a root file system that runs or ran has run-time paths; an image at rest has none that may differ. */
function defaultsFor({ source }: Image, flags: Flags): readonly string[] {
  return flags['defaultIgnores'] !== false && (source === 'dir' || source === 'tar') ? runTimePaths : [];
}

function exitCodeOf(verdict: FingerprintReport['verdict']): number {
  if (verdict === 'same') return exitCodes.fine;
  return verdict === 'differs' ? exitCodes.findings : exitCodes.notAssessed;
}

async function withImage<T>(
  subject: string,
  values: Settings,
  ctx: Context,
  read: (image: Image) => Promise<T>,
): Promise<T> {
  if (/^(?:purls?|pkg|sbom):/.test(subject)) {
    throw new PlombeError('config/invalid', 'A list of packages has no files to take the fingerprint of.', {
      remedy: 'Name an image, dir:PATH or tar:PATH.',
    });
  }
  for await (const image of openImages(subject, { ...values, allPlatforms: false }, ctx)) return await read(image);
  throw new PlombeError('internal/bug', 'The source gave no image.');
}

/** The document on its way out, hashed and counted. */
class MeasuredLines implements Iterable<string> {
  sizeBytes = 0;
  readonly #hash = createHash('sha256');
  readonly #lines: Iterable<string>;

  constructor(lines: Iterable<string>) {
    this.#lines = lines;
  }

  *[Symbol.iterator](): Iterator<string> {
    let pending = '';
    for (const line of this.#lines) {
      pending += line;
      if (pending.length < pieceLength) continue;
      yield this.#measure(pending);
      pending = '';
    }
    yield this.#measure(pending);
  }

  /** SHA-256 of all lines; to be asked once, behind the last. */
  get digest(): string {
    return `sha256:${this.#hash.digest('hex')}`;
  }

  #measure(text: string): string {
    const bytes = Buffer.from(text);
    this.sizeBytes += bytes.length;
    this.#hash.update(bytes);
    return text;
  }
}

/** Lines hashed and written together. */
const pieceLength = 64 * 1024;
