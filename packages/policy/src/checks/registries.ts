// Images come from allowed registries only.
import { inert } from '@plombe/kit';
import { compileGlobs } from '../glob.ts';
import { defineCheck, one, unknown } from './check.ts';

export const registries = defineCheck({
  id: 'registries',
  needs: [],
  parameters: ({ allowedRegistries }) =>
    one(allowedRegistries && { names: allowedRegistries, matches: compileGlobs(allowedRegistries) }),
  check({ registry }, _, { names, matches }) {
    const remedy = () => `Take the image from an allowed registry: ${inert(names.join(', '))}.`;
    if (registry === undefined) return unknown('The subject comes from no registry.', 'the reference', remedy);
    const message = `Registry ${inert(registry)} is ${matches(registry) ? '' : 'not '}allowed.`;
    return {
      violations: matches(registry) ? [] : [{ message }],
      unknowns: [],
      passed: message,
      lookedAt: 'the registry of the reference',
      remedy,
    };
  },
});
