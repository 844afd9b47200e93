// The registries around a server: behind it by `--upstream` and `cache`, and after it by `replication`.
import { PlombeError } from '@plombe/kit';
import { parseOrigin, type FarConfig, type ServeOptions } from '@plombe/server';
import type { Settings } from '../settings/settings.ts';
import { networkOptions, requireNetwork } from './subject-registry.ts';

type Flags = Readonly<Record<string, unknown>>;

/** Maps flag and file to the server's options; empty where there is nothing around it. Throws `config/invalid`. */
export function farOptions(
  { front, spoolBytes, caches, replication }: FarConfig,
  values: Settings,
  flags: Flags,
): Pick<ServeOptions, 'upstream' | 'replication'> {
  const text = flags['upstream'];
  const origin = typeof text === 'string' ? upstreamOrigin(text) : undefined;
  const links = [...caches, ...(origin === undefined ? [] : [{ ...front, origin, isCache: false }])];
  if (links.length + replication.length === 0) return {};
  requireNetwork(values);
  if (links.length > 0 && flags['blobs'] !== undefined)
    throw new PlombeError('config/invalid', '--blobs does not go with --upstream or cache.', {
      remedy: 'Blobs lie in the registry behind; what is kept of them here is in --data.',
    });
  const network = networkOptions(values);
  return {
    ...(links.length === 0 ? {} : { upstream: { links, network, spoolBytes } }),
    ...(replication.length === 0 ? {} : { replication: { rules: replication, network } }),
  };
}

function upstreamOrigin(text: string): URL {
  const origin = parseOrigin(text);
  if (origin !== undefined) return origin;
  throw new PlombeError('config/invalid', '--upstream is no address of a registry, or holds a login.', {
    // Not repeated: there may be a password in it.
    remedy: 'Write https://registry.example.com; http is for loopback addresses, logins are in DOCKER_CONFIG.',
  });
}
