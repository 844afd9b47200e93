// What takes a finding away: an upgrade of the package, or a new build with a newer toolchain.

export interface Remedy {
  /** `rebuild`: what is installed came with the compiler that built the program, and no package manager changes it. */
  readonly kind: 'upgrade' | 'rebuild';
  /** Of the package, or of the toolchain: `Go`. */
  readonly name: string;
  readonly from: string;
  /** As this ecosystem writes it; absent where no fixed version is known. */
  readonly to?: string;
}

/** Says what to do about a package that a fixed version is known of, or none. Pure; every report words the same remedy. */
export function remedyOf(type: string, name: string, from: string, fixed?: string): Remedy {
  const isToolchain = type === 'golang' && name === 'stdlib';
  const kind = isToolchain ? 'rebuild' : 'upgrade';
  // Advisories about Go's toolchain leave out the `v` that a program's build information may have.
  const version = (text: string): string => (isToolchain ? text.replace(/^(?:go|v)(?=\d)/, '') : text);
  const to = fixed === undefined ? undefined : version(asInstalled(fixed, from));
  return { kind, name: isToolchain ? 'Go' : name, from: version(from), ...(to === undefined ? {} : { to }) };
}

/** A fixed version as this ecosystem writes it: Go's modules have a `v` that its advisories leave out. */
export function asInstalled(fixed: string, installed: string): string {
  return /^v\d/.test(installed) && /^\d/.test(fixed) ? `v${fixed}` : fixed;
}
