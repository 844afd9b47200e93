// The reference neither names nor implies the tag `latest`.
import { inert } from '@plombe/kit';
import { defineCheck, one } from './check.ts';

export const latestTag = defineCheck({
  id: 'latest-tag',
  needs: [],
  parameters: ({ configuration }) => one(configuration?.noLatestTag === true ? true : undefined),
  check({ tag, byDigest, reference }) {
    const isLatest = tag === 'latest' || (tag === undefined && !byDigest);
    const message = `The reference ${inert(reference)} ${isLatest ? 'means' : 'does not mean'} the tag latest.`;
    return {
      violations: isLatest ? [{ message }] : [],
      unknowns: [],
      passed: message,
      lookedAt: 'the reference',
      remedy: () => 'Refer to the image by a version tag, better by its digest.',
    };
  },
});
