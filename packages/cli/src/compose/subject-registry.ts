// The registry of one subject: client, reference and network settings for commands that sign and verify.
import { gatherEvidence, type Evidence } from '@plombe/engine';
import {
  createRegistryClient,
  parseReference,
  type ImageReference,
  type RegistryClient,
  type RegistryOptions,
} from '@plombe/oci';
import { PlombeError } from '@plombe/kit';
import type { Context } from '@plombe/model';
import type { Settings } from '../settings/settings.ts';
import { registryOptions } from './registry.ts';

/** An open client for the registry of `reference`. */
export interface SubjectRegistry {
  readonly reference: ImageReference;
  readonly client: RegistryClient;
  /** What the services of other flags are called with too. */
  readonly network: RegistryOptions;
}

/**
 * Opens the registry of a reference; a bare `--plain-http` allows http to that registry and no other. Throws `reference/invalid`,
 * `config/invalid`. The caller closes the client.
 */
export function openSubjectRegistry(
  subject: string,
  values: Settings,
  flags: Readonly<Record<string, unknown>>,
  ctx: Context,
): SubjectRegistry {
  const reference = parseReference(subject.replace(/^registry:/, ''));
  requireNetwork(values);
  const network = networkOptions(values);
  const named = values.plainHttp ?? [];
  const plainHttp = flags['plainHttp'] === true ? [...named, reference.registry] : named;
  return { reference, network, client: createRegistryClient({ ...network, plainHttp }, ctx) };
}

/** Hands over what lies beside a subject while its registry is open. Throws `registry/…` and what `openSubjectRegistry` and `judge` throw. */
export async function withEvidence<T>(
  subject: string,
  values: Settings,
  flags: Readonly<Record<string, unknown>>,
  ctx: Context,
  judge: (found: Evidence) => Promise<T>,
): Promise<T> {
  const { client, reference } = openSubjectRegistry(subject, values, flags, ctx);
  try {
    return await judge(await gatherEvidence(client, reference, ctx));
  } finally {
    client.close();
  }
}

/** Throws `registry/unreachable` where the settings turn the network off. */
export function requireNetwork({ offline }: Settings): void {
  if (offline !== true) return;
  throw new PlombeError(
    'registry/unreachable',
    'The network is off (offline), so no registry and no service was asked.',
    {
      remedy: 'Unset PLOMBE_OFFLINE, or offline in plombe.yaml; verify --bundle needs no network.',
    },
  );
}

/** Proxy, certificate authorities and logins of settings and environment. Throws `config/invalid`. */
export function networkOptions(values: Settings): RegistryOptions {
  return registryOptions(values, process.env);
}
