// Reads DER into a tree, strictly: one encoding for each value, and limits before any memory is spent.
import { PlombeError, kibibyte, mebibyte } from '@plombe/kit';

export interface DerLimits {
  readonly bytes: number;
  readonly depth: number;
  readonly nodes: number;
}

/**
 * 1 MiB: a hundred times the largest certificate chain we know of. Depth 32: a time stamp token needs 12. 10,000 nodes: a
 * certificate with a thousand names needs 3,000.
 */
export const defaultDerLimits: DerLimits = { bytes: mebibyte, depth: 32, nodes: 10_000 };

/** One value: `tag` is the identifier octet (class, constructed bit and number in one). */
export class DerNode {
  readonly tag: number;
  readonly children: readonly DerNode[];
  readonly #source: Uint8Array;
  readonly #start: number;
  readonly #body: number;
  readonly #end: number;

  constructor(source: Uint8Array, header: DerHeader, children: readonly DerNode[]) {
    this.tag = header.tag;
    this.children = children;
    this.#source = source;
    this.#start = header.start;
    this.#body = header.body;
    this.#end = header.end;
  }

  /** The whole encoding with its header. */
  get bytes(): Uint8Array {
    return this.#source.subarray(this.#start, this.#end);
  }

  /** What follows the header. */
  get content(): Uint8Array {
    return this.#source.subarray(this.#body, this.#end);
  }
}

/** Where a value begins, where its content begins and where it ends. */
export interface DerHeader {
  readonly tag: number;
  readonly start: number;
  readonly body: number;
  readonly end: number;
}

/**
 * Parses exactly one DER value (X.690, 10). Throws `pki/malformed` for indefinite or non-minimal lengths, multi-byte tags,
 * what is cut off and what trails; `pki/limit` beyond the limits.
 */
export function parseDer(bytes: Uint8Array, limits: DerLimits = defaultDerLimits): DerNode {
  if (bytes.length > limits.bytes) {
    throw new PlombeError('pki/limit', `${bytes.length} bytes of DER are more than ${limits.bytes / kibibyte} KiB.`);
  }
  const budget = { nodes: limits.nodes };
  const root = readNode(bytes, readHeader(bytes, 0, bytes.length), limits.depth, budget);
  if (root.bytes.length !== bytes.length) throw malformed('bytes follow the value');
  return root;
}

function readNode(source: Uint8Array, header: DerHeader, depth: number, budget: { nodes: number }): DerNode {
  if (depth <= 0) throw new PlombeError('pki/limit', 'DER is nested deeper than the limit.');
  if (--budget.nodes < 0) throw new PlombeError('pki/limit', 'DER holds more values than the limit.');
  if ((header.tag & 0x20) === 0) return new DerNode(source, header, noChildren);
  const children: DerNode[] = [];
  for (let at = header.body; at < header.end;) {
    const child = readHeader(source, at, header.end);
    children.push(readNode(source, child, depth - 1, budget));
    at = child.end;
  }
  return new DerNode(source, header, children);
}

const noChildren: readonly DerNode[] = [];

/** Reads the header at `start` of a value that must end by `end`. Throws `pki/malformed`. For walking lists too long for a tree. */
export function readHeader(source: Uint8Array, start: number, end: number): DerHeader {
  if (start + 2 > end) throw malformed('a value is cut off');
  const tag = source[start] as number;
  if ((tag & 0x1f) === 0x1f) throw malformed('a tag has several bytes');
  if (tag === 0) throw malformed('a tag is zero');
  const first = source[start + 1] as number;
  if (first < 0x80) return within({ tag, start, body: start + 2, end: start + 2 + first }, end);
  const count = first & 0x7f;
  if (count === 0) throw malformed('a length is indefinite');
  if (count > 4) throw malformed('a length has more than four bytes');
  const body = start + 2 + count;
  if (body > end) throw malformed('a length is cut off');
  let length = 0;
  for (let i = start + 2; i < body; i++) length = length * 256 + (source[i] as number);
  if (length < 0x80 || source[start + 2] === 0) throw malformed('a length is not the shortest');
  return within({ tag, start, body, end: body + length }, end);
}

function within(header: DerHeader, end: number): DerHeader {
  if (header.end > end) throw malformed('a value is longer than what holds it');
  return header;
}

/** The error for bytes that are not what they should be; `what` is a clause without its end. */
export function malformed(what: string, cause?: unknown): PlombeError {
  return new PlombeError('pki/malformed', `Malformed: ${what}.`, cause === undefined ? {} : { cause });
}
