// Layers by their tables of contents, and images out of archives and layouts, whose digests are made right again after each change.
import { createHash } from 'node:crypto';
import type { Digest, FileHeader, Image, ImageLayer, TocPointer } from '@plombe/model';
import { defaultLayerLimits, inert, isObject, mebibyte } from '@plombe/kit';
import { collectLayer } from '../../../packages/engine/src/collect/layer.ts';
import type { LayerRecord } from '../../../packages/engine/src/collect/record.ts';
import { writeEstargz } from '../../../packages/engine/src/testing/estargz.ts';
import { readTocChunk } from '../../../packages/formats/src/toc/chunk.ts';
import { readTocDocument } from '../../../packages/formats/src/toc/document.ts';
import type { TocChunk, TocKind } from '../../../packages/formats/src/toc/entries.ts';
import { readLayer } from '../../../packages/formats/src/layer/read.ts';
import type { Members } from '../../../packages/oci/src/sources/archive/members.ts';
import { openDockerArchive } from '../../../packages/oci/src/sources/docker-archive/open.ts';
import { openLayout } from '../../../packages/oci/src/sources/oci/layout.ts';
import { testContext } from '../../../packages/engine/src/testing/images.ts';
import type { FuzzInput } from '../input.ts';
import {
  checkDiagnostics,
  type FuzzTarget,
  must,
  mustEqual,
  pieces,
  plombeRefusal,
  roughly,
  signal,
} from '../target.ts';

const limits = { ...defaultLayerLimits, layerBytes: 64 * mebibyte };
const ctx = testContext({ signal });
const platform = { os: 'linux', architecture: 'amd64' } as const;

function bytes(input: FuzzInput, path: string): Uint8Array {
  return input.find((part) => part.path === path)?.bytes ?? new Uint8Array();
}

function object(input: FuzzInput, path: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(new TextDecoder().decode(bytes(input, path)));
    return isObject(value) ? value : {};
  } catch {
    return {};
  }
}

function digestOf(content: Uint8Array): Digest {
  return `sha256:${createHash('sha256').update(content).digest('hex')}` as Digest;
}

function count(value: unknown, most: number): number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 && value <= most ? value : 0;
}

/** Annotations of a manifest say where the table is; whoever wrote them knows its digest. */
function pointerOf(input: FuzzInput, blob: Uint8Array): TocPointer {
  const { kind, digest, offset, storedBytes, documentBytes } = object(input, 'pointer.json');
  const at = count(offset, blob.length);
  const size = count(storedBytes, blob.length);
  if (kind !== 'zstd-chunked')
    return {
      kind: 'estargz',
      digest: typeof digest === 'string' && /^sha256:[0-9a-f]{64}$/.test(digest) ? (digest as Digest) : digestOf(blob),
    };
  const own = digestOf(blob.subarray(at, at + size));
  return { kind, digest: own, offset: at, storedBytes: size, documentBytes: count(documentBytes, 2 ** 40) };
}

/** Incompressible, so that reading by the table is worth it. */
function noise(sizeBytes: number): Buffer {
  const hashes = Array.from({ length: sizeBytes / 32 }, (_, at) => createHash('sha256').update(String(at)).digest());
  return Buffer.concat(hashes);
}

const entries = [
  { path: 'etc', type: 'directory' as const, mode: 0o755 },
  { path: 'etc/wanted', content: 'wanted\n'.repeat(10) },
  { path: 'usr/noise', content: noise(6400) },
  { path: 'etc/link', type: 'symlink' as const, linkTarget: 'wanted' },
  { path: 'etc/hard', type: 'hardlink' as const, linkTarget: 'etc/wanted' },
  { path: 'etc/.wh.gone', content: '' },
  { path: 'etc/more', content: 'more' },
];

const interest = {
  id: 'fuzz',
  wantsVersion: 1,
  wants: ({ path, type }: FileHeader) =>
    path.startsWith('etc/') && type !== 'directory' ? ({ kind: 'whole', maxBytes: 1000 } as const) : undefined,
};

/** The table is the input, the layer is always the same one. */
async function runLazily(input: FuzzInput): Promise<string> {
  const { blob, annotations } = writeEstargz(entries, () => new TextDecoder().decode(bytes(input, '')));
  const [digest] = Object.values(annotations) as Digest[];
  const layer: ImageLayer = {
    index: 0,
    mediaType: 'application/vnd.oci.image.layer.v1.tar+gzip',
    sizeBytes: blob.length,
    digest: digestOf(blob),
    tocs: [{ kind: 'estargz', digest: digest as Digest }],
    content: {
      kind: 'tar',
      open: () => pieces(blob, 65_536),
      range: async (offset, sizeBytes) => blob.subarray(offset, offset + sizeBytes),
    },
  };
  const read = (lazily: boolean): Promise<LayerRecord> =>
    collectLayer(layer, { interests: [interest], limits, signal, lazily });
  const whole = await read(false);
  const lazy = await read(true);
  checkDiagnostics([...whole.diagnostics, ...lazy.diagnostics]);
  const problems = whole.diagnostics.filter(({ level }) => level === 'error');
  must(whole.complete || problems.length > 0, 'what is incomplete has no diagnostic');
  const contents = ({ files, whiteouts, opaques }: LayerRecord): unknown => [
    files.map(({ path, content }) => [path, Buffer.from(content).toString('base64')]),
    whiteouts,
    opaques,
  ];
  if (lazy.lazy === true && whole.complete && whole.diagnostics.length === 0)
    mustEqual(contents(lazy), contents(whole), 'a table that is told to be the layer shows other files');
  return `${lazy.lazy} ${whole.diagnostics
    .map(({ message }) => message.slice(-60))
    .slice(0, 3)
    .join()}`;
}

