// The programs that are compared: the bundle as a release has it, and Trivy and Syft where the machine has them.
import { execFileSync } from 'node:child_process';
import { accessSync, constants, globSync, mkdirSync, statSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { fileURLToPath } from 'node:url';
import type { Command } from './measure.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const bundle = join(root, 'dist/plombe.mjs');
const floor = fileURLToPath(new URL('floor.ts', import.meta.url));

const trivyFlags = '--format json --list-all-pkgs --scanners= --offline-scan --skip-version-check --quiet'.split(' ');

const trivySbomFlags = '--format cyclonedx --offline-scan --skip-version-check --skip-java-db-update --quiet'.split(
  ' ',
);
const subjectFlags = { image: ['--input'], fs: ['--include-dev-deps'] } as const;

export interface Programs {
  /** `sbom` of a subject (`oci:LAYOUT`, `dir:FOLDER`) with a cache in `cache`, written to `out`. */
  readonly sbom: (subject: string, cache: string, out: string) => Command;
  /** `scan` of an OCI layout with the starter database, which is unpacked first; everything cold, written to `out`. */
  scan(layout: string, out: string): Command;
  plombe(...parameters: readonly string[]): Command;
  /** Trivy's package listing without vulnerability and secret scanning; undefined where there is no Trivy. */
  readonly trivy:
    | {
        image(layout: string, cache: string, out: string): Command;
        /**
         * The same of an OCI layout or a source tree as CycloneDX, the only format in which it reads archives of Java without looking for
         * vulnerabilities; with what is for development, on a machine that never built anything: what Maven keeps in the home is a cache too.
         */
        sbom(kind: 'image' | 'fs', subject: string, out: string): Command;
      }
    | undefined;
  /** Syft's package listing of a subject (`oci-dir:LAYOUT`, `dir:FOLDER`); undefined where there is no Syft. */
  readonly syft: ((subject: string, out: string) => Command) | undefined;
  /** Inflating with Node's zlib and both SHA-256, nothing else. */
  floor(layout: string): Command;
}

/** Finds the programs; builds the bundle where it is missing or older than the sources. Trivy is `PLOMBE_TRIVY` or in PATH, Syft `PLOMBE_SYFT` or there. */
export function findPrograms(): Programs {
  if (isOutdated()) {
    execFileSync(process.execPath, [join(root, 'tools/build.ts'), '--bundle-only'], { stdio: 'inherit' });
  }
  const node = process.execPath;
  const trivy = findPeer('trivy', process.env['PLOMBE_TRIVY']);
  const syft = findPeer('syft', process.env['PLOMBE_SYFT']);
  const plombe = (...parameters: readonly string[]): Command => ({
    argv: [node, bundle, ...parameters],
    // 3: an image with nothing in it is not assessed, which is what is to be measured.
    accept: [3],
  });
  return {
    plombe,
    sbom: (subject, cache, out) => plombe('sbom', subject, '--cache', cache, '-o', `cyclonedx=${out}`),
    scan: (layout, out) => ({
      ...plombe('scan', `oci:${layout}`, '--cache', '{dir}/cache', '-o', `json=${out}`),
      env: { XDG_DATA_HOME: '{dir}/data', PLOMBE_DB: '' },
    }),
    trivy:
      trivy === undefined
        ? undefined
        : {
            image: (layout, cache, out) => ({
              argv: [trivy, 'image', ...trivyFlags, '--input', layout, '--cache-dir', cache, '--output', out],
            }),
            sbom: (kind, subject, out) => ({
              argv: [
                trivy,
                kind,
                ...trivySbomFlags,
                '--cache-dir',
                '{dir}',
                '--output',
                out,
                ...subjectFlags[kind],
                subject,
              ],
              env: { HOME: '{dir}/home' },
              prepare: writeEmptyJavaDatabase,
            }),
          },
    syft:
      syft === undefined
        ? undefined
        : (subject, out) => ({
            argv: [syft, 'scan', subject, '--quiet', '--output', `syft-json=${out}`],
            env: { HOME: '{dir}/home', SYFT_CHECK_FOR_APP_UPDATE: 'false' },
          }),
    floor: (layout) => ({ argv: [node, floor, layout] }),
  };
}

/**
 * Without a database of Java's archives Trivy leaves all of them out, offline and with an empty cache; it has none that could be fetched here. One
 * without rows lets it read what archives say of themselves.
 */
function writeEmptyJavaDatabase(cache: string): void {
  const folder = join(cache, 'java-db');
  mkdirSync(folder, { recursive: true });
  const database = new DatabaseSync(join(folder, 'trivy-java.db'));
  database.exec('CREATE TABLE artifacts (id INTEGER PRIMARY KEY, group_id TEXT, artifact_id TEXT)');
  database.exec('CREATE TABLE indices (artifact_id INTEGER, version TEXT, sha1 BLOB, archive_type TEXT)');
  database.exec('CREATE UNIQUE INDEX indices_by_sha1 ON indices (sha1)');
  database.close();
  const [updated, next] = ['2026-01-01T00:00:00Z', '2099-01-01T00:00:00Z'];
  const metadata = { Version: 1, UpdatedAt: updated, DownloadedAt: updated, NextUpdate: next };
  writeFileSync(join(folder, 'metadata.json'), JSON.stringify(metadata));
}

function isOutdated(): boolean {
  const built = statSync(bundle, { throwIfNoEntry: false })?.mtimeMs ?? 0;
  const sources = globSync(['packages/*/src/**/*.ts', 'tools/*.ts'], { cwd: root });
  return sources.some((path) => statSync(join(root, path)).mtimeMs > built);
}

function findPeer(name: string, set: string | undefined): string | undefined {
  if (set !== undefined && set !== '') return set;
  const found = (process.env['PATH'] ?? '').split(delimiter).map((folder) => join(folder, name));
  return found.find((path) => {
    try {
      accessSync(path, constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}
