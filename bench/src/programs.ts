// The programs that are compared: the bundle as a release has it, and Trivy where the machine has it.
import { execFileSync } from 'node:child_process';
import { accessSync, constants, globSync, statSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Command } from './measure.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const bundle = join(root, 'dist/plombe.mjs');
const floor = fileURLToPath(new URL('floor.ts', import.meta.url));

const trivyFlags = 'image --format json --list-all-pkgs --scanners= --offline-scan --skip-version-check --quiet'.split(
  ' ',
);

export interface Programs {
  /** `sbom` of an OCI layout with a cache in `cache`, written to `out`. */
  sbom(layout: string, cache: string, out: string): Command;
  /** `scan` of an OCI layout with the starter database, which is unpacked first; everything cold, written to `out`. */
  scan(layout: string, out: string): Command;
  plombe(...parameters: readonly string[]): Command;
  /** Trivy's package listing without vulnerability and secret scanning; undefined where there is no Trivy. */
  readonly trivy: ((layout: string, cache: string, out: string) => Command) | undefined;
  /** Inflating with Node's zlib and both SHA-256, nothing else. */
  floor(layout: string): Command;
}

/** Finds the programs; builds the bundle where it is missing or older than the sources. Trivy is `PLOMBE_TRIVY` or in PATH. */
export function findPrograms(): Programs {
  if (isOutdated()) {
    execFileSync(process.execPath, [join(root, 'tools/build.ts'), '--bundle-only'], { stdio: 'inherit' });
  }
  const node = process.execPath;
  const trivy = findTrivy();
  const plombe = (...parameters: readonly string[]): Command => ({
    argv: [node, bundle, ...parameters],
    // 3: an image with nothing in it is not assessed, which is what is to be measured.
    accept: [3],
  });
  return {
    plombe,
    sbom: (layout, cache, out) => plombe('sbom', `oci:${layout}`, '--cache', cache, '-o', `cyclonedx=${out}`),
    scan: (layout, out) => ({
      ...plombe('scan', `oci:${layout}`, '--cache', '{dir}/cache', '-o', `json=${out}`),
      env: { XDG_DATA_HOME: '{dir}/data', PLOMBE_DB: '' },
    }),
    trivy:
      trivy === undefined
        ? undefined
        : (layout, cache, out) => ({
            argv: [trivy, ...trivyFlags, '--input', layout, '--cache-dir', cache, '--output', out],
          }),
    floor: (layout) => ({ argv: [node, floor, layout] }),
  };
}

function isOutdated(): boolean {
  const built = statSync(bundle, { throwIfNoEntry: false })?.mtimeMs ?? 0;
  const sources = globSync(['packages/*/src/**/*.ts', 'tools/*.ts'], { cwd: root });
  return sources.some((path) => statSync(join(root, path)).mtimeMs > built);
}

function findTrivy(): string | undefined {
  const set = process.env['PLOMBE_TRIVY'];
  if (set !== undefined && set !== '') return set;
  const found = (process.env['PATH'] ?? '').split(delimiter).map((folder) => join(folder, 'trivy'));
  return found.find((path) => {
    try {
      accessSync(path, constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}
