// Licences of packages, as the packages declare them.
import { inert, licenceExpression, otherSpellings, validExpression } from '@plombe/kit';
import type { PolicySpec } from '../document/policy-schema.ts';
import { compileGlobs } from '../glob.ts';
import { count, defineCheck, unknown, type Violation } from './check.ts';
import { refusedLicences } from './licence-expression.ts';

type IsAllowed = (spellings: readonly string[]) => boolean;

interface Parameters {
  /** Whether a licence of these spellings is: none is denied, one is allowed. */
  readonly isAllowed: IsAllowed;
  readonly undeclared: NonNullable<NonNullable<PolicySpec['licences']>['undeclared']>;
}

export const licences = defineCheck<Parameters>({
  id: 'licences',
  needs: ['scan'],
  parameters({ licences: asked }) {
    if (asked === undefined) return [];
    const denied = compileGlobs(asked.deny ?? []);
    const allowed = asked.allow === undefined ? () => true : compileGlobs(asked.allow);
    const isAllowed = (spellings: readonly string[]): boolean => !spellings.some(denied) && spellings.some(allowed);
    return [{ value: { isAllowed, undeclared: asked.undeclared ?? 'unknown' } }];
  },
  check(_, { scan }, { isAllowed, undeclared }) {
    const remedy = () => 'Replace the packages named, or add an exception with owner, ticket and expiry.';
    if (scan === undefined) return unknown('The image was not scanned.', 'nothing', remedy);
    const violations: Violation[] = [];
    const silent: string[] = [];
    // Most packages of an image share a few licences.
    const known = new Map<string, readonly string[]>();
    const refusedBy = (expression: string): readonly string[] => {
      const found = known.get(expression) ?? refusedIn(expression, isAllowed);
      known.set(expression, found);
      return found;
    };
    for (const { name, version, licences: declared } of scan.packages) {
      const refused = declared.flatMap(refusedBy);
      const where = { packages: [name] };
      if (refused.length > 0)
        violations.push({ message: inert(`${name} ${version} is under ${refused.join(', ')}.`), ...where });
      else if (declared.length === 0) {
        silent.push(name);
        if (undeclared === 'deny')
          violations.push({ message: inert(`${name} ${version} declares no licence.`), ...where });
      }
    }
    const some = inert(silent.slice(0, 5).join(', '));
    return {
      violations,
      unknowns:
        undeclared === 'unknown' && silent.length > 0
          ? [`${count(silent.length, 'package')} without a declared licence: ${some}${silent.length > 5 ? ', …' : ''}.`]
          : [],
      passed: 'Every declared licence is allowed.',
      lookedAt: count(scan.packages.length, 'package'),
      remedy,
    };
  },
});

/**
 * Reports of older versions, and SBOMs of other tools, name licences as the package does: a rule may mean such a name or the id of the SPDX
 * list, and of ids the deprecated one or its successor.
 */
function refusedIn(declared: string, isAllowed: IsAllowed): readonly string[] {
  const expression = licenceExpression(declared);
  const isName =
    expression !== undefined && validExpression(declared) === undefined && !/ (?:AND|OR) /.test(expression);
  return refusedLicences(expression ?? declared, (licence) =>
    isAllowed([licence, ...otherSpellings(licence), ...(isName ? [declared] : [])]),
  );
}
