// The embedded registry as a process that lasts as long as a test file, with robots, and images of a few files to push to it.
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { gunzipSync } from 'node:zlib';
import { writeTar, type TarEntry } from '@plombe/formats/testing';
import { alpineImage, npmPackage, writeImages } from '../../support/images.ts';
import { installed, launcher, type Outcome } from '../../support/plombe.ts';
import { makeRobot } from '../../support/server.ts';
import { atEnd } from './ending.ts';
import { done } from './peers.ts';

/** Name and password of a robot. */
export interface Login {
  readonly username: string;
  readonly password: string;
  readonly authorization: string;
}

export interface Embedded {
  /** `127.0.0.1:port`. */
  readonly host: string;
  readonly home: string;
  readonly data: string;
  plombe(args: readonly string[], env?: Readonly<Record<string, string>>): Promise<Outcome>;
  robot(name: string, actions: string, repository?: string): Promise<Login>;
  revoke(name: string): Promise<void>;
  /** Status and digest of a manifest, as `login` sees it. */
  see(login: Login, repository: string, reference: string): Promise<{ status: number; digest: string | null }>;
  /** Requests that were answered so far: `POST /v2/a/blobs/uploads/ 201`. */
  requests(): readonly string[];
}

/** Starts `plombe serve` in the folder; it ends with the test file. */
export async function startEmbedded(home: string, args: readonly string[] = ['--plain-http']): Promise<Embedded> {
  const data = join(home, 'data');
  mkdirSync(home, { recursive: true });
  const plombe = installed(home);
  const env = { PATH: process.env['PATH'] ?? '', HOME: home, PLOMBE_DEBUG: '1', PLOMBE_MAX_AGE_DAYS: '9999' };
  const flags = ['serve', '--data', data, '--listen', '127.0.0.1:0', ...args];
  const child = spawn(launcher, flags, { env, cwd: home, stdio: ['ignore', 'pipe', 'pipe'] });
  atEnd(() => void child.kill('SIGKILL'));
  const log: string[] = [];
  createInterface({ input: child.stderr }).on('line', (line) => void log.push(line));
  let host = '';
  for await (const line of createInterface({ input: child.stdout })) {
    host = /^listening on https?:\/\/(\S+)$/.exec(line)?.[1] ?? '';
    if (host !== '') break;
  }
  if (host === '') throw new Error(`the server did not start: ${log.join('\n')}`);
  const scheme = args.includes('--plain-http') ? 'http' : 'https';
  return {
    host,
    home,
    data,
    plombe: (command, more = {}) => plombe(command, { env: { PLOMBE_KEY_PASSWORD: '', ...more } }),
    robot: (name, actions, repository = '*') => makeRobot(data, home, name, actions, repository),
    revoke: async (name) => void (await done(plombe(['robots', 'revoke', name, '--data', data]))),
    see: async ({ authorization }, repository, reference) => {
      const url = `${scheme}://${host}/v2/${repository}/manifests/${reference}`;
      const answer = await fetch(url, { headers: { authorization } });
      await answer.arrayBuffer();
      return { status: answer.status, digest: answer.headers.get('docker-content-digest') };
    },
    requests: () =>
      log.flatMap((line) => {
        const { event, method, path, status } = JSON.parse(line) as Record<string, string | number>;
        return event === 'request' ? [`${method} ${path} ${status}`] : [];
      }),
  };
}

/** Writes a login file as clients keep it; returns its folder, for `DOCKER_CONFIG`. */
export function writeLogin(folder: string, host: string, { username, password }: Login): string {
  mkdirSync(folder, { recursive: true });
  const auth = Buffer.from(`${username}:${password}`).toString('base64');
  writeFileSync(join(folder, 'config.json'), JSON.stringify({ auths: { [host]: { auth } } }));
  return folder;
}

/** One image in the forms that clients take. */
export interface TestImage {
  /** OCI layout in which it is named `app`. */
  readonly layout: string;
  /** What `docker save` writes, named `localhost/NAME:1`. */
  readonly archive: string;
  readonly name: string;
  /** `localhost/NAME:1`. */
  readonly local: string;
  readonly digest: string;
  readonly configDigest: string;
}

/** Writes an image of no distribution with npm packages, and a file that no other image has. */
export async function writeTestImage(
  folder: string,
  name: string,
  packages: Readonly<Record<string, string>> = { harmless: '1.0.0' },
): Promise<TestImage> {
  const entries: readonly TarEntry[] = [
    { path: 'unique', content: `${name} ${Math.random()}` },
    ...Object.entries(packages).map(([known, version]) => npmPackage('srv', known, version)),
  ];
  const layers = [{ tar: [writeTar(entries)], createdBy: 'COPY . /' }];
  const layout = await writeImages(join(folder, name), alpineImage('app', 'amd64', { layers }));
  const blob = (digest: string): Buffer => readFileSync(join(layout, 'blobs', digest.replace(':', '/')));
  type Described = { readonly digest: string };
  const { manifests } = JSON.parse(readFileSync(join(layout, 'index.json'), 'utf8')) as { manifests: Described[] };
  const digest = manifests[0]?.digest ?? '';
  const manifest = JSON.parse(blob(digest).toString()) as { config: Described; layers: Described[] };
  const local = `localhost/${name}:1`;
  const configName = `${manifest.config.digest.slice(7)}.json`;
  const tars = manifest.layers.map((layer) => gunzipSync(blob(layer.digest)));
  const named = tars.map((content) => ({ path: `${sha256(content)}.tar`, content }));
  const list = [{ Config: configName, RepoTags: [local], Layers: named.map(({ path }) => path) }];
  const archive = join(folder, `${name}.tar`);
  const config = { path: configName, content: blob(manifest.config.digest) };
  writeFileSync(archive, writeTar([config, ...named, { path: 'manifest.json', content: JSON.stringify(list) }]));
  return { layout, archive, name, local, digest, configDigest: manifest.config.digest };
}

function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}
