// CLI metadata (ECMA-335, II.24): the Assembly row, which names a .NET assembly. The tables before it are only counted.

/** What an assembly calls itself. */
export interface AssemblyName {
  readonly name: string;
  /** Four parts. */
  readonly version: string;
  /** `de`, `zh-Hans` …: an assembly of translations; absent for code. */
  readonly culture?: string;
}

/** Columns: bytes, or what a column points to. */
type Column =
  | 1
  | 2
  | 4
  | 's'
  | 'g'
  | 'b'
  | { readonly table: number }
  | { readonly tagBits: number; readonly tables: readonly number[] };

const coded = (tagBits: number, ...tables: readonly number[]): Column => ({ tagBits, tables });
const row = (table: number): Column => ({ table });
const typeDefOrRef = coded(2, 2, 1, 0x1b);
const methodDefOrRef = coded(1, 6, 0xa);
const hasCustomAttribute = coded(
  5,
  6,
  4,
  1,
  2,
  8,
  9,
  0xa,
  0,
  0xe,
  0x17,
  0x14,
  0x11,
  0x1a,
  0x1b,
  0x20,
  0x23,
  0x26,
  0x27,
  0x28,
  0x2a,
  0x2b,
  0x2c,
);

/** Columns of the tables 0x00 (Module) to 0x1F (ENCMap), II.22. */
const columns: readonly (readonly Column[])[] = [
  [2, 's', 'g', 'g', 'g'],
  [coded(2, 0, 0x1a, 0x23, 1), 's', 's'],
  [4, 's', 's', typeDefOrRef, row(4), row(6)],
  [row(4)],
  [2, 's', 'b'],
  [row(6)],
  [4, 2, 2, 's', 'b', row(8)],
  [row(8)],
  [2, 2, 's'],
  [row(2), typeDefOrRef],
  [coded(3, 2, 1, 0x1a, 6, 0x1b), 's', 'b'],
  [2, coded(2, 4, 8, 0x17), 'b'],
  [hasCustomAttribute, coded(3, 6, 0xa), 'b'],
  [coded(1, 4, 8), 'b'],
  [2, coded(2, 2, 6, 0x20), 'b'],
  [2, 4, row(2)],
  [4, row(4)],
  ['b'],
  [row(2), row(0x14)],
  [row(0x14)],
  [2, 's', typeDefOrRef],
  [row(2), row(0x17)],
  [row(0x17)],
  [2, 's', 'b'],
  [2, row(6), coded(1, 0x14, 0x17)],
  [row(2), methodDefOrRef, methodDefOrRef],
  ['s'],
  ['b'],
  [2, coded(1, 4, 6), 's', row(0x1a)],
  [4, row(4)],
  [4, 4],
  [4],
];
const assemblyTable = 0x20;
const maxStreams = 16;
/** The common language runtime's own limit for names. */
const maxNameBytes = 1024;

/** Reads the name of the assembly from its metadata, of which the end may be cut. Undefined for a module without one, or where it is not reached. */
export function parseAssemblyName(metadata: Uint8Array): AssemblyName | undefined {
  try {
    return readAssemblyName(metadata);
  } catch (thrown) {
    // Beyond the end: what says where things are is not as it should be.
    if (thrown instanceof RangeError) return undefined;
    throw thrown;
  }
}

function readAssemblyName(metadata: Uint8Array): AssemblyName | undefined {
  const view = new DataView(metadata.buffer, metadata.byteOffset, metadata.length);
  const streams = streamsOf(view);
  const tables = streams.get('#~') ?? streams.get('#-');
  const strings = streams.get('#Strings');
  if (tables === undefined || strings === undefined) return undefined;
  const heapSizes = view.getUint8(tables + 6);
  const valid = view.getBigUint64(tables + 8, true);
  const rows = Array.from({ length: 64 }, () => 0);
  let at = tables + 24;
  for (let table = 0; table < 64; table++) {
    if (((valid >> BigInt(table)) & 1n) === 0n) continue;
    rows[table] = view.getUint32(at, true);
    at += 4;
  }
  if ((heapSizes & 0x40) !== 0) at += 4;
  if (rows[assemblyTable] === 0) return undefined;
  const heap = (bit: number): 2 | 4 => ((heapSizes & bit) === 0 ? 2 : 4);
  const sizes = { s: heap(1), g: heap(2), b: heap(4) };
  const sizeOf = (column: Column): number => {
    if (typeof column === 'number') return column;
    if (typeof column === 'string') return sizes[column];
    if ('table' in column) return (rows[column.table] as number) < 0x1_0000 ? 2 : 4;
    return Math.max(...column.tables.map((table) => rows[table] as number)) < 2 ** (16 - column.tagBits) ? 2 : 4;
  };
  for (const [table, list] of columns.entries()) {
    at += (rows[table] as number) * list.reduce((sum, column) => sum + sizeOf(column), 0);
  }
  const part = (index: number): number => view.getUint16(at + 4 + 2 * index, true);
  const nameAt = at + 16 + sizes.b;
  const text = (place: number): string =>
    stringAt(metadata, strings + (sizes.s === 2 ? view.getUint16(place, true) : view.getUint32(place, true)));
  const name = text(nameAt);
  if (name === '') return undefined;
  const culture = text(nameAt + sizes.s);
  const version = [part(0), part(1), part(2), part(3)].join('.');
  return { name, version, ...(culture === '' ? {} : { culture }) };
}

/** Offsets of the streams by name; `BSJB`, then a version text, then the list. */
function streamsOf(view: DataView): ReadonlyMap<string, number> {
  const streams = new Map<string, number>();
  if (view.getUint32(0, true) !== 0x424a_5342) return streams;
  let at = 16 + view.getUint32(12, true);
  const count = Math.min(view.getUint16(at + 2, true), maxStreams);
  at += 4;
  for (let i = 0; i < count; i++) {
    const offset = view.getUint32(at, true);
    let name = '';
    let end = at + 8;
    for (let byte = view.getUint8(end); byte !== 0 && name.length < 32; byte = view.getUint8(end)) {
      name += String.fromCharCode(byte);
      end += 1;
    }
    streams.set(name, offset);
    at = (end + 4) & ~3;
  }
  return streams;
}

function stringAt(bytes: Uint8Array, at: number): string {
  const end = bytes.indexOf(0, at);
  if (at >= bytes.length || end < 0 || end - at > maxNameBytes) throw new RangeError('beyond the heap of strings');
  return Buffer.from(bytes.buffer, bytes.byteOffset + at, end - at).toString('utf8');
}
