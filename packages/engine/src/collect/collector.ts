// Receives the entries of one layer and keeps what the catalogers want, within the limits.
import type { Distiller, FileInterest, Want } from '@plombe/catalogers';
import { inert, type LayerLimits } from '@plombe/kit';
import type { ContentSink, Diagnostic, EntryConsumer, FileHeader } from '@plombe/model';
import { PathSetBuilder } from './path-set.ts';
import type { KeptFile } from './record.ts';

/** A hard link that is wanted, but whose target was not kept for the same interest. */
export interface PendingLink {
  readonly interest: string;
  readonly want: Exclude<Want, { kind: 'link' | 'distill' }>;
  readonly header: FileHeader;
  readonly target: string;
}

/** At most this many symlinks near the root are kept; a distribution has under thirty. */
const maxRootLinks = 4096;
/** Whiteouts and opaque markers kept; the largest image known to us has under 20,000. */
const maxMarkers = 1_000_000;

export interface CollectorOptions {
  readonly interests: readonly FileInterest[];
  readonly limits: LayerLimits;
}

/** Collects one layer. After the walk, `files` and the sets are ready; `pending` wants a second pass. */
export class LayerCollector implements EntryConsumer {
  readonly files: KeptFile[] = [];
  readonly rootLinks = new Map<string, string>();
  readonly whiteouts: string[] = [];
  readonly opaques: string[] = [];
  readonly diagnostics: Diagnostic[] = [];
  readonly pending: PendingLink[] = [];
  readonly nonDirectories = new PathSetBuilder();
  readonly directories = new PathSetBuilder();
  complete = true;
  readonly #interests: readonly FileInterest[];
  readonly #limits: LayerLimits;
  readonly #kept = new Map<string, KeptFile[]>();
  #keptBytes = 0;

  constructor(options: CollectorOptions) {
    this.#interests = options.interests;
    this.#limits = options.limits;
  }

  entry(header: FileHeader): ContentSink | undefined {
    switch (header.type) {
      case 'directory':
        if (header.path !== '') this.directories.add(header.path);
        return undefined;
      case 'whiteout':
        this.#mark(this.whiteouts, header.path);
        return undefined;
      case 'opaque':
        this.#mark(this.opaques, header.path);
        return undefined;
      case 'symlink':
        this.nonDirectories.add(header.path);
        this.#symlink(header);
        return undefined;
      case 'hardlink':
        this.nonDirectories.add(header.path);
        this.#hardlink(header);
        return undefined;
      case 'file':
        this.nonDirectories.add(header.path);
        return this.#file(header);
      default:
        this.nonDirectories.add(header.path);
        return undefined;
    }
  }

