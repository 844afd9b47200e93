// The version of Go's standard library, out of what a toolchain calls itself.

/** Version of `stdlib` as the Go vulnerability database writes it, and what else the toolchain says. */
export interface StandardLibrary {
  readonly version: string;
  readonly weak?: boolean;
  readonly facts: Readonly<Record<string, string>>;
}

const release = /^go(\d{1,6})(?:\.(\d{1,6}))?(?:\.(\d{1,6}))?(?:(beta|rc)(\d{1,6}))?(?=$|[\s+-]|[br]\d)/;
const development = /^devel (?:go(\d{1,6})\.(\d{1,6})-|\+)([0-9a-f]{6,40})/;

/**
 * Reads `go1.22.3`, `go1.22rc1`, vendors' `go1.22.3-1.fips` or `go1.21.4 (Red Hat …)`, experiments (`X:boringcrypto`) and
 * `devel go1.23-abcdef …`. Missing parts are zero and pre-releases SemVer's, as in the Go vulnerability database: `1.22.0-rc.1`.
 * Undefined where no release can be told.
 */
export function standardLibrary(toolchain: string): StandardLibrary | undefined {
  const facts: Record<string, string> = {};
  const experiments = /(?:^|[\s-])X:([\w,]+)/.exec(toolchain)?.[1];
  if (experiments !== undefined) facts['experiments'] = experiments;
  facts['toolchain'] = toolchain.slice(0, 256);
  const match = release.exec(toolchain);
  if (match !== null) {
    const [, major, minor = '0', patch = '0', kind, number] = match;
    return { version: `${major}.${minor}.${patch}${kind === undefined ? '' : `-${kind}.${number}`}`, facts };
  }
  const [, major, minor, commit] = development.exec(toolchain) ?? [];
  return major === undefined ? undefined : { version: `${major}.${minor}.0-devel.${commit}`, weak: true, facts };
}
