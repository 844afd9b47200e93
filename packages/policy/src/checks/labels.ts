// Labels that must be there.
import { inert, textField } from '@plombe/kit';
import { defineCheck, one, unknown } from './check.ts';

export const labels = defineCheck<readonly string[]>({
  id: 'labels',
  needs: ['config'],
  parameters: ({ configuration }) => one(configuration?.requiredLabels),
  check(_, { config }, required) {
    const remedy = () => `Set the labels when building: ${inert(required.join(', '))}.`;
    if (config === undefined) return unknown("The image's config was not read.", 'nothing', remedy);
    const missing = required.filter((name) => (textField(config.labels, name) ?? '') === '');
    return {
      violations: missing.map((name) => ({ message: `The label ${inert(name)} is missing or empty.` })),
      unknowns: [],
      passed: 'Every label that is required is there.',
      lookedAt: "labels of the image's config",
      remedy,
    };
  },
});
