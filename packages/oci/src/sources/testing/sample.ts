// A small image that tests write as a layout and have other tools repack.
import { gunzipSync } from 'node:zlib';
import { readFileSync } from 'node:fs';
import { spawnSync } from 'node:child_process';
import type { Image } from '@plombe/model';
import { readLayer } from '@plombe/formats';
import { writeTar } from '@plombe/formats/testing';
import { defaultLayerLimits } from '@plombe/kit';
import { sharedPath } from '@plombe/kit/testing';
import { writeLayout } from '../../sinks/layout/write.ts';
import type { LayoutImage } from '../../sinks/layout/image.ts';

const { signal } = new AbortController();

/** Layers of a real root file system where it can be had, and one above it with whiteouts, links and odd names. */
export function sampleLayers(): readonly Buffer[] {
  const alpine = sharedPath('images/alpine-minirootfs-3.20.3-x86_64.tar.gz');
  const base =
    alpine === undefined ? writeTar([{ path: 'etc/os-release', content: 'ID=x\n' }]) : gunzipSync(readFileSync(alpine));
  const upper = writeTar([
    { path: 'app', type: 'directory' },
    { path: `app/${'long/'.repeat(30)}name`, content: 'x'.repeat(3_000_000) },
    { path: 'etc/motd', type: 'whiteout' },
    { path: 'var/cache', type: 'opaque' },
    { path: 'app/link', type: 'symlink', linkTarget: '/etc/passwd' },
  ]);
  return [base, upper];
}

/** The sample as an image to write; `more` replaces parts. */
export function sampleImage(more: Partial<LayoutImage> = {}): LayoutImage {
  const layers = sampleLayers().map((tar, at) => ({ tar: [tar], createdBy: `RUN step ${at}` }));
  return {
    name: 'sample',
    platform: { os: 'linux', architecture: 'amd64' },
    layers,
    config: { User: '1000' },
    ...more,
  };
}

/** Writes the images as a layout and returns its path. */
export async function sampleLayout(folder: string, images: readonly LayoutImage[] = [sampleImage()]): Promise<string> {
  await writeLayout(`${folder}/layout`, images, { signal });
  return `${folder}/layout`;
}

/** Runs a tool; throws with what it wrote to stderr. */
export function run(tool: string, ...parameters: readonly string[]): string {
  const { status, stdout, stderr, error } = spawnSync(tool, parameters, {
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
  });
  if (status !== 0) throw new Error(`${tool} ${parameters.join(' ')}: ${error?.message ?? stderr}`);
  return stdout;
}

/** True where a tool is on this machine; tests that need it skip otherwise. */
export function hasTool(tool: string): boolean {
  return spawnSync(tool, ['--version']).error === undefined;
}

/** Reads every layer of an image as a scan does; returns `type path size` of each entry and whether all digests held. */
export async function readEntries(image: Image): Promise<{ readonly entries: string[]; readonly verified: boolean }> {
  const entries: string[] = [];
  let verified = true;
  for (const { content, digest, diffID, sizeBytes, index } of image.layers) {
    if (content.kind !== 'tar') throw new Error(`layer ${index} is ${content.kind}`);
    const read = await readLayer(
      content.open({ signal }),
      {
        entry: (header) => {
          entries.push(`${index} ${header.type} ${header.path} ${header.sizeBytes}`);
          return undefined;
        },
      },
      {
        signal,
        limits: defaultLayerLimits,
        ...(digest === undefined ? {} : { digest }),
        ...(diffID === undefined ? {} : { diffID }),
        ...(sizeBytes === undefined ? {} : { sizeBytes }),
      },
    );
    verified &&= read.complete && read.verified;
  }
  return { entries, verified };
}
