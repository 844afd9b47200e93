// Goes through a zip archive front to back, record by record, without knowing yet what its directory at the end will say.
import { signatures, readLocal, readCentral, readEnd, readEnd64, isLikelyLocal, number64 } from './records.ts';
import { end64Bytes, endBytes, locatorBytes, maxDescriptorBytes } from './records.ts';
import type { CentralHeader, EndRecord, LocalHeader } from './records.ts';

/** Receives what the walker comes across, with its position in the archive's bytes. */
export interface ZipEvents {
  /** An entry's local header; its data follows. `bytes` holds the name. */
  local(header: LocalHeader, bytes: Buffer, position: number): void;
  /** Data of the entry that was announced last, overwritten afterwards. */
  data(bytes: Buffer): void;
  /** The data of the entry is complete. */
  dataEnd(compressedBytes: number): void;
  central(header: CentralHeader, bytes: Buffer, position: number): void;
  end64(record: EndRecord, position: number): void;
  end(record: EndRecord, position: number): void;
}

type State = 'record' | 'junk' | 'data' | 'open-data';

/** `PK` as a little-endian number. */
const pk = 0x4b50;
const none = Buffer.alloc(0);
/** Bytes behind `PK` that tell what begins there. */
const recordContext = 30;

/**
 * Walks one archive. What lies between records (a script in front, padding, a signing block) is skipped; data of unknown length ends where a
 * data descriptor states exactly the distance from its start.
 */
export class ZipWalker {
  readonly #events: ZipEvents;
  #state: State = 'record';
  #carry: Buffer = none;
  /** Position of the first byte that is not consumed. */
  #position = 0;
  #dataAt = 0;
  #dataLeft = 0;
  /** Bytes behind #position in which no end of the data begins. */
  #searched = 0;
  #last = false;

  constructor(events: ZipEvents) {
    this.#events = events;
  }

  write(chunk: Buffer): void {
    const bytes = this.#carry.length === 0 ? chunk : Buffer.concat([this.#carry, chunk]);
    let at = 0;
    for (;;) {
      const next = this.#step(bytes, at);
      if (next === undefined) break;
      this.#position += next - at;
      at = next;
    }
    this.#carry = at === bytes.length ? none : Buffer.from(bytes.subarray(at));
  }

  /** Ends the archive. An entry whose data broke off gets no `dataEnd`. */
  end(): void {
    this.#last = true;
    if (this.#state === 'data' || this.#state === 'open-data') {
      this.#events.data(this.#carry);
      return;
    }
    // Records may stand closer to the end than the bytes that tell them apart from chance.
    this.write(Buffer.alloc(recordContext));
  }

  #step(bytes: Buffer, at: number): number | undefined {
    if (at >= bytes.length) return undefined;
    if (this.#state === 'data') return this.#data(bytes, at);
    if (this.#state === 'open-data') return this.#openData(bytes, at);
    return this.#state === 'record' ? this.#record(bytes, at) : this.#junk(bytes, at);
  }

  #data(bytes: Buffer, at: number): number {
    const end = Math.min(bytes.length, at + this.#dataLeft);
    if (end > at) this.#events.data(bytes.subarray(at, end));
    this.#dataLeft -= end - at;
    if (this.#dataLeft === 0) this.#endData(this.#position + end - at - this.#dataAt);
    return end;
  }

  #endData(compressedBytes: number): void {
    this.#state = 'record';
    this.#events.dataEnd(compressedBytes);
  }

  /** Looks for a descriptor that states the distance; hands on what cannot be part of one. */
  #openData(bytes: Buffer, at: number): number | undefined {
    let from = at + this.#searched;
    for (;;) {
      const found = nextSignature(bytes, from);
      const safe = found < 0 ? bytes.length - 1 : found;
      if (found < 0 || found + maxDescriptorBytes > bytes.length) {
        const consumed = Math.max(at, safe - maxDescriptorBytes);
        this.#searched = Math.max(0, safe - consumed);
        if (consumed === at) return undefined;
        this.#events.data(bytes.subarray(at, consumed));
        return consumed;
      }
      const ending = this.#descriptorAt(bytes, found, this.#position + found - at - this.#dataAt);
      if (ending !== undefined && found - ending.before >= at) {
        const end = found - ending.before;
        if (end > at) this.#events.data(bytes.subarray(at, end));
        this.#endData(this.#position + end - at - this.#dataAt);
        return found + ending.after;
      }
      from = found + 1;
    }
  }

