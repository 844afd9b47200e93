// Whether a token realm may receive a registry's credentials: only where it belongs to the registry (T30).

/** Registries whose token service is known to live on another host. Each pair is the publisher's own documentation. */
const knownRealms: Readonly<Record<string, readonly string[]>> = {
  'docker.io': ['auth.docker.io'],
  'registry-1.docker.io': ['auth.docker.io'],
  'registry.gitlab.com': ['gitlab.com'],
  'docker.elastic.co': ['docker-auth.elastic.co'],
};

export interface RealmRule {
  /** Canonical registry as in the reference. */
  readonly registry: string;
  /** Origin of the registry's API, `https://host[:port]`. */
  readonly origin: string;
  /** Realm hosts (with port where not 443) that the user allows for this registry. */
  readonly allowed: readonly string[];
}

/**
 * Tells what a realm may get: `credentials` where it has the registry's own origin or is a known or allowed pair over https,
 * `anonymous` for any other https address, `refused` for plain http elsewhere and for everything that is no http URL.
 */
export function realmTrust(
  realm: string,
  rule: RealmRule,
): { url: URL; trust: 'credentials' | 'anonymous' } | 'refused' {
  if (realm.length > 2048 || !URL.canParse(realm)) return 'refused';
  const url = new URL(realm);
  url.hash = '';
  if (url.username !== '' || url.password !== '') return 'refused';
  if (url.origin === rule.origin) return { url, trust: 'credentials' };
  if (url.protocol !== 'https:') return 'refused';
  const hosts = [...(knownRealms[rule.registry] ?? []), ...rule.allowed.map((host) => host.toLowerCase())];
  return { url, trust: hosts.includes(url.host) ? 'credentials' : 'anonymous' };
}
