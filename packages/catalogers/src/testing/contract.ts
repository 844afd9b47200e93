// The suite every cataloger passes: the same answer in any order, evidence in each package, and no throw whatever the bytes.
import { performance } from 'node:perf_hooks';
import type { RawFile } from '@plombe/model';
import { by } from '@plombe/kit';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Cataloger, CatalogResult, PathTerms } from '../cataloger.ts';
import { fileView } from '../file-view.ts';
import { type FileSpecs, rawFiles } from './view.ts';

/** Far above what any example takes, far below the 60 s an artifact may take: only a hang or quadratic time reaches it. */
const hangMs = 10_000;

/** Registers the tests. `examples` must hold at least one file that the cataloger wants and finds a package in. */
export function catalogerContract(cataloger: Cataloger, examples: FileSpecs): void {
  describe(`contract of the ${cataloger.id} cataloger`, () => {
    const files = rawFiles(examples, cataloger);

    test('wants a file of the example and finds a package in it', () => {
      expect(files.length).toBeGreaterThan(0);
      expect(catalog(cataloger, files).packages.length).toBeGreaterThan(0);
      expect(cataloger.version).toBeGreaterThan(0);
      expect(cataloger.wantsVersion).toBeGreaterThan(0);
    });

    test('wants nothing of a directory, device or whiteout, nor of a path of another kind', () => {
      for (const type of ['directory', 'device', 'fifo', 'whiteout', 'opaque'] as const) {
        for (const { path } of files) {
          expect(cataloger.wants({ path, type, sizeBytes: 0, mode: 0o644, uid: 0, gid: 0 })).toBeUndefined();
        }
      }
      const other = {
        path: 'usr/share/doc/x/changelog.gz',
        type: 'file',
        sizeBytes: 9,
        mode: 0o644,
        uid: 0,
        gid: 0,
      } as const;
      expect(cataloger.wants(other)).toBeUndefined();
    });

    test('wants no file that its terms leave out', () => {
      const parts = [...new Set(files.flatMap(({ path }) => path.split('/')))];
      const path = fc.array(fc.constantFrom(...parts), { minLength: 1, maxLength: 6 }).map((all) => all.join('/'));
      const holds = (one: string): void => {
        const want = cataloger.wants({ path: one, type: 'file', sizeBytes: 4096, mode: 0o755, uid: 0, gid: 0 });
        if (want !== undefined && !meetsTerms(cataloger.where, one)) expect.fail(`${one} is wanted`);
      };
      for (const file of files) holds(file.path);
      fc.assert(fc.property(path, holds), { numRuns: 300 });
    });

    test('states a limit for each file it keeps', () => {
      for (const { path } of files) {
        const want = cataloger.wants({ path, type: 'file', sizeBytes: 2 ** 40, mode: 0o644, uid: 0, gid: 0 });
        if (want?.kind !== 'whole' && want?.kind !== 'head') continue;
        expect(want.maxBytes).toBeGreaterThan(0);
        expect(want.maxBytes).toBeLessThanOrEqual(512 * 2 ** 20);
      }
    });

    test('gives the same result in any order of files and twice', () => {
      const expected = comparable(catalog(cataloger, files));
      expect(comparable(catalog(cataloger, files))).toEqual(expected);
      fc.assert(
        fc.property(fc.shuffledSubarray([...files], { minLength: files.length }), (shuffled) => {
          expect(comparable(catalog(cataloger, shuffled))).toEqual(expected);
        }),
        { numRuns: 10 },
      );
    });

    test('each package has a name, a version and the file that is its evidence', () => {
      checkResult(catalog(cataloger, files), files);
    });

    test('T13 T15 a truncated file never throws, hangs or brings a package without evidence', () => {
      fc.assert(
        fc.property(fc.nat(), fc.double({ min: 0, max: 1, noNaN: true }), (index, share) => {
          tolerates(cataloger, files, index, (content) => content.subarray(0, Math.floor(content.length * share)));
        }),
        { numRuns: 60 },
      );
    });

    test('T13 T15 flipped bytes never throw, hang or bring a package without evidence', () => {
      const flips = fc.array(fc.tuple(fc.nat(), fc.nat(255)), { minLength: 1, maxLength: 40 });
      fc.assert(
        fc.property(fc.nat(), flips, (index, changes) => {
          tolerates(cataloger, files, index, (content) => {
            const copy = new Uint8Array(content);
            for (const [at, value] of changes) if (copy.length > 0) copy[at % copy.length] = value;
            return copy;
          });
        }),
        { numRuns: 100 },
      );
    });

    test('T13 T15 random bytes never throw or hang', () => {
      fc.assert(
        fc.property(fc.nat(), fc.uint8Array({ maxLength: 4096 }), (index, bytes) => {
          tolerates(cataloger, files, index, () => bytes);
        }),
        { numRuns: 60 },
      );
    });
  });
}

function catalog(cataloger: Cataloger, files: readonly RawFile[]): CatalogResult {
  return cataloger.catalog(fileView(files), {});
}

/** Owner maps compare as sorted entries: their order carries no meaning. */
function comparable(result: CatalogResult): unknown {
  return { ...result, owners: [...(result.owners ?? [])].sort(by(([path]) => path)) };
}

function tolerates(
  cataloger: Cataloger,
  files: readonly RawFile[],
  index: number,
  change: (content: Uint8Array) => Uint8Array,
): void {
  const regular = files.filter((file) => file.type === 'file');
  const victim = regular[index % regular.length];
  const changed = files.map((file) => (file === victim ? { ...file, content: change(file.content) } : file));
  const startMs = performance.now();
  const result = catalog(cataloger, changed);
  expect(performance.now() - startMs).toBeLessThan(hangMs);
  checkResult(result, changed);
}

function checkResult(result: CatalogResult, files: readonly RawFile[]): void {
  const paths = new Set(files.map((file) => file.path));
  for (const found of result.packages) {
    if (found.name === '' || found.version === '') expect(found).toMatchObject({ name: /./, version: /./ });
    const [metadata] = found.paths;
    const file = metadata?.split('!/', 1)[0];
    if (file === undefined || !paths.has(file)) expect([...paths]).toContain(metadata);
  }
  for (const index of new Set(result.owners?.values())) expect(result.packages[index]).toBeDefined();
  if (!result.complete) expect(result.diagnostics.length).toBeGreaterThan(0);
}

/** True where a file at the path meets one of the terms, or there are none. */
function meetsTerms(where: PathTerms | undefined, path: string): boolean {
  if (where === undefined) return true;
  const [name = '', folder] = path.split('/').toReversed();
  const extension = name.includes('.') ? name.slice(name.lastIndexOf('.') + 1).toLowerCase() : undefined;
  const { names = [], extensions = [], folders = [] } = where;
  return (
    names.includes(name) ||
    (extension !== undefined && extensions.includes(extension)) ||
    (folder !== undefined && folders.includes(folder))
  );
}
