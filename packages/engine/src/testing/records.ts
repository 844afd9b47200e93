// Layer records made of literals, for tests of what lies above the pass.
import type { Digest } from '@plombe/model';
import { PathSetBuilder } from '../collect/path-set.ts';
import type { KeptFile, LayerRecord } from '../collect/record.ts';

export interface RecordSpec {
  readonly interest?: string;
  /** Path → content of the kept files. */
  readonly files?: Readonly<Record<string, string>>;
  /** Paths of entries that nobody wanted. */
  readonly others?: readonly string[];
  readonly directories?: readonly string[];
  readonly links?: Readonly<Record<string, string>>;
  /** Hard links to files of layers below. */
  readonly hardlinks?: Readonly<Record<string, string>>;
  /** Those that may lead to nothing that was kept. */
  readonly optionalLinks?: Readonly<Record<string, string>>;
  readonly whiteouts?: readonly string[];
  readonly opaques?: readonly string[];
  readonly diffID?: string;
}

/** Returns the record the pass would leave behind of such a layer. */
export function recordOf(spec: RecordSpec): LayerRecord {
  const interest = spec.interest ?? 'test';
  const entry = (path: string, type: KeptFile['type'], content: string, linkTarget?: string): KeptFile => ({
    interest,
    path,
    type,
    sizeBytes: content.length,
    mode: 0o644,
    content: new TextEncoder().encode(content),
    truncated: false,
    ...(linkTarget === undefined ? {} : { linkTarget }),
  });
  const files = [
    ...Object.entries(spec.files ?? {}).map(([path, content]) => entry(path, 'file', content)),
    ...Object.entries(spec.links ?? {}).map(([path, target]) => entry(path, 'symlink', '', target)),
    ...Object.entries(spec.hardlinks ?? {}).map(([path, target]) => entry(path, 'hardlink', '', target)),
    ...Object.entries(spec.optionalLinks ?? {}).map(([path, target]): KeptFile => ({
      ...entry(path, 'hardlink', '', target),
      optional: 'content',
    })),
  ];
  const setOf = (paths: readonly string[]): Float64Array => {
    const builder = new PathSetBuilder();
    for (const path of paths) builder.add(path);
    return builder.finish();
  };
  return {
    ...(spec.diffID === undefined ? {} : { diffID: spec.diffID as Digest }),
    files,
    rootLinks: new Map(Object.entries(spec.links ?? {}).filter(([path]) => path.split('/').length <= 2)),
    whiteouts: spec.whiteouts ?? [],
    opaques: spec.opaques ?? [],
    nonDirectories: setOf([...files.map((file) => file.path), ...(spec.others ?? [])]),
    directories: setOf(spec.directories ?? []),
    entries: files.length,
    storedBytes: 0,
    uncompressedBytes: 0,
    diagnostics: [],
    complete: true,
  };
}
