// Images come from allowed repositories only.
import { inert } from '@plombe/kit';
import { compileGlobs } from '../glob.ts';
import { defineCheck, one, unknown } from './check.ts';

export const repositories = defineCheck({
  id: 'repositories',
  needs: [],
  parameters: ({ allowedRepositories }) =>
    one(allowedRepositories && { names: allowedRepositories, matches: compileGlobs(allowedRepositories) }),
  check({ repository }, _, { names, matches }) {
    const remedy = () => `Take the image from an allowed repository: ${inert(names.join(', '))}.`;
    if (repository === undefined) return unknown('The subject lies in no repository.', 'the reference', remedy);
    const message = `Repository ${inert(repository)} is ${matches(repository) ? '' : 'not '}allowed.`;
    return {
      violations: matches(repository) ? [] : [{ message }],
      unknowns: [],
      passed: message,
      lookedAt: 'the repository of the reference',
      remedy,
    };
  },
});
