// The clients that people use with a registry, each behind the same few verbs, with a home, a login file and a storage of its own.
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Outcome } from '../../support/plombe.ts';
import { startContainerd, startDocker } from './daemons.ts';
import type { Login, TestImage } from './embedded.ts';
import { done, missingPeers, peer, type PeerName, type Run } from './peers.ts';

export interface Client {
  readonly run: Run;
  login(login: Pick<Login, 'username' | 'password'>): Promise<Outcome>;
  logout(): Promise<Outcome>;
  /** Pushes an image to `host/repository:tag`. */
  push(image: TestImage, target: string): Promise<Outcome>;
  /** Pulls what no earlier pull has left here; of an index, what is for the architecture. */
  pull(target: string, architecture?: string): Promise<Outcome>;
}

/** How a client is opened. */
export interface Place {
  /** The registry's host. */
  readonly host: string;
  /** Certificate authority of the registry; absent: plain http. */
  readonly authority?: string;
  /** Further variables of the client. */
  readonly env?: Readonly<Record<string, string>>;
}

type Home = Place & { readonly home: string };

/** Clients that need no daemon. */
export const clientsAlone = {
  skopeo: (place: Home) => openSkopeo(place),
  crane: (place: Home) => openCrane(place),
  oras: (place: Home) => openOras(place),
  regctl: (place: Home) => openRegctl(place),
  podman: (place: Home) => openStorage('podman', place),
  buildah: (place: Home) => openStorage('buildah', place),
} as const satisfies Readonly<Partial<Record<PeerName, (place: Home) => Client>>>;

export type ClientName = keyof typeof clientsAlone | 'docker' | 'ctr';

const daemons: Readonly<Partial<Record<ClientName, PeerName>>> = { docker: 'dockerd', ctr: 'containerd' };

/** Those of the clients that are here; says which are not. Only root may unpack layers and run daemons. */
export function presentClients(): readonly ClientName[] {
  const all: readonly ClientName[] = ['skopeo', 'crane', 'oras', 'regctl', 'podman', 'buildah', 'docker', 'ctr'];
  const names = all.filter((name) => missingPeers(name, daemons[name] ?? name).length === 0);
  if (process.getuid?.() === 0) return names;
  console.warn('SKIPPED: podman, buildah, docker and ctr, which need root');
  return names.filter((name) => name === 'skopeo' || name === 'crane' || name === 'oras' || name === 'regctl');
}

/** The clients of a test file and the daemons behind them. */
export interface Clients {
  /** Opens a client, logged in nowhere; undefined where its daemon does not run, which was said. */
  open(name: ClientName, place: Place): Client | undefined;
  end(): Promise<void>;
}

/** Starts the daemons. */
export async function openClients(home: string): Promise<Clients> {
  const present = presentClients();
  const [docker, containerd] = await Promise.all([
    present.includes('docker') ? startDocker(join(home, 'docker')) : undefined,
    present.includes('ctr') ? startContainerd(join(home, 'containerd')) : undefined,
  ]);
  return {
    open: (name, place) => {
      if (name === 'docker') return docker === undefined ? undefined : openDocker(within(docker.run, place), place);
      if (name === 'ctr') return containerd === undefined ? undefined : openCtr(containerd.run, fresh(home), place);
      return clientsAlone[name]({ ...place, home: fresh(join(home, name)) });
    },
    end: async () => {
      await Promise.all([docker?.end(), containerd?.end()]);
    },
  };
}

let names = 0;

/** A name of which nothing is there already. */
function fresh(home: string): string {
  mkdirSync(home, { recursive: true });
  return join(home, `new-${(names += 1)}`);
}

/** Runs with the place's variables, and with the certificate authority as the system's. */
function within(run: Run, { authority, env }: Place, own: Readonly<Record<string, string>> = {}): Run {
  const trust: Readonly<Record<string, string>> = authority === undefined ? {} : { SSL_CERT_FILE: authority };
  return (args, options = {}) => run(args, { ...options, env: { ...trust, ...own, ...env, ...options.env } });
}

/** The commands that share the library containers/image. */
function openContainers(name: PeerName, place: Home): Run {
  const file = join(place.home, 'auth.json');
  mkdirSync(place.home, { recursive: true });
  // podman wants it to be there.
  writeFileSync(file, '{}');
  return within(peer(name, place.home), place, { REGISTRY_AUTH_FILE: file, XDG_RUNTIME_DIR: place.home });
}

function openSkopeo(place: Home): Client {
  const { home, host, authority } = place;
  const run = openContainers('skopeo', place);
  const verify = authority === undefined ? 'false' : 'true';
  const plain = [`--src-tls-verify=${verify}`, `--dest-tls-verify=${verify}`];
  const copy = (from: string, to: string, more: readonly string[] = []): Promise<Outcome> =>
    run(['--insecure-policy', ...more, 'copy', '--quiet', ...plain, from, to]);
  return {
    run,
    login: ({ username, password }) =>
      run(['login', `--tls-verify=${verify}`, '-u', username, '--password-stdin', host], { stdin: password }),
    logout: () => run(['logout', host]),
    push: ({ layout }, target) => copy(`oci:${layout}:app`, `docker://${target}`),
    pull: (target, architecture = 'amd64') =>
      copy(`docker://${target}`, `dir:${fresh(home)}`, ['--override-arch', architecture]),
  };
}

