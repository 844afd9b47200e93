// Where gems lie and what their files are called: `specifications/NAME-VERSION-PLATFORM.gemspec`, `gems/NAME-VERSION-PLATFORM/`.

/** A gem as its folder or specification is named. */
export interface GemName {
  readonly name: string;
  readonly version: string;
  /** `x86_64-linux`, `java` …; absent for gems of pure Ruby. */
  readonly platform?: string;
}

/** RubyGems' own rules (Gem::Specification::VALID_NAME_PATTERN, Gem::Version::VERSION_PATTERN), with a limit of length. */
export const gemNamePattern = /^(?=.*[A-Za-z])[A-Za-z0-9._-]{1,200}$/;
export const gemVersionPattern = /^\d[0-9A-Za-z]{0,40}(?:\.[0-9A-Za-z]{1,40}){0,20}(?:-[0-9A-Za-z.-]{1,60})?$/;
/** Gem::Platform: `CPU-OS-VERSION`, or one word. */
export const platformPattern = /^[A-Za-z][A-Za-z0-9._-]{0,60}$/;

const fullName = /^(.{1,200}?)-(\d[0-9A-Za-z]{0,40}(?:\.[0-9A-Za-z]{1,40}){0,20})(?:-([A-Za-z][A-Za-z0-9._-]{0,60}))?$/;

/** Splits `nokogiri-1.15.4-x86_64-linux`; undefined where it is not of that form. */
export function parseFullName(text: string): GemName | undefined {
  const [, name, version, platform] = fullName.exec(text) ?? [];
  if (name === undefined || version === undefined || !gemNamePattern.test(name)) return undefined;
  return { name, version, ...(platform === undefined || platform === 'ruby' ? {} : { platform }) };
}

/** Where a gemspec lies: what RubyGems installed, a gem's own copy, or a checkout that bundler made of a repository. */
export type GemPlace =
  | { readonly kind: 'installed'; readonly home: string; readonly full: string; readonly isDefault: boolean }
  | { readonly kind: 'copy'; readonly home: string; readonly full: string }
  | { readonly kind: 'checkout'; readonly folder: string };

const installed = /^(.*\/|)specifications\/(default\/)?([^/]+)\.gemspec$/;
const checkout = /^(?:.*\/|)bundler\/gems\/([^/]+-[0-9a-f]{7,40})\/[^/]+\.gemspec$/;
const copy = /^(.*\/|)gems\/([^/]+)\/[^/]+\.gemspec$/;

/** Returns the place of a `.gemspec`; undefined for one of a working copy, which nothing has installed. */
export function gemPlace(path: string): GemPlace | undefined {
  const spec = installed.exec(path);
  if (spec !== null)
    return { kind: 'installed', home: spec[1] ?? '', full: spec[3] ?? '', isDefault: spec[2] !== undefined };
  const work = checkout.exec(path);
  if (work !== null) return { kind: 'checkout', folder: work[1] ?? '' };
  const own = copy.exec(path);
  return own === null ? undefined : { kind: 'copy', home: own[1] ?? '', full: own[2] ?? '' };
}
