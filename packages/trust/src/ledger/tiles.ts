// C2SP tlog-tiles: where tiles and entry bundles are, and hashes of any subtree out of them.
import { PlombeError } from '@plombe/kit';
import { auditPath, coverOf, foldSpan, nodeHash, type Span, type Subtree } from './merkle.ts';
import type { LedgerStore } from './store.ts';

/** Leaves in a full tile, and levels in it. */
export const tileWidth = 256;
const tileHeight = 8;

/** `tile/<level>/<index>[.p/<width>]`, tlog-tiles, "Merkle Tree"; level `entries` for bundles of entries. */
export function tilePath(level: number | 'entries', index: number, width: number): string {
  const digits = String(index).padStart(Math.ceil(String(index).length / 3) * 3, '0');
  const parts = digits.match(/.{3}/g) ?? [];
  const path = parts.map((part, i) => (i < parts.length - 1 ? `x${part}` : part)).join('/');
  return `tile/${level}/${path}${width < tileWidth ? `.p/${width}` : ''}`;
}

/** How many hashes the tile has in a tree of that size. */
export function tileWidthIn(size: number, level: number, index: number): number {
  const hashes = Math.floor(size / tileWidth ** level);
  return Math.min(tileWidth, hashes - index * tileWidth);
}

/** Tiles with all hashes inside, kept for the next proof: 16 KiB each, 256 of them 4 MiB. */
const keptTiles = 256;

/** Reads hashes of one tree. Throws `ledger/damaged` where a tile is missing or short. */
export class TileReader {
  readonly #store: LedgerStore;
  readonly #size: number;
  /** Per tile the hashes of each height, from its own hashes up. */
  readonly #kept = new Map<string, Promise<readonly Buffer[]>>();

  constructor(store: LedgerStore, size: number) {
    this.#store = store;
    this.#size = size;
  }

  async subtree({ level, index }: Subtree): Promise<Buffer> {
    const tileLevel = Math.floor(level / tileHeight);
    const height = level % tileHeight;
    const widthHere = tileWidth / 2 ** height;
    const heights = await this.#tile(tileLevel, Math.floor(index / widthHere));
    const at = (index % widthHere) * 32;
    const found = heights[height]?.subarray(at, at + 32);
    if (found?.length !== 32)
      throw damagedTile(this.#store, tilePath(tileLevel, Math.floor(index / widthHere), tileWidth));
    return found;
  }

  leaf(index: number): Promise<Buffer> {
    return this.subtree({ level: 0, index });
  }

  async span({ from, to }: Span): Promise<Buffer> {
    return foldSpan(await Promise.all(coverOf(from, to).map((part) => this.subtree(part))));
  }

  /** Returns the audit path of a leaf, RFC 6962, 2.1.1. */
  audit(index: number): Promise<readonly Buffer[]> {
    return Promise.all(auditPath(index, this.#size).map((span) => this.span(span)));
  }

  #tile(level: number, index: number): Promise<readonly Buffer[]> {
    const width = tileWidthIn(this.#size, level, index);
    const path = tilePath(level, index, width);
    const kept = this.#kept.get(path);
    if (kept !== undefined) return kept;
    const [oldest] = this.#kept.keys();
    if (this.#kept.size >= keptTiles && oldest !== undefined) this.#kept.delete(oldest);
    const read = this.#readTile(path, level, index, width);
    this.#kept.set(path, read);
    return read;
  }

  /** A writer may have filled the tile meanwhile and taken the partial one away: the full one begins with the same hashes. */
  async #readTile(path: string, level: number, index: number, width: number): Promise<readonly Buffer[]> {
    const bytes =
      (await this.#store.read(path)) ??
      (await this.#store.read(tilePath(level, index, tileWidth)))?.subarray(0, width * 32);
    if (bytes?.length !== width * 32) throw damagedTile(this.#store, path);
    const heights = [bytes];
    for (let below = bytes; below.length >= 64;) {
      const count = Math.floor(below.length / 64);
      const above = Buffer.allocUnsafe(count * 32);
      for (let i = 0; i < count; i++) {
        above.set(nodeHash(below.subarray(i * 64, i * 64 + 32), below.subarray(i * 64 + 32, i * 64 + 64)), i * 32);
      }
      heights.push(above);
      below = above;
    }
    return heights;
  }
}

function damagedTile({ name }: LedgerStore, path: string): PlombeError {
  return new PlombeError('ledger/damaged', `The file ${path} of the ledger ${name} is missing or too short.`);
}
