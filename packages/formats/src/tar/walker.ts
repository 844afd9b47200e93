// The tar reader: bytes are pushed in as they come, entries come out, nothing is kept and nothing awaits.
import type { LayerLimits } from '@plombe/kit';
import type { ContentSink, Diagnostic, EntryConsumer, FileHeader } from '@plombe/model';
import { fileTypeOf, readEntry } from './entry.ts';
import { readPaxRecords, type Extended } from './extended.ts';
import { at, blockBytes, hasValidSum, isZeroBlock, parseNumber } from './header.ts';
import { after, Reporter } from './reporter.ts';
import { expandSparse, isSound, maxHoleBytes, type HoleBudget } from './sparse.ts';
import { SparseReader, sparseOf, type SparseStart } from './sparse-reader.ts';

/** Reads one archive. After the end of the archive, or the first thing that makes the rest unreadable, bytes are taken and dropped. */
export interface TarWalker {
  /** Entries seen, those left out included. */
  readonly entries: number;
  /** False once an entry was left out or the archive turned out to be cut or corrupt. */
  readonly complete: boolean;
  write(chunk: Uint8Array): void;
  end(): void;
}

export interface TarOptions {
  /** True for archives that are no layers: `.wh.` in a name means nothing. */
  readonly literalNames?: boolean;
  /** Called before each file's entry with the time its header names, in seconds since 1970: 0 where it names none. */
  readonly onTime?: (seconds: number) => void;
}

/**
 * Creates a reader of v7, ustar, PAX and GNU archives, sparse files and whiteouts included, that sees what a container runtime sees: global
 * PAX headers count for nothing and links, devices and directories have no data. Content never throws: it ends in a diagnostic
 * (`archive/corrupt`, `archive/limit`, `archive/path-escape`). The sink of a file that is cut off is never ended.
 */
export function createTarWalker(
  consumer: EntryConsumer,
  limits: LayerLimits,
  onDiagnostic: (diagnostic: Diagnostic) => void,
  options: TarOptions = {},
): TarWalker {
  return new Walker(consumer, limits, onDiagnostic, options);
}

type State = 'header' | 'skip' | 'content' | 'meta' | 'sparse' | 'drain';

/** A sparse entry whose map is still being read; `header` is undefined where the entry is left out. */
interface Pending {
  readonly header: FileHeader | undefined;
  readonly reader: SparseReader;
  readonly dataBytes: number;
  readonly padBytes: number;
}

class Walker implements TarWalker {
  entries = 0;
  readonly #consumer: EntryConsumer;
  readonly #limits: LayerLimits;
  readonly #literalNames: boolean;
  readonly #onTime: TarOptions['onTime'];
  readonly #reporter: Reporter;
  readonly #holes: HoleBudget;
  readonly #carry = Buffer.alloc(blockBytes);
  readonly #carryView = new DataView(this.#carry.buffer, this.#carry.byteOffset, blockBytes);
  #carried = 0;
  #state: State = 'header';
  /** Bytes of the current data, and of the padding after it. */
  #left = 0;
  #padding = 0;
  #sink: ContentSink | undefined;
  #path = '';
  #metaType = 0;
  #meta: Buffer | undefined;
  #metaSize = 0;
  #extended: Extended | undefined;
  /** The next entry's extended header could not be read, so its name is not known. */
  #nameless = false;
  #pending: Pending | undefined;
  #zeroBlock = false;
  #saidMore = false;

