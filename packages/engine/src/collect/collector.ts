// Receives the entries of one layer and keeps what the catalogers want, within the limits.
import type { FileInterest, Want } from '@plombe/catalogers';
import { inert, messageOf, type ErrorCode, type LayerLimits } from '@plombe/kit';
import type { ContentSink, Diagnostic, EntryConsumer, FileHeader } from '@plombe/model';
import { Budget } from './budget.ts';
import { InterestIndex } from './interest-index.ts';
import { KeptFiles } from './kept-files.ts';
import { LinkTargets } from './link-targets.ts';
import { PathSetBuilder } from './path-set.ts';
import type { KeptFile } from './record.ts';
import { DistillSink, KeepSink, Room, SplitSink } from './sinks.ts';

/** What is kept of a file: everything but mere links. */
export type ContentWant = Exclude<Want, { kind: 'link' }>;

/** A hard link that is wanted, but whose target was not kept for the same interest. */
export interface PendingLink {
  /** As kept for now: without content. */
  readonly file: KeptFile;
  readonly want: ContentWant;
  readonly header: FileHeader;
  /** Position among the layer's entries: the target is what lay at its path just before. */
  readonly ordinal: number;
}

/** A hard link's file may have any size. */
const unknownBytes = Number.MAX_SAFE_INTEGER;
/** At most this many symlinks near the root are kept; a distribution has under thirty. */
const maxRootLinks = 4096;
/** Diagnostics of one layer's files; the rest is counted. */
const maxDiagnostics = 50;

export interface CollectorOptions {
  readonly interests: readonly FileInterest[];
  readonly limits: LayerLimits;
  /** Shared by the layers of an image; default: one of this layer's own. */
  readonly budget?: Budget;
}

/** Collects one layer. After the walk, `kept` and the sets are ready; `pending` wants a second pass. */
export class LayerCollector implements EntryConsumer {
  readonly kept = new KeptFiles();
  readonly rootLinks = new Map<string, string>();
  readonly whiteouts: string[] = [];
  readonly opaques: string[] = [];
  readonly diagnostics: Diagnostic[] = [];
  readonly pending: PendingLink[] = [];
  readonly targets = new LinkTargets();
  readonly nonDirectories = new PathSetBuilder();
  readonly directories = new PathSetBuilder();
  complete = true;
  readonly #interests: InterestIndex;
  readonly #budget: Budget;
  /** What each kept file was asked for: a hard link to it may want more. */
  readonly #wants = new Map<KeptFile, Want>();
  readonly #room = new Room();
  #ordinal = 0;
  #hidden = 0;
  #stopped = false;

  constructor(options: CollectorOptions) {
    this.#interests = new InterestIndex(options.interests);
    this.#budget = options.budget ?? new Budget(options.limits);
  }

  entry(header: FileHeader): ContentSink | undefined {
    this.#ordinal += 1;
    const { path, type } = header;
    if (type === 'whiteout' || type === 'opaque') {
      this.#mark(type === 'whiteout' ? this.whiteouts : this.opaques, path);
      return undefined;
    }
    if (!this.#budget.takeEntry()) this.#limit(path, 'more entries than the limit, with the layers below it');
    if (this.#stopped) return undefined;
    if (type === 'directory') {
      // The root holds every place, and is none itself.
      if (path !== '') this.#replace(path, this.directories.add(path), true);
      return undefined;
    }
    const hash = this.nonDirectories.add(path);
    this.targets.pass(hash);
    if (type === 'hardlink') {
      this.#hardlink(header, hash);
      return undefined;
    }
    this.#replace(path, hash, false);
    if (type === 'symlink') this.#symlink(header);
    return type === 'file' ? this.#file(header) : undefined;
  }

  /** Ends the diagnostics; call it once, after the last pass. */
  end(): void {
    this.#budget.returnBytes(this.targets.sizeBytes);
    if (this.#hidden === 0) return;
    const message = `${this.#hidden} more files of the layer have problems that are not listed.`;
    this.diagnostics.push({ code: 'archive/entry-too-large', level: 'warning', message });
  }

  #replace(path: string, hash: number, byDirectory: boolean): void {
    if (this.kept.mayHold(hash)) this.kept.replace(path, byDirectory);
    if (this.rootLinks.size > 0) this.rootLinks.delete(path);
  }

  #mark(list: string[], path: string): void {
    if (this.#budget.takeName(path)) list.push(path);
    else this.#limit(path, 'more whiteouts than can be kept');
  }

  #limit(path: string, what: string): void {
    this.#stopped = true;
    this.#lose('archive/limit', path, `The layer holds ${what}; reading stopped at ${inert(path)}.`);
  }

  #lose(code: ErrorCode, path: string, message: string): void {
    if (this.complete) this.diagnostics.push({ code, level: 'error', path, message });
    this.complete = false;
  }

