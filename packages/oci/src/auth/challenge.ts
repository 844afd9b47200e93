// What a registry asks for in WWW-Authenticate (RFC 9110, 11.6.1; distribution's token specification).

export interface Challenge {
  /** Lower case: `bearer`, `basic` … */
  readonly scheme: string;
  /** Parameter names in lower case. */
  readonly parameters: Readonly<Record<string, string>>;
}

/** A registry's challenge has under 1 KiB; Node joins repeated headers into one text. */
const maxChallengeLength = 8192;

/** Parses a WWW-Authenticate header, also with several challenges in it. What is malformed ends the list. */
export function parseChallenges(header: string | undefined): readonly Challenge[] {
  if (header === undefined || header.length > maxChallengeLength) return [];
  const challenges: { scheme: string; parameters: Record<string, string> }[] = [];
  const token = "[A-Za-z0-9!#$%&'*+.^_`|~-]+";
  const pattern = new RegExp(
    `[\\s,]*(?:(${token})\\s*=\\s*(?:"((?:[^"\\\\]|\\\\.)*)"|([^\\s,"]+))|(${token})(?=\\s|,|$))`,
    'y',
  );
  while (pattern.lastIndex < header.length) {
    const match = pattern.exec(header);
    if (match === null) break;
    const [, name, quoted, plain, scheme] = match;
    if (scheme !== undefined) {
      challenges.push({ scheme: scheme.toLowerCase(), parameters: Object.create(null) as Record<string, string> });
    } else if (name !== undefined) {
      const last = challenges.at(-1);
      if (last === undefined) break;
      last.parameters[name.toLowerCase()] ??= quoted === undefined ? (plain ?? '') : quoted.replace(/\\(.)/g, '$1');
    }
  }
  return challenges;
}

/** What a request needs to be allowed: reading, writing to or deleting from its own repository; a mount also reads `from`. */
export interface Access {
  readonly action: 'pull' | 'push' | 'delete';
  /** Repository of the same registry that a blob is mounted from. */
  readonly from?: string;
}

/**
 * Returns the scopes to ask a token for. To write: `pull,push` on the request's own repository, and `pull` on the one a blob is mounted
 * from, whatever the challenge names: a registry cannot ask for writing elsewhere in the caller's name. To delete: `pull,delete` likewise. To
 * read: see `pullScopes`.
 */
export function scopesFor(
  challenge: Challenge,
  repository: string | undefined,
  access: Access | undefined,
): readonly string[] {
  if (repository === undefined || access === undefined || access.action === 'pull')
    return pullScopes(challenge, repository);
  if (access.action === 'delete') return [`repository:${repository}:pull,delete`];
  const from = access.from === undefined ? [] : [`repository:${access.from}:pull`];
  return [`repository:${repository}:pull,push`, ...from];
}

/**
 * Returns the scopes to read with: those of the challenge that name a repository, cut down to `pull`, or the
 * repository's own. Without a repository it is the list of repositories that is read. A registry cannot ask for more than reading in the caller's name.
 */
export function pullScopes(challenge: Challenge, repository: string | undefined): readonly string[] {
  const isCatalog =
    repository === undefined && /(?:^| )registry:catalog:\*(?: |$)/.test(challenge.parameters['scope'] ?? '');
  if (isCatalog) return ['registry:catalog:*'];
  const asked = (challenge.parameters['scope'] ?? '').split(' ').flatMap((scope) => {
    const match = /^repository(?:\([a-z]+\))?:([A-Za-z0-9._\-/:]{1,255}):[a-z*,]+$/.exec(scope);
    return match?.[1] === undefined ? [] : [`repository:${match[1]}:pull`];
  });
  if (asked.length > 0) return asked.slice(0, 4);
  return repository === undefined ? [] : [`repository:${repository}:pull`];
}
