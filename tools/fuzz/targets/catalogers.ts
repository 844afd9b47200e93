// Every cataloger, through what it wants and distils; and the detection of distributions.
import type {
  Cataloger,
  CatalogResult,
  FileInterest,
  FileView,
  Want,
} from '../../../packages/catalogers/src/cataloger.ts';
import { catalogers } from '../../../packages/catalogers/src/catalogers.ts';
import { declaredCatalogers } from '../../../packages/catalogers/src/declared/list.ts';
import { detectDistribution } from '../../../packages/catalogers/src/distribution/index.ts';
import { distributionInterest } from '../../../packages/catalogers/src/distribution/interest.ts';
import { fileView } from '../../../packages/catalogers/src/file-view.ts';
import type { FileHeader, RawFile } from '@plombe/model';
import { formatPurl, parsePurl } from '@plombe/model';
import type { FuzzInput, FuzzPart } from '../input.ts';
import { checkDiagnostics, type FuzzTarget, must, mustEqual, roughly } from '../target.ts';

/** Not a divisor of anything, so that what is looked for lies across chunks. */
const chunkBytes = 10_007;

/** One target for each cataloger. */
export const catalogerTargets: readonly FuzzTarget[] = [
  ...[...catalogers, ...declaredCatalogers].map((cataloger) => ({
    name: `cataloger/${cataloger.id}`,
    run: (input: FuzzInput) => runCataloger(cataloger, input),
  })),
  {
    name: 'cataloger/distribution',
    run(input) {
      const { distribution, diagnostics } = detectDistribution(viewOf(input, distributionInterest));
      checkDiagnostics(diagnostics);
      return `${distribution?.id.slice(0, 10)} ${diagnostics.length}`;
    },
  },
];

function runCataloger(cataloger: Cataloger, input: FuzzInput): string {
  const view = viewOf(input, cataloger);
  const result = cataloger.catalog(view, {});
  checkResult(result, view);
  if (input.length > 1 && result.packages.length < 50) {
    const reversed = cataloger.catalog(fileView(view.files().toReversed()), {});
    mustEqual(sorted(reversed), sorted(result), 'another order of files gives another result');
  }
  const codes = new Set(result.diagnostics.map(({ code, message }) => `${code} ${message.slice(-20)}`));
  return `${roughly(result.packages.length)} ${result.complete} ${[...codes].sort().join()}`;
}

function sorted({ owners, ...rest }: CatalogResult): unknown {
  return { ...rest, owners: owners && new Map([...owners].sort(([a], [b]) => (a < b ? -1 : 1))) };
}

function checkResult({ packages, diagnostics, owners, complete }: CatalogResult, view: FileView): void {
  const paths = new Set(view.files().map(({ path }) => path));
  for (const { type, namespace, name, version, qualifiers, paths: found } of packages) {
    must(name !== '' && version !== '', `a package has no name or version: ${JSON.stringify([type, name, version])}`);
    const metadata = found[0]?.split('!/', 1)[0];
    must(
      found.some((path) => paths.has(path)) || (metadata !== undefined && paths.has(metadata)),
      `the evidence of ${name} is no file: ${found[0]}`,
    );
    const purl = formatPurl({
      type,
      ...(namespace === undefined ? {} : { namespace }),
      name,
      version,
      ...(qualifiers === undefined ? {} : { qualifiers }),
    });
    if (purl.length < 3000)
      must(/^pkg:[a-z][a-z0-9.+-]*\/[\x21-\x7e]+$/.test(purl), `the purl is none: ${JSON.stringify(purl)}`);
    // A name with a slash, which only hostile ones have, is written and not read back (docs of `parsePurl`).
    if (purl.length < 3000 && !name.includes('/'))
      must(parsePurl(purl) !== undefined, `the purl cannot be parsed: ${JSON.stringify(purl)}`);
  }
  for (const index of owners?.values() ?? []) must(packages[index] !== undefined, 'an owner is no package');
  must(complete || diagnostics.length > 0, 'what is incomplete has no diagnostic');
  checkDiagnostics(diagnostics);
}

export function viewOf(input: FuzzInput, interest: FileInterest): FileView {
  return fileView(input.flatMap((part) => keep(part, interest)));
}

function keep({ path, bytes, mode = 0o644, link }: FuzzPart, interest: FileInterest): readonly RawFile[] {
  const type = link === undefined ? 'file' : 'symlink';
  const header: FileHeader = {
    path,
    type,
    sizeBytes: bytes.length,
    mode,
    uid: 0,
    gid: 0,
    ...(link === undefined ? {} : { linkTarget: link }),
  };
  const want = interest.wants(header);
  if (want === undefined) return [];
  const raw = { path, type, layerIndex: 0, sizeBytes: bytes.length, mode, truncated: false } as const;
  if (link !== undefined) return [{ ...raw, linkTarget: link, content: new Uint8Array() }];
  const content = reduce(bytes, want);
  return content === undefined
    ? []
    : [{ ...raw, content, truncated: want.kind === 'whole' && content.length < bytes.length }];
}

function reduce(bytes: Uint8Array, want: Want): Uint8Array | undefined {
  if (want.kind === 'link') return undefined;
  if (want.kind !== 'distill') return bytes.subarray(0, want.maxBytes);
  const distiller = want.create();
  const chunk = new Uint8Array(chunkBytes);
  for (let at = 0; at < bytes.length; at += chunkBytes) {
    const part = bytes.subarray(at, at + chunkBytes);
    chunk.set(part);
    if (!distiller.write(chunk.subarray(0, part.length))) break;
  }
  chunk.fill(0xaa);
  return distiller.finish();
}