  #mark(list: string[], path: string): void {
    if (list.length < maxMarkers) list.push(path);
    else this.#limit(path, `more than ${maxMarkers} whiteouts`);
  }

  #limit(path: string, what: string): void {
    if (!this.complete) return;
    this.complete = false;
    this.diagnostics.push({
      code: 'archive/limit',
      level: 'error',
      path,
      message: `The layer holds ${what}; reading stopped at ${inert(path)}.`,
    });
  }

  #symlink(header: FileHeader): void {
    const target = header.linkTarget ?? '';
    const depth = header.path.split('/', 3).length;
    if (depth <= 2 && this.rootLinks.size < maxRootLinks) this.rootLinks.set(header.path, target);
    for (const interest of this.#interests) {
      if (interest.wants({ ...header, type: 'file' }) ?? interest.wants(header)) {
        this.#keep(interest.id, header, new Uint8Array(0), false, 'symlink');
      }
    }
  }

  #hardlink(header: FileHeader): void {
    const target = header.linkTarget ?? '';
    const known = this.#kept.get(target);
    for (const interest of this.#interests) {
      const original = known?.find((file) => file.interest === interest.id);
      if (original !== undefined) {
        const same = { ...header, type: 'file' as const, sizeBytes: original.sizeBytes, mode: original.mode };
        if (interest.wants(same)) this.#keep(interest.id, same, original.content, original.truncated, 'file');
        continue;
      }
      const want = interest.wants({ ...header, type: 'file', sizeBytes: 1 });
      if (want !== undefined && want.kind !== 'link' && want.kind !== 'distill') {
        this.pending.push({ interest: interest.id, want, header, target });
      }
    }
  }

  #file(header: FileHeader): ContentSink | undefined {
    let single: ContentSink | undefined;
    let several: ContentSink[] | undefined;
    for (const interest of this.#interests) {
      const want = interest.wants(header);
      if (want === undefined || want.kind === 'link') continue;
      const sink = this.sink(interest.id, want, header);
      if (sink === undefined) continue;
      if (single === undefined) single = sink;
      else (several ??= [single]).push(sink);
    }
    return several === undefined ? single : new SplitSink(several);
  }

  /** Returns a sink that keeps the file for the interest as `want` says, or undefined where the layer's budget is used up. */
  sink(interest: string, want: Exclude<Want, { kind: 'link' }>, header: FileHeader): ContentSink | undefined {
    if (want.kind === 'distill') {
      return new DistillSink(want.create(), (content) => {
        if (this.#afford(header.path, content.length)) this.#keep(interest, header, content, false, 'file');
      });
    }
    const size = Math.min(header.sizeBytes, want.maxBytes);
    if (!this.#afford(header.path, size)) return undefined;
    const truncated = header.sizeBytes > want.maxBytes;
    if (truncated && want.kind === 'whole') {
      this.diagnostics.push({
        code: 'archive/entry-too-large',
        level: 'warning',
        path: header.path,
        message: `${inert(header.path)} has ${header.sizeBytes} bytes, over the limit of ${want.maxBytes}; only its beginning was read.`,
      });
    }
    return new KeepSink(size, (content) => this.#keep(interest, header, content, truncated, 'file'));
  }

  /** Takes bytes from the layer's budget; false where it is used up. */
  #afford(path: string, sizeBytes: number): boolean {
    if (this.#keptBytes + sizeBytes > this.#limits.keptBytes) {
      this.#limit(path, `over ${this.#limits.keptBytes} bytes of package metadata`);
      return false;
    }
    this.#keptBytes += sizeBytes;
    return true;
  }

  #keep(interest: string, header: FileHeader, content: Uint8Array, truncated: boolean, type: KeptFile['type']): void {
    const file: KeptFile = {
      interest,
      path: header.path,
      type,
      sizeBytes: header.sizeBytes,
      mode: header.mode,
      content,
      truncated,
      ...(type === 'file' ? {} : { linkTarget: header.linkTarget ?? '' }),
    };
    this.files.push(file);
    const others = this.#kept.get(header.path);
    if (others === undefined) this.#kept.set(header.path, [file]);
    else others.push(file);
  }

  /** Records a wanted hard link whose target is in no place of this layer. */
  keepUnresolved(link: PendingLink): void {
    this.#keep(link.interest, link.header, new Uint8Array(0), false, 'hardlink');
  }
}

class KeepSink implements ContentSink {
  readonly #content: Buffer;
  readonly #done: (content: Uint8Array) => void;
  #at = 0;

  constructor(sizeBytes: number, done: (content: Uint8Array) => void) {
    this.#content = Buffer.allocUnsafeSlow(sizeBytes);
    this.#done = done;
  }

  write(chunk: Uint8Array): boolean {
    const take = Math.min(chunk.length, this.#content.length - this.#at);
    this.#content.set(take === chunk.length ? chunk : chunk.subarray(0, take), this.#at);
    this.#at += take;
    return this.#at < this.#content.length;
  }

  end(): void {
    this.#done(this.#content.subarray(0, this.#at));
  }
}

class DistillSink implements ContentSink {
  readonly #distiller: Distiller;
  readonly #done: (content: Uint8Array) => void;

  constructor(distiller: Distiller, done: (content: Uint8Array) => void) {
    this.#distiller = distiller;
    this.#done = done;
  }

  write(chunk: Uint8Array): boolean {
    return this.#distiller.write(chunk);
  }

  end(): void {
    const content = this.#distiller.finish();
    if (content !== undefined) this.#done(content);
  }
}

class SplitSink implements ContentSink {
  readonly #sinks: readonly ContentSink[];
  readonly #open: boolean[];

  constructor(sinks: readonly ContentSink[]) {
    this.#sinks = sinks;
    this.#open = sinks.map(() => true);
  }

  write(chunk: Uint8Array): boolean {
    let any = false;
    this.#sinks.forEach((sink, index) => {
      if (this.#open[index] !== true) return;
      this.#open[index] = sink.write(chunk);
      any ||= this.#open[index] === true;
    });
    return any;
  }

  end(): void {
    for (const sink of this.#sinks) sink.end();
  }
}
