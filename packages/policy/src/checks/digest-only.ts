// The reference names a digest, so that what was judged is what runs. (T34)
import { inert } from '@plombe/kit';
import { defineCheck, one } from './check.ts';

export const digestOnly = defineCheck({
  id: 'digest-only',
  needs: [],
  parameters: ({ digestOnly: asked }) => one(asked === true ? true : undefined),
  check({ byDigest, reference, digest }) {
    const message = `The reference ${inert(reference)} names ${byDigest ? 'a digest' : 'no digest, and a tag may move'}.`;
    return {
      violations: byDigest ? [] : [{ message }],
      unknowns: [],
      passed: message,
      lookedAt: 'the reference',
      remedy: () => `Refer to the image by its digest${digest === undefined ? '' : `: @${digest}`}.`,
    };
  },
});
