// The report of access: repositories, rows, and what could not be read.
import type { Context } from '@plombe/model';
import { isPlombeError, messageOf } from '@plombe/kit';
import type { CallOptions, Known, RegistryConnector, RegistryKind } from '../registries/connector.ts';
import { effectiveAccess, type EffectiveAccess } from './effective.ts';
import { coversRepository } from './glob.ts';

export interface AccessReport {
  readonly registry: string;
  readonly kind: RegistryKind;
  /** ISO 8601. */
  readonly at: string;
  readonly access: readonly EffectiveAccess[];
  /** What is missing, a sentence each; with any of them the rows are not all there is. */
  readonly causes: readonly string[];
}

export interface AccessFilter {
  /** Globs; none: every repository. */
  readonly repositories: readonly string[];
  /** Ids; none: everybody. */
  readonly principals: readonly string[];
}

/** Reads principals, grants and repositories, and evaluates. A list that is refused is a cause, never an empty answer. */
export async function reportAccess(
  connector: RegistryConnector,
  filter: AccessFilter,
  call: CallOptions,
  ctx: Pick<Context, 'clock'>,
): Promise<AccessReport> {
  const causes: string[] = [];
  const take = <T>(what: string, answer: Known<readonly T[]>): readonly T[] => {
    if (answer.kind === 'unknown') {
      causes.push(`${what}: ${answer.reason}`);
      return [];
    }
    causes.push(...(answer.incomplete ?? []));
    return answer.value;
  };
  const principals = take('Principals are not known', await connector.principals(call));
  const grants = take('Grants are not known', await connector.grants(call));
  const repositories: string[] = [];
  try {
    for await (const { name } of connector.repositories(call)) {
      const { repositories: globs } = filter;
      if (globs.length === 0 || globs.some((glob) => coversRepository(glob, name))) repositories.push(name);
    }
  } catch (thrown) {
    if (!isPlombeError(thrown, 'registry/unauthorized') && !isPlombeError(thrown, 'registry/forbidden')) throw thrown;
    causes.push(`Repositories are not known: ${messageOf(thrown)}`);
  }
  const access = effectiveAccess(repositories, principals, grants).filter(
    ({ principal }) => filter.principals.length === 0 || filter.principals.includes(principal.id),
  );
  const at = new Date(ctx.clock.nowMs()).toISOString();
  return { registry: connector.registry, kind: connector.kind, at, access, causes: [...new Set(causes)] };
}