  #symlink(header: FileHeader): void {
    const depth = header.path.split('/', 3).length;
    if (depth <= 2) {
      if (this.rootLinks.size < maxRootLinks) this.rootLinks.set(header.path, header.linkTarget ?? '');
      else this.#limit(header.path, `more than ${maxRootLinks} symlinks near the root`);
    }
    for (const interest of this.#interests.of(header.path)) {
      const want = interest.wants({ ...header, type: 'file' }) ?? interest.wants(header);
      if (want !== undefined) this.#keep(interest.id, want, header, new Uint8Array(0), false, 'symlink');
    }
  }

  #hardlink(header: FileHeader, hash: number): void {
    const target = header.linkTarget ?? '';
    const interests = this.#interests.of(header.path);
    const originals = interests.map(({ id }) => this.kept.get(target, id));
    if (target !== header.path) this.#replace(header.path, hash, false);
    for (const [at, interest] of interests.entries()) {
      const original = originals[at];
      const sizeBytes = original?.sizeBytes ?? unknownBytes;
      const same = { ...header, type: 'file' as const, sizeBytes, mode: original?.mode ?? header.mode };
      const want = interest.wants(same);
      if (want === undefined || want.kind === 'link') continue;
      if (original !== undefined && original.type !== 'hardlink' && this.#isEnough(original, want)) {
        // Held once, but written to the cache and parsed under each name.
        if (!this.#afford(header.path, original.content.length)) continue;
        const { linkTarget } = original;
        const link = linkTarget === undefined ? same : { ...same, linkTarget };
        this.#keep(interest.id, want, link, original.content, original.truncated, original.type);
      } else if (this.#isDistilled(interest, same, want)) this.#target(target);
      else if (this.#isNamed(interest, same)) {
        const file = this.#keep(interest.id, want, header, new Uint8Array(0), false, 'hardlink');
        if (file !== undefined) this.pending.push({ file, want, header, ordinal: this.#ordinal });
      }
    }
  }

  /** True where the distiller got the file under its target's name too: what it kept of it was all, be it nothing. */
  #isDistilled(interest: FileInterest, { path, linkTarget = '', ...link }: FileHeader, want: Want): boolean {
    return want.kind === 'distill' && linkTarget !== path && interest.wants({ ...link, path: linkTarget }) === want;
  }

  /** True where a file of any size is wanted under this name. */
  #isNamed(interest: FileInterest, header: FileHeader): boolean {
    return header.sizeBytes !== unknownBytes || interest.wants({ ...header, sizeBytes: 1 }) !== undefined;
  }

  #target(target: string): void {
    if (this.#budget.takeBytes(this.targets.costOf(target))) this.targets.add(target);
    else this.#limit(target, 'more hard links than can be followed');
  }

  /** Keeps a hard link to a lower layer's file for each interest whose distiller was given that. */
  lowerLink(header: FileHeader): readonly KeptFile[] {
    const same = { ...header, type: 'file' as const, sizeBytes: unknownBytes };
    return this.#interests.of(header.path).flatMap((interest): KeptFile[] => {
      const want = interest.wants(same);
      if (want === undefined || !this.#isDistilled(interest, same, want) || !this.#takeFile(header)) return [];
      const { path, mode, linkTarget = '' } = header;
      const content = new Uint8Array(0);
      const optional = this.#isNamed(interest, same) ? 'content' : 'target';
      const link = { linkTarget, optional } as const;
      return [
        { interest: interest.id, path, type: 'hardlink', sizeBytes: 0, mode, content, truncated: false, ...link },
      ];
    });
  }

  /** True where as much of the file was kept as this want asks for. */
  #isEnough(original: KeptFile, want: ContentWant): boolean {
    const before = this.#wants.get(original);
    if (original.type === 'symlink') return true;
    if (before === undefined || before.kind === 'link') return false;
    if (before.kind === 'distill' || want.kind === 'distill') return before === want;
    return !original.truncated || before.maxBytes >= want.maxBytes;
  }

  #file(header: FileHeader): ContentSink | undefined {
    let single: ContentSink | undefined;
    let several: ContentSink[] | undefined;
    const asked = this.#interests.of(header.path);
    for (let i = 0; i < asked.length; i++) {
      const interest = asked[i] as FileInterest;
      const want = interest.wants(header);
      if (want === undefined || want.kind === 'link') continue;
      const sink = this.#fileSink(interest, want, header);
      if (sink === undefined) continue;
      if (single === undefined) single = sink;
      else (several ??= [single]).push(sink);
    }
    return several === undefined ? single : new SplitSink(several);
  }

  /** Apart from the loop, which would make room for what is captured here at every turn: a fifth of all garbage of a pass. */
  #fileSink({ id }: FileInterest, want: ContentWant, header: FileHeader): ContentSink | undefined {
    return this.sink(want, header, (content, truncated) => {
      this.#keep(id, want, header, content, truncated, 'file');
    });
  }

  /** Returns a sink that hands the file to `done` as `want` says, or undefined where the budget is used up. */
  sink(
    want: ContentWant,
    header: FileHeader,
    done: (content: Uint8Array, truncated: boolean) => void,
  ): ContentSink | undefined {
    const { path } = header;
    if (want.kind === 'distill') {
      return new DistillSink(
        want.create(),
        (content) => (this.#afford(path, content.length) ? done(content, false) : undefined),
        (thrown) => this.#lose('internal/bug', path, `${inert(path)} could not be read: ${messageOf(thrown)}.`),
      );
    }
    const size = Math.min(header.sizeBytes, want.maxBytes);
    if (!this.#afford(path, size)) return undefined;
    const truncated = header.sizeBytes > want.maxBytes;
    if (truncated && want.kind === 'whole') this.#tooLarge(header, want.maxBytes);
    return new KeepSink(this.#room.take(size), (content) => done(content, truncated));
  }

  #tooLarge({ path, sizeBytes }: FileHeader, maxBytes: number): void {
    if (this.diagnostics.length >= maxDiagnostics) {
      this.#hidden += 1;
      return;
    }
    const message = `${inert(path)} has ${sizeBytes} bytes, over the limit of ${maxBytes}; only its beginning was read.`;
    this.diagnostics.push({ code: 'archive/entry-too-large', level: 'warning', path, message });
  }

  #afford(path: string, sizeBytes: number): boolean {
    if (!this.#stopped && this.#budget.takeBytes(sizeBytes)) return true;
    if (!this.#stopped) this.#limit(path, 'more package metadata than the limit, with the layers read before');
    return false;
  }

  #keep(
    interest: string,
    want: Want,
    header: FileHeader,
    content: Uint8Array,
    truncated: boolean,
    type: KeptFile['type'],
  ): KeptFile | undefined {
    const { path, sizeBytes, mode } = header;
    const linkTarget = type === 'file' ? '' : (header.linkTarget ?? '');
    if (!this.#takeFile({ path, linkTarget })) return undefined;
    const link = type === 'file' ? {} : { linkTarget };
    const file: KeptFile = { interest, path, type, sizeBytes, mode, content, truncated, ...link };
    this.kept.add(file);
    this.#wants.set(file, want);
    return file;
  }

  #takeFile({ path, linkTarget = '' }: Pick<FileHeader, 'path' | 'linkTarget'>): boolean {
    const taken = this.#budget.takeFile(path, linkTarget);
    if (!taken) this.#limit(path, 'more package metadata than the limit, with the layers read before');
    return taken;
  }
}