/** podman and buildah, with images in folders. */
function openStorage(name: 'podman' | 'buildah', place: Home): Client {
  const { home, host, authority } = place;
  const inner = openContainers(name, place);
  const storage = ['--root', join(home, 'root'), '--runroot', join(home, 'run'), '--storage-driver', 'vfs'];
  const run: Run = (args, options) => inner([...storage, ...args], options);
  const plain = `--tls-verify=${authority !== undefined}`;
  return {
    run,
    login: ({ username, password }) =>
      run(['login', plain, '-u', username, '--password-stdin', host], { stdin: password }),
    logout: () => run(['logout', host]),
    push: async ({ archive, local }, target) => {
      await done(run(['pull', '--quiet', `docker-archive:${archive}`]));
      return run(['push', '--quiet', plain, local, `docker://${target}`]);
    },
    pull: async (target, architecture = 'amd64') => {
      await run(['rmi', '--all', '--force']);
      return run(['pull', '--quiet', plain, '--arch', architecture, `docker://${target}`]);
    },
  };
}

function openCrane(place: Home): Client {
  const { home, host } = place;
  const run = within(peer('crane', home), place);
  return {
    run,
    login: ({ username, password }) =>
      run(['auth', 'login', host, '-u', username, '--password-stdin'], { stdin: password }),
    logout: () => run(['auth', 'logout', host]),
    push: ({ archive }, target) => run(['push', archive, target]),
    pull: (target, architecture = 'amd64') =>
      run(['pull', '--platform', `linux/${architecture}`, target, `${fresh(home)}.tar`]),
  };
}

function openOras(place: Home): Client {
  const { home, host, authority } = place;
  const run = within(peer('oras', home), place);
  const how = (side: '' | 'from-' | 'to-'): readonly string[] =>
    authority === undefined ? [`--${side}plain-http`] : [`--${side}ca-file`, authority];
  return {
    run,
    login: ({ username, password }) =>
      run(['login', ...how(''), '-u', username, '--password-stdin', host], { stdin: password }),
    logout: () => run(['logout', host]),
    push: ({ layout }, target) => run(['copy', '--from-oci-layout', ...how('to-'), `${layout}:app`, target]),
    pull: (target, architecture = 'amd64') => {
      const to = ['--to-oci-layout', `${fresh(home)}:app`];
      return run(['copy', '--platform', `linux/${architecture}`, ...how('from-'), target, ...to]);
    },
  };
}

function openRegctl(place: Home): Client {
  const { home, host, authority } = place;
  const regctl = within(peer('regctl', home), place);
  const how = authority === undefined ? ['--tls', 'disabled'] : ['--cacert', authority];
  // It keeps what it knows of a registry in a file of its own.
  const run: Run = async (args, options) => {
    if (!existsSync(join(home, '.regctl'))) await done(regctl(['registry', 'set', ...how, '--skip-check', host]));
    return regctl(args, options);
  };
  return {
    run,
    login: ({ username, password }) =>
      run(['registry', 'login', host, '-u', username, '--pass-stdin'], { stdin: password }),
    logout: () => run(['registry', 'logout', host]),
    push: ({ layout }, target) => run(['image', 'copy', `ocidir://${layout}:app`, target]),
    pull: (target, architecture = 'amd64') =>
      run(['image', 'copy', '--platform', `linux/${architecture}`, target, `ocidir://${fresh(home)}:app`]),
  };
}

/** docker, whose daemon speaks with the registry. */
function openDocker(run: Run, { host }: Place): Client {
  return {
    run,
    login: ({ username, password }) => run(['login', host, '-u', username, '--password-stdin'], { stdin: password }),
    logout: () => run(['logout', host]),
    push: async ({ archive, local }, target) => {
      await done(run(['load', '--quiet', '--input', archive]));
      await done(run(['tag', local, target]));
      return run(['push', '--quiet', target]);
    },
    pull: async (target, architecture = 'amd64') => {
      await run(['image', 'rm', '--force', target]);
      return run(['pull', '--quiet', '--platform', `linux/${architecture}`, target]);
    },
  };
}

/** ctr, which keeps no logins: it is told one with each command. */
function openCtr(run: Run, home: string, { host, authority }: Place): Client {
  let user: readonly string[] = [];
  const how = authority === undefined ? ['--plain-http'] : ['--hosts-dir', writeHosts(home, host, authority)];
  const fine = { code: 0, stdout: '', stderr: '' };
  return {
    run,
    login: ({ username, password }) => {
      user = ['--user', `${username}:${password}`];
      return Promise.resolve(fine);
    },
    logout: () => {
      user = [];
      return Promise.resolve(fine);
    },
    push: async ({ archive, local }, target) => {
      await done(run(['images', 'import', archive]));
      await done(run(['images', 'tag', '--force', local, target]));
      return run(['images', 'push', ...how, ...user, target]);
    },
    pull: async (target, architecture = 'amd64') => {
      await run(['images', 'rm', '--sync', target]);
      const what = ['--platform', `linux/${architecture}`, '--snapshotter', 'native'];
      return run(['images', 'pull', ...how, ...what, ...user, target]);
    },
  };
}

/** By itself containerd speaks plain http with the loopback. */
function writeHosts(home: string, host: string, authority: string): string {
  mkdirSync(join(home, host), { recursive: true });
  const lines = [`server = "https://${host}"`, `[host."https://${host}"]`, `ca = "${authority}"`];
  writeFileSync(join(home, host, 'hosts.toml'), `${lines.join('\n')}\ncapabilities = ["pull", "resolve", "push"]\n`);
  return home;
}
