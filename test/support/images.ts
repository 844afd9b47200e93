// Images built in code: an Alpine of three layers with packages that the feeds of these tests know.
import { writeTar, type TarEntry } from '@plombe/formats/testing';
import { writeLayout, type LayoutImage } from '@plombe/oci';

/** ANSI, workflow commands, newlines, a formula, bidirectional overrides and HTML. (T21, T68) */
export const hostileText =
  '\u001b[31mred\u001b]0;title\u0007\n::set-env name=X::y\r\n=cmd|x\u202e<script>alert(1)</script>';

export const osRelease: TarEntry = {
  path: 'etc/os-release',
  content: 'ID=alpine\nVERSION_ID=3.20.3\nNAME="Alpine Linux"\nPRETTY_NAME="Alpine Linux v3.20"\n',
};

/** The text of apk's database, name → version. */
export function apkInstalled(packages: Readonly<Record<string, string>>): string {
  return Object.entries(packages)
    .map(([name, version]) => `P:${name}\nV:${version}\nA:x86_64\no:${name.replace('lib', 'open')}\nL:MIT\n\n`)
    .join('');
}

export function npmPackage(folder: string, name: string, version: string): TarEntry {
  return { path: `${folder}/node_modules/${name}/package.json`, content: JSON.stringify({ name, version }) };
}

/** openssl and busybox with a fix, lodash with another, in layers 0, 1 and 2. */
export function alpineImage(name: string, architecture = 'amd64', overrides: Partial<LayoutImage> = {}): LayoutImage {
  const tar = (...entries: readonly TarEntry[]): Iterable<Uint8Array> => [writeTar(entries)];
  const database = (packages: Readonly<Record<string, string>>): TarEntry => ({
    path: 'lib/apk/db/installed',
    content: apkInstalled(packages),
  });
  return {
    name,
    platform: { os: 'linux', architecture },
    layers: [
      { tar: tar(osRelease, database({ busybox: '1.36.1-r29', musl: '1.2.5-r0' })), createdBy: 'ADD rootfs.tar.gz /' },
      {
        tar: tar(database({ busybox: '1.36.1-r29', musl: '1.2.5-r0', libssl: '3.3.1-r3' })),
        createdBy: '/bin/sh -c apk add --no-cache libssl',
      },
      { tar: tar(npmPackage('srv/app', 'lodash', '4.17.4')), createdBy: 'COPY app /srv/app', compression: 'zstd' },
    ],
    ...overrides,
  };
}

/** The same image without zstd, which docker's formats do not have. */
export function gzipped(image: LayoutImage): LayoutImage {
  return { ...image, layers: image.layers.map(({ tar, createdBy = '' }) => ({ tar, createdBy })) };
}

/** Writes a layout of images. */
export async function writeImages(folder: string, ...images: readonly LayoutImage[]): Promise<string> {
  await writeLayout(folder, images, { signal: new AbortController().signal });
  return folder;
}
