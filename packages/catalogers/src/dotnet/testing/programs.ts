// Assemblies, hosts and programs in one file, made byte by byte as linkers and `dotnet publish` make them.

const signature = Buffer.from('8b1202b96a612038727b930214d7a03213f5b9e6efae3318ee3b2dce24b36aae', 'hex');

/** A 64-bit ELF file whose data, at 64,000, has the mark of a host and no offset before it. */
export function host(size = 70_000): Buffer {
  const file = Buffer.alloc(size);
  file.set([0x7f, 0x45, 0x4c, 0x46, 2, 1, 1]);
  file.writeBigUInt64LE(64n, 32);
  file.set([56, 0, 1], 54);
  file.set([1, 0, 0, 0, 6], 64);
  file.writeBigUInt64LE(60_000n, 72);
  file.writeBigUInt64LE(8000n, 96);
  signature.copy(file, 64_000);
  return file;
}

const kindOf = (path: string): number =>
  path.endsWith('.deps.json') ? 3 : path.endsWith('.runtimeconfig.json') ? 4 : path.endsWith('.dll') ? 1 : 0;

/** A host with files behind it and the manifest last, in one of the format's versions; the host's data has its offset. */
export function bundle(program: Buffer, files: Readonly<Record<string, string>>, version = 6): Buffer {
  const parts: Buffer[] = [program];
  let offset = program.length;
  const placed = Object.entries(files).map(([path, text]) => {
    const content = Buffer.from(text);
    const gap = Buffer.alloc((16 - (offset % 16)) % 16);
    parts.push(gap, content);
    const start = offset + gap.length;
    offset = start + content.length;
    return { path, start, size: content.length };
  });
  const head = Buffer.alloc(12);
  head.writeUInt32LE(version, 0);
  head.writeInt32LE(placed.length, 8);
  const number = (value: number): Buffer => {
    const bytes = Buffer.alloc(8);
    bytes.writeBigInt64LE(BigInt(value));
    return bytes;
  };
  const text = (value: string): Buffer => Buffer.concat([Buffer.from([value.length]), Buffer.from(value)]);
  const list = placed.flatMap(({ path, start, size }) => [
    number(start),
    number(size),
    ...(version >= 6 ? [number(0)] : []),
    Buffer.from([kindOf(path)]),
    text(path),
  ]);
  const manifest = [head, text('bundle-id'), ...(version >= 2 ? [Buffer.alloc(40)] : []), ...list];
  const whole = Buffer.concat([...parts, ...manifest]);
  const mark = whole.indexOf(signature);
  whole.writeBigUInt64LE(BigInt(offset), mark - 8);
  return whole;
}

export interface AssemblySpec {
  readonly name: string;
  readonly version: readonly [number, number, number, number];
  readonly texts: Readonly<Record<string, string>>;
}

/** A PE file with CLI metadata of a module and an assembly, and a version resource behind it. */
export function assembly({ name, version, texts }: AssemblySpec): Buffer {
  const metadata = metadataOf(name, version);
  const resources = resourcesOf(texts, 0x4000);
  const file = Buffer.alloc(0x400 + 0x400 + Math.max(metadata.length, 0x200) + resources.length);
  file.write('MZ', 0, 'latin1');
  file.writeUInt32LE(0x80, 60);
  file.write('PE\0\0', 0x80, 'latin1');
  file.writeUInt16LE(2, 0x86);
  file.writeUInt16LE(224, 0x94);
  file.writeUInt16LE(0x10b, 0x98);
  file.writeUInt32LE(16, 0x98 + 92);
  const directory = (index: number, rva: number, size: number): void => {
    file.writeUInt32LE(rva, 0x98 + 96 + 8 * index);
    file.writeUInt32LE(size, 0x98 + 96 + 8 * index + 4);
  };
  const resourcesAt = file.length - resources.length;
  directory(2, 0x4000, resources.length);
  directory(14, 0x2008, 72);
  const section = (index: number, rva: number, size: number, offset: number): void => {
    const at = 0x98 + 224 + 40 * index;
    file.writeUInt32LE(rva, at + 12);
    file.writeUInt32LE(size, at + 16);
    file.writeUInt32LE(offset, at + 20);
  };
  section(0, 0x2000, resourcesAt - 0x400, 0x400);
  section(1, 0x4000, resources.length, resourcesAt);
  file.writeUInt32LE(72, 0x408);
  file.writeUInt32LE(0x2400, 0x408 + 8);
  file.writeUInt32LE(metadata.length, 0x408 + 12);
  metadata.copy(file, 0x800);
  resources.copy(file, resourcesAt);
  return file;
}

function metadataOf(name: string, version: readonly number[]): Buffer {
  const strings = Buffer.from(`\0<Module>\0${name}\0`, 'latin1');
  const tables = Buffer.alloc(24 + 8 + 10 + 22);
  tables.writeBigUInt64LE((1n << 0n) | (1n << 32n), 8);
  tables.writeUInt32LE(1, 24);
  tables.writeUInt32LE(1, 28);
  tables.writeUInt16LE(1, 34);
  version.forEach((part, index) => tables.writeUInt16LE(part, 42 + 4 + 2 * index));
  tables.writeUInt16LE(10, 42 + 18);
  const root = Buffer.alloc(16 + 12 + 4 + 12 + 20);
  root.writeUInt32LE(0x424a_5342, 0);
  root.writeUInt32LE(12, 12);
  root.write('v4.0.30319', 16, 'latin1');
  root.writeUInt16LE(2, 30);
  root.writeUInt32LE(root.length, 32);
  root.writeUInt32LE(tables.length, 36);
  root.write('#~', 40, 'latin1');
  root.writeUInt32LE(root.length + tables.length, 44);
  root.writeUInt32LE(strings.length, 48);
  root.write('#Strings', 52, 'latin1');
  return Buffer.concat([root, tables, strings]);
}

function resourcesOf(texts: Readonly<Record<string, string>>, rva: number): Buffer {
  const block = (key: string, value: Buffer, isText: boolean, inner: readonly Buffer[]): Buffer => {
    const pad = (bytes: Buffer): Buffer => Buffer.concat([bytes, Buffer.alloc((4 - (bytes.length % 4)) % 4)]);
    const head = Buffer.alloc(6);
    const start = pad(Buffer.concat([head, Buffer.from(`${key}\0`, 'utf16le')]));
    const whole = Buffer.concat([pad(Buffer.concat([start, value])), ...inner]);
    whole.writeUInt16LE(whole.length, 0);
    whole.writeUInt16LE(isText ? value.length / 2 : value.length, 2);
    whole.writeUInt16LE(isText ? 1 : 0, 4);
    return whole;
  };
  const rows = Object.entries(texts).map(([key, text]) => block(key, Buffer.from(`${text}\0`, 'utf16le'), true, []));
  const table = block('000004b0', Buffer.alloc(0), true, rows);
  const fixed = Buffer.alloc(52);
  fixed.writeUInt32LE(0xfeef_04bd, 0);
  const info = block('VS_VERSION_INFO', fixed, false, [block('StringFileInfo', Buffer.alloc(0), true, [table])]);
  const tree = Buffer.alloc(3 * 24 + 16);
  [16, 1, 0].forEach((id, level) => {
    const at = 24 * level;
    tree.writeUInt16LE(1, at + 14);
    tree.writeUInt32LE(id, at + 16);
    tree.writeUInt32LE(level < 2 ? 0x8000_0000 + at + 24 : 72, at + 20);
  });
  tree.writeUInt32LE(rva + tree.length, 72);
  tree.writeUInt32LE(info.length, 76);
  return Buffer.concat([tree, info]);
}