  constructor(
    consumer: EntryConsumer,
    limits: LayerLimits,
    onDiagnostic: (diagnostic: Diagnostic) => void,
    { literalNames = false, onTime }: TarOptions,
  ) {
    this.#literalNames = literalNames;
    this.#onTime = onTime;
    this.#consumer = consumer;
    this.#limits = limits;
    this.#reporter = new Reporter(onDiagnostic);
    this.#holes = {
      left: maxHoleBytes,
      onExhausted: () => this.#lose('archive/limit', `The holes of sparse files have over ${maxHoleBytes} bytes.`),
    };
  }

  get complete(): boolean {
    return this.#reporter.complete;
  }

  write(chunk: Uint8Array): void {
    const bytes = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.length);
    // Sinks get true Uint8Arrays: the slice of a Buffer is no copy.
    const plain = new Uint8Array(chunk.buffer, chunk.byteOffset, chunk.length);
    const view = new DataView(chunk.buffer, chunk.byteOffset, chunk.length);
    const end = bytes.length;
    for (let i = 0; i < end;) {
      switch (this.#state) {
        case 'drain':
          return this.#behind(bytes, i);
        case 'skip': {
          const size = Math.min(this.#left + this.#padding, end - i);
          i += size;
          this.#skip(size);
          break;
        }
        case 'content':
          i += this.#content(plain, i, end);
          break;
        case 'meta':
          i += this.#collect(bytes, i, end);
          break;
        default:
          if (this.#carried === 0 && end - i >= blockBytes) {
            this.#block(bytes, view, i);
            i += blockBytes;
          } else i += this.#carryOn(bytes, i, end);
      }
    }
  }

  end(): void {
    if (this.#state !== 'drain') {
      const cut = this.#carried > 0 || this.#left > 0 || this.#pending !== undefined || this.#extended !== undefined;
      if (cut || this.#state === 'meta') this.#fail('The archive is cut off');
      else if (this.entries > 0) this.#reporter.report('archive/corrupt', 'note', 'The archive has no end mark.');
    }
    this.#state = 'drain';
    this.#reporter.end();
  }

  /** No runtime reads what follows the end mark; a hole in the archive looks like that mark, though, so it is told once. */
  #behind(bytes: Buffer, from: number): void {
    if (!this.#zeroBlock || this.#saidMore || !this.complete) return;
    let i = from;
    while (i < bytes.length && bytes[i] === 0) i += 1;
    if (i === bytes.length) return;
    this.#saidMore = true;
    this.#reporter.report(
      'archive/corrupt',
      'note',
      after('The archive goes on behind its end mark', this.#path) + '.',
    );
  }

  #skip(size: number): void {
    const data = Math.min(size, this.#left);
    this.#left -= data;
    this.#padding -= size - data;
    if (this.#left === 0 && this.#padding === 0) this.#state = 'header';
  }

  #content(bytes: Uint8Array, from: number, end: number): number {
    const size = Math.min(this.#left, end - from);
    const sink = this.#sink as ContentSink;
    this.#left -= size;
    const wantsMore = sink.write(bytes.subarray(from, from + size));
    if (!wantsMore || this.#left === 0) {
      this.#sink = undefined;
      this.#state = this.#left + this.#padding === 0 ? 'header' : 'skip';
      sink.end();
    }
    return size;
  }

  /** Takes bytes of an extended header; one that lies in the chunk whole is read where it is. */
  #collect(bytes: Buffer, from: number, end: number): number {
    const size = Math.min(this.#left, end - from);
    if (this.#meta === undefined && size === this.#metaSize) this.#meta = bytes.subarray(from, from + size);
    else {
      this.#meta ??= Buffer.allocUnsafe(this.#metaSize);
      bytes.copy(this.#meta, this.#metaSize - this.#left, from, from + size);
    }
    this.#left -= size;
    if (this.#left === 0) this.#readMeta(this.#meta);
    return size;
  }

  #readMeta(meta: Buffer): void {
    this.#meta = undefined;
    this.#state = this.#padding === 0 ? 'header' : 'skip';
    const extended = (this.#extended ??= {});
    if (this.#metaType === 0x4c || this.#metaType === 0x4b) {
      const nul = meta.indexOf(0);
      const name = Uint8Array.prototype.slice.call(meta, 0, nul < 0 ? meta.length : nul);
      if (this.#metaType === 0x4c) extended.path = name;
      else extended.linkPath = name;
    } else if (!readPaxRecords(meta, extended)) {
      this.#lose('archive/corrupt', 'An extended header has a malformed record.');
    }
  }

  #carryOn(bytes: Buffer, from: number, end: number): number {
    const size = Math.min(blockBytes - this.#carried, end - from);
    bytes.copy(this.#carry, this.#carried, from, from + size);
    this.#carried += size;
    if (this.#carried === blockBytes) {
      this.#carried = 0;
      this.#block(this.#carry, this.#carryView, 0);
    }
    return size;
  }

  #block(block: Buffer, view: DataView, offset: number): void {
    if (this.#pending === undefined) return this.#header(block, view, offset);
    const { reader, dataBytes } = this.#pending;
    this.#sparseStep(reader.readBlock(block, offset, dataBytes - reader.dataBlocks * blockBytes));
  }

  #header(block: Buffer, view: DataView, offset: number): void {
    if (block[offset] === 0 && isZeroBlock(view, offset)) {
      if (this.#extended !== undefined) this.#lose('archive/corrupt', 'An extended header has no entry.');
      this.#extended = undefined;
      if (this.#zeroBlock) this.#state = 'drain';
      this.#zeroBlock = true;
      return;
    }
    if (this.#zeroBlock) return this.#fail('A block of zeros is followed by something else');
    if (!hasValidSum(block, view, offset)) return this.#fail('A header has a wrong check sum');
    const flag = block[offset + at.type] as number;
    const stated = parseNumber(block, offset + at.size, 12);
    switch (flag) {
      case 0x78: // x
      case 0x58: // X, Solaris
      case 0x4c: // L
      case 0x4b: // K
        return this.#startMeta(flag, stated);
      case 0x67: // g: container runtimes leave it out of account
      case 0x56: // V, a volume's name
        return this.#data(stated) ? this.#startSkip() : undefined;
      default:
        return this.#entry(block, offset, flag, stated);
    }
  }

  #startMeta(flag: number, stated: number | undefined): void {
    if (!this.#data(stated)) return;
    if (this.#left > this.#limits.metadataBytes) {
      this.#lose('archive/limit', `An extended header has ${this.#left} bytes; its entry was left out.`);
      this.#nameless = true;
      return this.#startSkip();
    }
    this.#metaType = flag;
    this.#metaSize = this.#left;
    this.#state = this.#left === 0 ? 'header' : 'meta';
  }

  /** Sets the size of the data that follows; answers false, and ends, where it cannot be. */
  #data(size: number | undefined): boolean {
    if (size === undefined || size < 0 || size > Number.MAX_SAFE_INTEGER - blockBytes) {
      this.#fail('A header has an impossible size');
      return false;
    }
    this.#left = size;
    this.#padding = (blockBytes - (size % blockBytes)) % blockBytes;
    return true;
  }

  #startSkip(): void {
    this.#state = this.#left + this.#padding === 0 ? 'header' : 'skip';
  }

  #entry(block: Buffer, offset: number, flag: number, stated: number | undefined): void {
    const extended = this.#extended;
    const nameless = this.#nameless;
    this.#extended = undefined;
    this.#nameless = false;
    this.entries += 1;
    if (this.entries > this.#limits.entries) {
      return this.#stop('archive/limit', `The archive has more than ${this.#limits.entries} entries`);
    }
    const type = fileTypeOf(flag, block, offset);
    const hasData = type === 'file' || flag === 0x44;
    if (!this.#data(hasData ? (extended?.sizeBytes ?? stated) : 0)) return;
    if (nameless) return this.#startSkip();
    const sparse = type === 'file' ? sparseOf(block, offset, flag, extended) : undefined;
    const realBytes = sparse === undefined ? this.#left : sparse.realBytes;
    if (realBytes === undefined || realBytes < 0) return this.#fail('A sparse file has an impossible size');
    const reading = readEntry(block, offset, type, realBytes, extended, this.#limits, this.#literalNames);
    if (reading.kind === 'lost') this.#lose(reading.code, reading.message);
    if (reading.kind === 'entry') {
      this.#path = reading.header.path;
      if (reading.escapes) this.#escape();
    }
    const header = reading.kind === 'entry' ? reading.header : undefined;
    if (this.#onTime !== undefined) this.#onTime(parseNumber(block, offset + at.modified, 12) ?? 0);
    if (sparse !== undefined) this.#startSparse(block, offset, header, sparse);
    else if (header !== undefined) this.#begin(header);
    else this.#startSkip();
  }

  #escape(): void {
    this.#reporter.report('archive/path-escape', 'warning', 'The entry names a path outside the root.', this.#path);
  }

  #begin(header: FileHeader, map?: readonly number[]): void {
    const wanted = this.#consumer.entry(header);
    const sink =
      wanted !== undefined && map !== undefined ? expandSparse(wanted, map, header.sizeBytes, this.#holes) : wanted;
    if (sink !== undefined && header.type === 'file' && this.#left > 0) {
      this.#sink = sink;
      this.#state = 'content';
      return;
    }
    this.#startSkip();
    sink?.end();
  }

  /** The map comes before the data, so the entry waits for it; one that is left out has to be got past all the same. */
  #startSparse(block: Buffer, offset: number, header: FileHeader | undefined, start: SparseStart): void {
    const reader = new SparseReader(start);
    this.#pending = { header, reader, dataBytes: this.#left, padBytes: this.#padding };
    this.#left = 0;
    this.#padding = 0;
    this.#state = 'sparse';
    this.#sparseStep(reader.readHeader(start, block, offset));
  }

  #sparseStep(verdict: 'more' | 'done' | 'invalid'): void {
    if (verdict === 'more') return;
    if (verdict === 'invalid') return this.#fail('A sparse map is malformed');
    const { header, reader, dataBytes, padBytes } = this.#pending as Pending;
    this.#pending = undefined;
    this.#left = dataBytes - reader.dataBlocks * blockBytes;
    this.#padding = padBytes;
    if (header !== undefined && isSound(reader.map, header.sizeBytes, this.#left))
      return this.#begin(header, reader.map);
    if (header !== undefined)
      this.#lose('archive/corrupt', 'The map of a sparse file is impossible; it was left out.', header.path);
    this.#startSkip();
  }

  #lose(code: string, message: string, path?: string): void {
    this.#reporter.lose(code, message, path);
  }

  #fail(what: string): void {
    this.#stop('archive/corrupt', after(what, this.#path));
  }

  #stop(code: string, what: string): void {
    this.#lose(code, `${what}; the rest was not read.`);
    this.#state = 'drain';
    this.#left = 0;
    this.#sink = undefined;
    this.#pending = undefined;
  }
}
