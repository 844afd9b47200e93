// The version of this program, the one place that says it.

/** SemVer; the release build checks that package.json says the same. */
export const version = '0.1.0';