/** `{{digest:NAME}}` and `{{size:NAME}}` in a part stand for another part, which lies under its digest. */
function membersOf(input: FuzzInput): Members {
  const files = new Map<string, Uint8Array>();
  const named = new Map<string, Uint8Array>();
  for (const { path, bytes: raw } of input) {
    const content =
      raw.length > 100_000 || !Buffer.from(raw).includes('{{')
        ? raw
        : Buffer.from(
            Buffer.from(raw)
              .toString('latin1')
              .replace(/\{\{(digest|hex|size):([\w.-]+)\}\}/g, (_, what: string, name: string) => {
                const other = named.get(name) ?? new Uint8Array();
                return what === 'size' ? String(other.length) : digestOf(other).slice(what === 'hex' ? 7 : 0);
              }),
            'latin1',
          );
    named.set(path, content);
    files.set(path.replace('HEX', digestOf(content).slice(7)), content);
    files.set(`blobs/sha256/${digestOf(content).slice(7)}`, content);
  }
  return {
    path: 'fuzz',
    sizeOf: (name) => files.get(name)?.length,
    open: (name) => pieces(files.get(name) ?? new Uint8Array(), 4099),
    close: async () => {},
  };
}

async function told({ layers, reference }: Image): Promise<string> {
  must(
    reference === undefined || reference === inert(reference),
    `a reference is not inert: ${JSON.stringify(reference)}`,
  );
  const said: string[] = [];
  for (const { content, createdBy, digest, diffID } of layers.slice(0, 5)) {
    if (content.kind !== 'tar') {
      must(
        content.kind !== 'absent' || (content.cause !== '' && content.cause === inert(content.cause)),
        'a layer is absent without a cause',
      );
      said.push('absent');
      continue;
    }
    const options = {
      limits,
      signal,
      ...(digest === undefined ? {} : { digest }),
      ...(diffID === undefined ? {} : { diffID }),
    };
    const read = await readLayer(content.open({ signal }), { entry: () => undefined }, options);
    checkDiagnostics(read.diagnostics);
    must((read.complete && read.verified) || read.diagnostics.length > 0, 'what is incomplete has no diagnostic');
    said.push(`${read.complete} ${read.verified} ${createdBy !== undefined}`);
  }
  return `${roughly(layers.length)} ${said.join()}`;
}

/** Where layers and images come from. */
export const layerTargets: readonly FuzzTarget[] = [
  {
    name: 'layer/toc-document',
    run: (input) =>
      plombeRefusal(async () => {
        const blob = bytes(input, 'blob');
        const read = async (at: number, size: number): Promise<Uint8Array> => blob.subarray(at, at + size);
        const document = await readTocDocument(pointerOf(input, blob), blob.length, read, limits, signal);
        must(document.storedAt <= blob.length, 'the table lies outside of the blob');
        return roughly(document.bytes.length / 100);
      }),
  },
  {
    name: 'layer/toc-chunk',
    run: (input) =>
      plombeRefusal(async () => {
        const stated = object(input, 'chunk.json');
        const kind: TocKind = stated['kind'] === 'zstd-chunked' ? 'zstd-chunked' : 'estargz';
        const chunk: TocChunk = {
          storedAt: 0,
          storedEnd: undefined,
          offset: 0,
          skip: count(stated['skip'], mebibyte),
          sizeBytes: count(stated['size'], 4 * mebibyte),
          digest: typeof stated['digest'] === 'string' ? stated['digest'] : undefined,
          zeros: stated['zeros'] === true,
        };
        const content = await readTocChunk(bytes(input, 'stored'), kind, chunk);
        must(content.length === chunk.sizeBytes, 'it is of another size');
        must(chunk.digest === undefined || digestOf(content) === chunk.digest, 'it has another digest');
        return `${kind} ${chunk.zeros} ${roughly(content.length)}`;
      }),
  },
  { name: 'layer/lazy', run: (input) => plombeRefusal(() => runLazily(input)) },
  {
    name: 'source/docker-archive',
    run: (input) =>
      plombeRefusal(async () =>
        told(await openDockerArchive(membersOf(input), undefined, { subject: 'fuzz', platform }, ctx)),
      ),
  },
  {
    name: 'source/oci-layout',
    run: (input) =>
      plombeRefusal(async () => {
        const images = await openLayout(
          membersOf(input),
          {},
          { subject: 'fuzz', platform, allPlatforms: input.length > 5 },
          ctx,
        );
        return (await Promise.all(images.map(told))).slice(0, 4).join(' ');
      }),
  },
];
