// No credentials lie in the image.
import { inert } from '@plombe/kit';
import { compileGlobs, type Glob } from '../glob.ts';
import { count, defineCheck, unknown } from './check.ts';

export const secrets = defineCheck<Glob>({
  id: 'secrets',
  needs: ['secrets'],
  parameters: ({ secrets: asked }) => (asked === undefined ? [] : [{ value: compileGlobs(asked.allow ?? []) }]),
  check(_, { secrets: found }, isAllowed) {
    const remedy = () =>
      'Take the credential out of every layer, and replace it: whoever could pull the image knows it.';
    if (found === undefined)
      return unknown(
        'The image was not searched for secrets.',
        'nothing',
        () => 'Give the findings of a secret scan as evidence.',
      );
    const refused = found.filter(({ rule }) => !isAllowed(rule));
    return {
      // Never the secret itself. (T24)
      violations: refused.map(({ rule, path }) => ({ message: inert(`${rule} in ${path}.`) })),
      unknowns: [],
      passed: 'No secrets were found.',
      lookedAt: count(found.length, 'secret'),
      remedy,
    };
  },
});
