// A server in front of a real registry, and that registry.
import { hasProgram, startCrane, startRegistry } from '../../../../oci/src/testing/peers.ts';
import { temporaryFolder } from '../../../../oci/src/sources/testing/context.ts';
import { startTestServer, type TestOptions, type TestServer } from '../../registry/testing/server.ts';
import { defaultFarConfig } from '../config.ts';
import type { LinkOptions } from '../link.ts';
import type { UpstreamOptions } from '../upstream.ts';

/** Programs that are a registry behind. */
export const kinds = ['docker-registry', 'crane', 'plombe'] as const;
export type Kind = (typeof kinds)[number];

/** True where the registry can be started here. */
export function canStart(kind: Kind): boolean {
  return kind === 'plombe' || hasProgram(kind);
}

/** Starts a registry that ends with the test. Returns `127.0.0.1:port`, and how it is asked. */
export async function startFar(kind: Kind): Promise<{ readonly host: string; readonly far: Far }> {
  const host =
    kind === 'docker-registry'
      ? await startRegistry({ folder: temporaryFolder() })
      : kind === 'crane'
        ? await startCrane()
        : new URL((await startPlombe()).url).host;
  return { host, far: { get: (path, init) => fetch(`http://${host}${path}`, init) } };
}

/** Starts a registry of our own that lets everybody do everything. */
export function startPlombe(): Promise<TestServer> {
  return startTestServer({ authenticator: openToAll });
}

/** The registry behind, asked directly. */
export interface Far {
  get(path: string, init?: RequestInit): Promise<Response>;
}

/** Everybody may do everything. */
const openToAll: NonNullable<TestOptions['authenticator']> = {
  authenticate: () =>
    Promise.resolve({ id: 'anonymous', name: 'anonymous', kind: 'robot', may: () => true, isAdmin: true }),
  handle: () => Promise.resolve(false),
};

/** Starts a server in front of a registry. */
export function startFront(
  host: string,
  {
    link = {},
    spoolBytes = 2 ** 30,
    network = {},
    ...options
  }: TestOptions & {
    readonly link?: Partial<LinkOptions>;
    readonly spoolBytes?: number;
    readonly network?: UpstreamOptions['network'];
  } = {},
): Promise<TestServer> {
  const links = [{ ...defaultFarConfig.front, origin: new URL(`http://${host}`), isCache: false, ...link }];
  return startTestServer({ ...options, upstream: { links, network, spoolBytes } });
}
