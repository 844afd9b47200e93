// The image runs as a numeric user other than 0, as the kernel will see it. (T20)
import { inert } from '@plombe/kit';
import { defineCheck, one, unknown } from './check.ts';

/** Linux has 32-bit user ids; the last one means "none". Anything beyond may wrap around to 0 in a runtime. */
const lastUserId = 4_294_967_294;

export const user = defineCheck({
  id: 'user',
  needs: ['config'],
  parameters: ({ configuration }) => one(configuration?.userNotRoot === true ? true : undefined),
  check(_, { config }) {
    const remedy = () => 'Write a numeric USER other than 0 in the Dockerfile, such as USER 10001.';
    if (config === undefined) return unknown("The image's config was not read.", 'nothing', remedy);
    const given = config.user ?? '';
    const [name = ''] = given.split(':');
    const shown = inert(JSON.stringify(given));
    const isNumber = /^\d+$/.test(name);
    if (!isNumber && name !== '' && name !== 'root') {
      return unknown(
        `The image runs as ${shown}, and what user id that name has is not known.`,
        "USER of the image's config",
        remedy,
      );
    }
    const id = isNumber ? Number(name) : 0;
    const isRoot = id === 0 || id > lastUserId;
    const message = given === '' ? 'The image names no USER and runs as root.' : `The image runs as ${shown}.`;
    return {
      violations: isRoot ? [{ message }] : [],
      unknowns: [],
      passed: message,
      lookedAt: "USER of the image's config",
      remedy,
    };
  },
});
