// The manifest of a single-file program of .NET (dotnet/designs, "Single-file bundle format"): which files lie in it, and where.

export type BundledKind = 'unknown' | 'assembly' | 'native' | 'deps' | 'runtimeConfig' | 'symbols';

export interface BundledFile {
  readonly path: string;
  readonly kind: BundledKind;
  /** In the program. */
  readonly offset: number;
  readonly sizeBytes: number;
}

export interface BundleManifest {
  readonly majorVersion: number;
  readonly files: readonly BundledFile[];
}

const kinds: readonly BundledKind[] = ['unknown', 'assembly', 'native', 'deps', 'runtimeConfig', 'symbols'];
/** A whole application with its runtime has 600. */
const maxFiles = 65_536;
const maxPathBytes = 4096;

/**
 * Reads a manifest of the versions 1 (.NET Core 3) to 6 (.NET 6 and later). Undefined where it is of another version, cut, or not one.
 */
export function parseBundleManifest(bytes: Uint8Array): BundleManifest | undefined {
  try {
    return readManifest(bytes);
  } catch (thrown) {
    if (thrown instanceof RangeError) return undefined;
    throw thrown;
  }
}

function readManifest(bytes: Uint8Array): BundleManifest | undefined {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const majorVersion = view.getUint32(0, true);
  const count = view.getInt32(8, true);
  if (majorVersion < 1 || majorVersion > 6 || count < 0 || count > maxFiles) return undefined;
  let at = 12;
  const text = (): string => {
    let length = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = view.getUint8(at++);
      length += (byte & 0x7f) * 2 ** shift;
      if (byte < 0x80) break;
      if (shift > 14) throw new RangeError('longer than any path');
    }
    if (length > maxPathBytes || at + length > bytes.length) throw new RangeError('beyond the end');
    const found = Buffer.from(bytes.buffer, bytes.byteOffset + at, length).toString('utf8');
    at += length;
    return found;
  };
  const number = (): number => {
    const value = Number(view.getBigInt64(at, true));
    at += 8;
    return value;
  };
  text();
  // From version 2 on: where the dependencies and the configuration are, and flags; the list below says the first two again.
  if (majorVersion >= 2) at += 40;
  const files: BundledFile[] = [];
  for (let i = 0; i < count; i++) {
    const offset = number();
    const sizeBytes = number();
    if (majorVersion >= 6) at += 8;
    const kind = kinds[view.getUint8(at++)] ?? 'unknown';
    files.push({ path: text(), kind, offset, sizeBytes });
  }
  return { majorVersion, files };
}
