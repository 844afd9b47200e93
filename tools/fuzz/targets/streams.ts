// Archives and compressed streams: what comes out must not depend on how the bytes are cut into chunks.
import { createHash } from 'node:crypto';
import { decompress } from '../../../packages/formats/src/compression/decompress.ts';
import { expandZstd } from '../../../packages/formats/src/compression/expand-zstd.ts';
import { readLayer } from '../../../packages/formats/src/layer/read.ts';
import { readTar } from '../../../packages/formats/src/tar/read-tar.ts';
import { walkTar } from '../../../packages/formats/src/testing/walk-tar.ts';
import { tocEntries } from '../../../packages/formats/src/toc/entries.ts';
import { openZip } from '../../../packages/formats/src/zip/archive.ts';
import { accessBytes } from '../../../packages/formats/src/zip/random-access.ts';
import { ZipStream } from '../../../packages/formats/src/zip/stream/reader.ts';
import type { ZipContents } from '../../../packages/formats/src/zip/stream/contents.ts';
import { defaultLayerLimits, mebibyte } from '@plombe/kit';
import {
  bytesOf,
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

/** What a stream decompresses to: bytes, a digest of them, and how it ended. */
async function expanded(bytes: Uint8Array, pieceBytes: number): Promise<readonly [string, number, string]> {
  const hash = createHash('sha256');
  let count = 0;
  const ending = await plombeRefusal(async () => {
    for await (const chunk of decompress(pieces(bytes, pieceBytes), { signal, limits })) {
      count += chunk.length;
      hash.update(chunk);
    }
    return 'end';
  });
  return [ending, count, hash.digest('hex')];
}

async function runStream(bytes: Uint8Array): Promise<string> {
  const whole = await expanded(bytes, Infinity);
  const [ending, count] = whole;
  const piecewise = await expanded(bytes, bytes.length < 2000 ? 7 : 1013);
  // How much of a damaged stream comes out before its fault is the engine's to say.
  if (ending === 'end') mustEqual(piecewise, whole, 'pieces give other bytes than the whole');
  must((piecewise[0] === 'end') === (ending === 'end'), `in pieces it ends as ${piecewise[0]}, whole as ${ending}`);
  return `${ending} ${roughly(count / 1000)}`;
}

function walkZip(bytes: Uint8Array, pieceBytes: number): ZipContents {
  const stream = new ZipStream({
    wants: (name) => (/\.[jwe]ar$/.test(name) ? { kind: 'archive' } : { kind: 'keep', maxBytes: 65_536 }),
  });
  for (let at = 0; at < bytes.length; at += pieceBytes) stream.write(bytes.subarray(at, at + pieceBytes));
  return stream.finish();
}

/** Layers, tar, zip and compression. */
export const streamTargets: readonly FuzzTarget[] = [
  { name: 'format/compressed', run: (input) => runStream(bytesOf(input)) },
  {
    name: 'format/expand-zstd',
    run: (input) =>
      plombeRefusal(() => {
        let count = 0;
        for (const chunk of expandZstd(bytesOf(input), mebibyte)) count += chunk.length;
        must(count <= 2 * mebibyte, 'more than the limit comes out');
        return roughly(count);
      }),
  },
  {
    name: 'format/tar',
    run(input) {
      const whole = walkTar(bytesOf(input));
      checkDiagnostics(whole.diagnostics);
      must(whole.complete || whole.diagnostics.length > 0, 'what is incomplete has no diagnostic');
      for (const { path, linkTarget } of whole.headers) {
        must(
          !path.startsWith('/') && !path.split('/').includes('..'),
          `a path leaves the root: ${JSON.stringify(path)}`,
        );
        must(
          Buffer.byteLength(path) <= 3 * limits.pathBytes && (linkTarget?.length ?? 0) <= limits.metadataBytes,
          'a path is too long',
        );
      }
      mustEqual(walkTar(bytesOf(input), { pieceBytes: 517 }), whole, 'pieces give other entries than the whole');
      return `${roughly(whole.entries)} ${whole.complete} ${[...new Set(whole.diagnostics.map(({ message }) => message.slice(-25)))].sort().join()}`;
    },
  },
  {
    name: 'format/read-tar',
    run: (input) =>
      plombeRefusal(async () => {
        let count = 0;
        for await (const { content } of readTar(pieces(bytesOf(input), 4099), {
          limits,
          signal,
          maxEntryBytes: 5000,
        })) {
          must(content.length <= 5000, 'more than the limit is kept');
          count += 1;
        }
        return roughly(count);
      }),
  },
  {
    name: 'format/layer',
    async run(input) {
      const read = await readLayer(pieces(bytesOf(input), 4099), { entry: () => undefined }, { limits, signal });
      checkDiagnostics(read.diagnostics);
      must(read.complete || read.diagnostics.length > 0, 'what is incomplete has no diagnostic');
      return `${read.compression} ${roughly(read.entries)} ${read.complete} ${read.verified}`;
    },
  },
  {
    name: 'format/zip-stream',
    run(input) {
      const whole = walkZip(bytesOf(input), Infinity);
      mustEqual(walkZip(bytesOf(input), 31), whole, 'pieces give other contents than the whole');
      return `${roughly(whole.files.length)} ${roughly(whole.archives.length)} ${whole.problems.map(({ kind }) => kind).join()}`;
    },
  },
  {
    name: 'format/zip',
    run: (input) =>
      plombeRefusal(async () => {
        const archive = await openZip(accessBytes(bytesOf(input)));
        let count = 0;
        for (const entry of archive.entries().slice(0, 100)) count += (await archive.read(entry, 65_536)).length;
        archive.close();
        return roughly(count);
      }),
  },
  {
    name: 'format/toc',
    run: (input) => plombeRefusal(() => roughly([...tocEntries(bytesOf(input), limits)].length)),
  },
];
