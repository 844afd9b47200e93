// The image declares a health check.
import { defineCheck, one, unknown } from './check.ts';

export const healthcheck = defineCheck({
  id: 'healthcheck',
  needs: ['config'],
  parameters: ({ configuration }) => one(configuration?.healthcheck === true ? true : undefined),
  check(_, { config }) {
    const remedy = () =>
      'Add a HEALTHCHECK in the Dockerfile. Images in OCI format cannot hold one; probes of the cluster do that there.';
    const declared = config?.healthcheck;
    if (declared === undefined) {
      return unknown('Whether the image declares a health check is not known.', "the image's config", remedy);
    }
    const message = `The image declares ${declared ? 'a' : 'no'} health check.`;
    return {
      violations: declared ? [] : [{ message }],
      unknowns: [],
      passed: message,
      lookedAt: "the image's config",
      remedy,
    };
  },
});
