// The remedy where something has to be attached to an image that a gate does not take without it.

/** Says how it gets there first: done elsewhere, and copied before the image. Inert where its parts are. */
export function beforePush(done: string, whose: string, what: string): string {
  return `Not stored: have it ${done} in a repository that takes it (or set onViolation: quarantine) ${whose}, then copy both, the ${what} first: regctl image copy --referrers.`;
}
