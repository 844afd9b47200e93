// Exceptions: owned waivers of a check that end. Each covers a violation alone, or not at all. (T50)
import { inert } from '@plombe/kit';
import { checkIds } from './checks/checks.ts';
import type { Violation } from './checks/check.ts';
import type { PolicyException } from './document/policy-schema.ts';
import type { PolicyEvidence } from './evidence.ts';
import { compileGlob, compileGlobs, type Glob } from './glob.ts';
import { instantMs } from './schema/format.ts';
import { nearestOf } from './schema/validate.ts';

/** An exception ready to be asked. */
export interface CompiledException {
  readonly source: PolicyException;
  readonly expiresAtMs: number;
  readonly packageGlob?: Glob;
  readonly repositoryGlob?: Glob;
}

type Fail = (path: readonly (string | number)[], message: string) => never;

/**
 * Compiles them. `own` are the ids of the policy's checks. Calls `fail` for an exception of a check that does not exist, or of a named one
 * that the policy has not: it would never hold, and nobody would notice.
 */
export function compileExceptions(
  exceptions: readonly PolicyException[],
  own: readonly string[],
  fail: Fail,
): readonly CompiledException[] {
  return exceptions.map((source, index): CompiledException => {
    const known = source.check.includes('/') ? own : checkIds;
    if (!known.includes(source.check)) {
      const nearest = nearestOf(source.check, known);
      const hint = nearest === undefined ? `; checks are ${known.join(', ') || 'none'}` : `; did you mean ${nearest}?`;
      const what = known === own ? 'is not a check of this policy' : 'is not a check';
      fail(['spec', 'exceptions', index, 'check'], inert(`${what}${hint}`));
    }
    return {
      source,
      expiresAtMs: instantMs(source.expires) ?? 0,
      ...(source.package === undefined ? {} : { packageGlob: compileGlob(source.package) }),
      ...(source.repositories === undefined ? {} : { repositoryGlob: compileGlobs(source.repositories) }),
    };
  });
}

/** Those of a policy that hold for the check and the subject at this time, and how many have ended. */
export function applicable(
  exceptions: readonly CompiledException[],
  check: string,
  { subject }: PolicyEvidence,
  nowMs: number,
): { readonly valid: readonly CompiledException[]; readonly expired: readonly CompiledException[] } {
  if (exceptions.length === 0) return { valid: [], expired: [] };
  const meant = exceptions.filter(
    ({ source, repositoryGlob }) =>
      (source.check === check || source.check === check.split('/')[0]) &&
      // A repository that is not known matches no exception.
      (repositoryGlob === undefined || (subject.repository !== undefined && repositoryGlob(subject.repository))),
  );
  return {
    valid: meant.filter(({ expiresAtMs }) => nowMs < expiresAtMs),
    expired: meant.filter(({ expiresAtMs }) => nowMs >= expiresAtMs),
  };
}

/** True where this one exception covers the whole violation: everything it names must be what the violation is about. */
export function covers({ source, packageGlob }: CompiledException, violation: Violation): boolean {
  const { vulnerability, aliases = [], packages = [] } = violation;
  if (source.vulnerability !== undefined) {
    const ids = vulnerability === undefined ? [] : [vulnerability, ...aliases];
    if (!ids.includes(source.vulnerability)) return false;
  }
  return packageGlob === undefined || (packages.length > 0 && packages.every(packageGlob));
}

/** True for one that names neither a vulnerability nor a package: it waives the whole check, also where it is undecidable. */
export function isWhole({ source }: CompiledException): boolean {
  return source.vulnerability === undefined && source.package === undefined;
}