  /** `before` and `after` the `PK` at `at`, the descriptor's bytes. */
  #descriptorAt(bytes: Buffer, at: number, distance: number): { before: number; after: number } | undefined {
    const signature = bytes.readUInt32LE(at);
    if (signature === signatures.descriptor) {
      const is32 = bytes.readUInt32LE(at + 8) === distance;
      if (is32 && bytes.readUInt16LE(at + 16) === pk) return { before: 0, after: 16 };
      if (number64(bytes, at + 8) === distance) return { before: 0, after: 24 };
      if (is32) return { before: 0, after: 16 };
    } else if (signature === signatures.local || signature === signatures.central) {
      if (at >= 12 && distance >= 12 && bytes.readUInt32LE(at - 8) === distance - 12) return { before: 12, after: 0 };
      if (at >= 20 && distance >= 20 && number64(bytes, at - 16) === distance - 20) return { before: 20, after: 0 };
    }
    return undefined;
  }

  #record(given: Buffer, at: number): number | undefined {
    // No record may be completed by what was put behind the end.
    const bytes = this.#last ? given.subarray(0, given.length - recordContext) : given;
    if (at + 4 > bytes.length) return undefined;
    switch (bytes.readUInt32LE(at)) {
      case signatures.local:
        return this.#local(bytes, at);
      case signatures.central: {
        const header = readCentral(bytes, at);
        if (header === undefined) return this.#orJunk(at);
        this.#events.central(header, bytes, this.#position);
        return at + header.headerBytes;
      }
      case signatures.end64: {
        if (at + end64Bytes > bytes.length) return this.#orJunk(at);
        const record = readEnd64(bytes, at);
        this.#events.end64(record, this.#position);
        return record.recordBytes >= end64Bytes && at + record.recordBytes <= bytes.length
          ? at + record.recordBytes
          : at + end64Bytes;
      }
      case signatures.locator64:
        return at + locatorBytes > bytes.length ? this.#orJunk(at) : at + locatorBytes;
      case signatures.end:
        if (at + endBytes > bytes.length) return this.#orJunk(at);
        this.#events.end(readEnd(bytes, at), this.#position);
        this.#state = 'junk';
        return at + endBytes;
      case signatures.descriptor:
        return this.#descriptor(bytes, at);
      default:
        this.#state = 'junk';
        return at;
    }
  }

  #local(bytes: Buffer, at: number): number | undefined {
    const header = readLocal(bytes, at);
    if (header === undefined) return this.#orJunk(at);
    this.#events.local(header, bytes, this.#position);
    this.#dataAt = this.#position + header.headerBytes;
    this.#dataLeft = header.compressedBytes ?? 0;
    this.#searched = 0;
    this.#state = header.compressedBytes === undefined ? 'open-data' : 'data';
    // An empty entry must end although no byte follows.
    if (this.#state === 'data' && this.#dataLeft === 0) this.#endData(0);
    return at + header.headerBytes;
  }

  /** A descriptor behind data of known length: as long as what follows says. */
  #descriptor(bytes: Buffer, at: number): number | undefined {
    if (at + maxDescriptorBytes + 2 > bytes.length) return this.#orJunk(at);
    const isPk = (there: number): boolean => bytes.readUInt16LE(there) === pk;
    return at + (isPk(at + 16) || !isPk(at + 24) ? 16 : 24);
  }

  /** Waits for more bytes, of which at the end none come. */
  #orJunk(at: number): number | undefined {
    if (!this.#last) return undefined;
    this.#state = 'junk';
    return at + 1;
  }

  #junk(bytes: Buffer, from: number): number | undefined {
    for (let at = from; ;) {
      const found = nextSignature(bytes, at);
      if (found < 0) return bytes.length - 1 > from ? bytes.length - 1 : undefined;
      if (found + recordContext > bytes.length) return found > from ? found : undefined;
      const signature = bytes.readUInt32LE(found);
      const isRecord =
        (signature === signatures.local && isLikelyLocal(bytes, found)) ||
        signature === signatures.central ||
        signature === signatures.end64 ||
        signature === signatures.end;
      if (isRecord) {
        this.#state = 'record';
        return found;
      }
      at = found + 1;
    }
  }
}

/** Bytes looked at one by one before the native search, whose every call costs as much: data made of `PK` would take minutes (T05). */
const nearBytes = 256;

/** Returns the first position from which a signature may begin, `PK` and a byte below 8 as far as the bytes reach; -1 where none does. */
function nextSignature(bytes: Buffer, from: number): number {
  for (let start = from; start < bytes.length;) {
    const near = Math.min(start + nearBytes, bytes.length - 1);
    let at = start;
    while (at < near && !isSignature(bytes, at)) at++;
    if (at < near) return at;
    at = bytes.indexOf('PK', near, 'latin1');
    if (at < 0 || isSignature(bytes, at)) return at;
    start = at + 1;
  }
  return -1;
}

function isSignature(bytes: Buffer, at: number): boolean {
  return bytes[at] === 0x50 && bytes[at + 1] === 0x4b && (bytes[at + 2] ?? 0) < 8;
}
