// What docker clients ask a token for: `repository:team/app:pull,push`, `registry:catalog:*` (distribution, token scope specification).
import type { Need } from '../registry/ports.ts';
import type { Right } from './rights.ts';
import { isRepositoryName } from './project.ts';

/** One entry of a token's `access` claim. */
export interface Access {
  readonly type: 'repository' | 'registry';
  readonly name: string;
  /** `pull`, `push`, `delete`, `sign`; `*` of the catalog. */
  readonly actions: readonly string[];
}

/** A build that mounts from many repositories asks for some dozens. */
const maxScopes = 100;

/**
 * Parses scopes, in one text or several. What is unknown or malformed is left out, as the specification says: the client sees by the token
 * what it got. `*` asks for everything.
 */
export function parseScopes(texts: readonly string[]): readonly Access[] {
  const words = texts.flatMap((text) => text.split(' ')).filter((word) => word !== '');
  const asked = new Map<string, Set<string>>();
  for (const word of words.slice(0, maxScopes)) {
    const scope = parseScope(word);
    if (scope === undefined) continue;
    const key = `${scope.type}:${scope.name}`;
    const known = asked.get(key) ?? new Set();
    for (const action of scope.actions) known.add(action);
    asked.set(key, known);
  }
  return [...asked].map(([key, actions]) => {
    const colon = key.indexOf(':');
    return { type: key.slice(0, colon) as Access['type'], name: key.slice(colon + 1), actions: [...actions] };
  });
}

function parseScope(word: string): Access | undefined {
  const match = /^(repository|registry)(?:\([a-z0-9]+\))?:([^:]{1,255}):([a-z*,]{1,100})$/.exec(word);
  const [, type, name = '', list = ''] = match ?? [];
  const actions = list.split(',').filter((action) => action !== '');
  if (type === 'registry')
    return name === 'catalog' && actions.includes('*') ? { type, name, actions: ['*'] } : undefined;
  return type === 'repository' && isRepositoryName(name) ? { type, name, actions } : undefined;
}

const words = ['pull', 'push', 'delete'] as const;

/**
 * Cuts what is asked down to what may be done. `sign` is no word of docker's clients: who may see quarantine sees it with every token of the
 * repository.
 */
export function grantScopes(
  asked: readonly Access[],
  may: (right: Right, repository: string) => boolean,
  mayList: boolean,
): readonly Access[] {
  return asked.flatMap((scope): readonly Access[] => {
    if (scope.type === 'registry') return mayList ? [scope] : [];
    const all = scope.actions.includes('*');
    const granted: string[] = words.filter((word) => (all || scope.actions.includes(word)) && may(word, scope.name));
    if (scope.actions.length > 0 && may('sign', scope.name)) granted.push('sign');
    return granted.length === 0 ? [] : [{ ...scope, actions: granted }];
  });
}

/** The scope that a challenge names for these needs: `repository:x:pull,push repository:y:pull`. Undefined where nothing is needed. */
export function scopeOf(needs: readonly Need[]): string | undefined {
  const byRepository = Map.groupBy(needs, ({ repository }) => repository);
  const scopes = [...byRepository].flatMap(([repository, own]) => {
    if (!isRepositoryName(repository)) return [];
    // To push, clients also look what is there already.
    const asked = new Set(
      own.flatMap(({ action }) => (action === 'push' || action === 'sign' ? ['pull', 'push'] : [action])),
    );
    return [`repository:${repository}:${words.filter((word) => asked.has(word)).join(',')}`];
  });
  return scopes.length === 0 ? undefined : scopes.join(' ');
}
