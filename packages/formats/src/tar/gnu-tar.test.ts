// The walker reads what GNU tar writes: random trees, every format it knows, every sparse version.
import { decodePath, encodePath } from '@plombe/kit';
import fc from 'fast-check';
import { execFileSync, spawnSync } from 'node:child_process';
import {
  chmodSync,
  closeSync,
  ftruncateSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  rmSync,
  symlinkSync,
  writeSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { walkTar } from '../testing/walk-tar.ts';

const hasTar = spawnSync('tar', ['--version']).stdout?.includes('GNU tar') ?? false;

const shortPart = fc
  .stringMatching(/^[a-z0-9_+.-]{1,12}$/)
  .filter((s) => !/^\.{1,2}$/.test(s) && !s.startsWith('.wh.'));
const oddPart = fc.oneof(
  fc.constantFrom(
    'ü',
    'ß',
    'SS',
    ' ',
    'a\nb',
    '日本語',
    'e\u0301',
    '\udcff\udc80',
    'x\udce4',
    "it's",
    '-rf',
    '\\',
    '*',
  ),
  fc.integer({ min: 90, max: 250 }).map((n) => 'n'.repeat(n)),
);

interface Piece {
  readonly offset: number;
  readonly size: number;
}

interface Node {
  readonly name: string;
  readonly kind: 'file' | 'directory' | 'symlink' | 'hardlink' | 'sparse' | 'fifo';
  readonly parent: number;
  readonly mode: number;
  readonly size: number;
  readonly seed: number;
  readonly pieces: readonly Piece[];
}

const kinds = ['file', 'file', 'directory', 'directory', 'symlink', 'hardlink', 'sparse'] as const;

/** v7 archives have no fifos. */
function tree(part: fc.Arbitrary<string>, fifos: boolean): fc.Arbitrary<readonly Node[]> {
  const node = fc.record({
    name: part,
    kind: fc.constantFrom(...kinds, ...(fifos ? (['fifo'] as const) : [])),
    parent: fc.nat(20),
    mode: fc.constantFrom(0o644, 0o755, 0o600, 0o4755, 0o1777, 0o2750),
    size: fc.oneof(fc.constantFrom(0, 1, 511, 512, 513, 1024), fc.nat(5000)),
    seed: fc.nat(255),
    pieces: fc.array(fc.record({ offset: fc.nat(200), size: fc.integer({ min: 1, max: 4096 }) }), { maxLength: 30 }),
  });
  return fc.array(node, { minLength: 1, maxLength: 12 });
}

interface Expected {
  readonly kind: string;
  readonly mode: number;
  readonly content: string;
  readonly link?: string;
}

/** Makes the tree on disk and returns what an archive of it has to hold; a hard link as the file it is. */
function make(root: string, nodes: readonly Node[]): Map<string, Expected> {
  const made = new Map<string, Expected>();
  const directories = [''];
  const files: string[] = [];
  for (const node of nodes) {
    const parent = directories[node.parent % directories.length] as string;
    const path = parent === '' ? node.name : `${parent}/${node.name}`;
    const raw = Buffer.concat([Buffer.from(`${root}/`), encodePath(path)]);
    if (made.has(path) || path.length > 700) continue;
    const mode = node.mode;
    if (node.kind === 'directory') {
      mkdirSync(raw);
      chmodSync(raw, mode | 0o700);
      directories.push(path);
      made.set(path, { kind: 'directory', mode: mode | 0o700, content: '' });
    } else if (node.kind === 'symlink') {
      const link = `../${node.name}${node.seed}`;
      symlinkSync(Buffer.from(encodePath(link)), raw);
      made.set(path, { kind: 'symlink', mode: 0o777, content: '', link });
    } else if (node.kind === 'fifo') {
      if (!path.isWellFormed()) continue;
      execFileSync('mkfifo', ['--', join(root, path)]);
      chmodSync(raw, mode);
      made.set(path, { kind: 'fifo', mode, content: '' });
    } else if (node.kind === 'hardlink' && files.length > 0) {
      const target = files[node.seed % files.length] as string;
      linkSync(Buffer.concat([Buffer.from(`${root}/`), encodePath(target)]), raw);
      made.set(path, made.get(target) as Expected);
    } else {
      const content = contentOf(node);
      const file = openSync(raw, 'w');
      ftruncateSync(file, content.length);
      const pieces =
        node.kind === 'sparse'
          ? node.pieces.map((p) => ({ offset: p.offset * 4096, size: p.size }))
          : [{ offset: 0, size: content.length }];
      for (const { offset, size } of pieces) writeSync(file, content, offset, size, offset);
      closeSync(file);
      chmodSync(raw, mode);
      files.push(path);
      made.set(path, { kind: 'file', mode, content: content.toString('latin1') });
    }
  }
  return made;
}

function contentOf(node: Node): Buffer {
  if (node.kind !== 'sparse') return Buffer.alloc(node.size, node.seed);
  const end = Math.max(node.size, ...node.pieces.map((p) => p.offset * 4096 + p.size)) + node.seed * 1000;
  const content = Buffer.alloc(end);
  for (const { offset, size } of node.pieces) content.fill(node.seed | 1, offset * 4096, offset * 4096 + size);
  return content;
}

function archiveOf(root: string, flags: readonly string[]): Buffer {
  return execFileSync('tar', [...flags, '--sort=name', '-cf', '-', '-C', root, '.'], { maxBuffer: 2 ** 30 });
}

test.skipIf(!hasTar).each([
  ['v7', ['--format=v7', '--owner=:1234567', '--group=:65534'], 1_234_567, shortPart],
  ['ustar', ['--format=ustar', '--owner=:1234567', '--group=:65534'], 1_234_567, shortPart],
  ['oldgnu', ['--format=oldgnu', '--owner=:3000000000', '--group=:65534'], 3_000_000_000, fc.oneof(shortPart, oddPart)],
  ['gnu', ['--format=gnu', '--owner=:3000000000', '--group=:65534'], 3_000_000_000, fc.oneof(shortPart, oddPart)],
  ['pax', ['--format=pax', '--owner=:3000000000', '--group=:65534'], 3_000_000_000, fc.oneof(shortPart, oddPart)],
  ['gnu sparse', ['--format=gnu', '--sparse', '--owner=:0', '--group=:65534'], 0, fc.oneof(shortPart, oddPart)],
  ['oldgnu sparse', ['--format=oldgnu', '--sparse', '--owner=:0', '--group=:65534'], 0, shortPart],
  [
    'pax sparse 0.0',
    ['--format=pax', '--sparse-version=0.0', '--sparse', '--owner=:0', '--group=:65534'],
    0,
    fc.oneof(shortPart, oddPart),
  ],
  [
    'pax sparse 0.1',
    ['--format=pax', '--sparse-version=0.1', '--sparse', '--owner=:0', '--group=:65534'],
    0,
    fc.oneof(shortPart, oddPart),
  ],
  [
    'pax sparse 1.0',
    ['--format=pax', '--sparse-version=1.0', '--sparse', '--owner=:0', '--group=:65534'],
    0,
    fc.oneof(shortPart, oddPart),
  ],
] as const)('reads what GNU tar writes: %s', (name, flags, uid, part) => {
  fc.assert(
    fc.property(tree(part, name !== 'v7'), fc.constantFrom(1 << 20, 512, 1000, 77), (nodes, pieceBytes) => {
      const root = mkdtempSync(join(tmpdir(), 'plombe-tar-'));
      try {
        const expected = make(root, nodes);
        const walked = walkTar(archiveOf(root, flags), { pieceBytes });
        expect(walked.diagnostics).toEqual([]);
        expect(walked.complete).toBe(true);
        const found = new Map<string, Expected>();
        for (const h of walked.headers) {
          expect([h.uid, h.gid]).toEqual([uid, 65_534]);
          const at = h.type === 'hardlink' ? (h.linkTarget as string) : h.path;
          const content = Buffer.from(walked.content.get(at) ?? []).toString('latin1');
          const kind = h.type === 'hardlink' ? 'file' : h.type;
          if (h.type === 'file') expect(h.sizeBytes).toBe(content.length);
          found.set(h.path, {
            kind,
            mode: h.mode,
            content,
            ...(h.type === 'symlink' ? { link: h.linkTarget as string } : {}),
          });
        }
        expect(found).toEqual(expected);
      } finally {
        rmSync(root, { recursive: true });
      }
    }),
    { numRuns: 15 },
  );
});

/** Entries GNU tar lists, before and after an error, by their quoted names. */
function listed(archive: Uint8Array): { readonly names: readonly string[]; readonly ok: boolean } {
  const run = spawnSync('tar', ['--quoting-style=escape', '-tf', '-'], { input: archive, maxBuffer: 2 ** 28 });
  const names = run.stdout.toString('latin1').split('\n').filter(Boolean);
  return { names, ok: run.status === 0 };
}

test.skipIf(!hasTar)('a cut archive gives the entries that GNU tar lists before it fails', () => {
  const root = mkdtempSync(join(tmpdir(), 'plombe-tar-'));
  for (let i = 0; i < 20; i++) {
    const file = openSync(join(root, `file-${String(i).padStart(2, '0')}`), 'w');
    writeSync(file, Buffer.alloc(i * 100));
    closeSync(file);
  }
  const archive = archiveOf(root, ['--format=pax']);
  rmSync(root, { recursive: true });
  fc.assert(
    fc.property(fc.nat(archive.length), (cut) => {
      const part = archive.subarray(0, cut);
      const ours = walkTar(part).headers.map((h) => h.path);
      const theirs = listed(part)
        .names.map((name) => decodePath(Buffer.from(name)).replace(/^\.\//, ''))
        .filter((name) => name !== '');
      expect(ours).toEqual(theirs);
    }),
    { numRuns: 60 },
  );
});
