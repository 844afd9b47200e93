// Go versions to order keys: module versions are semantic versions, toolchain versions are mapped onto them.
import type { VersionKey } from '../key.ts';
import { shapeOfSemver } from '../semver/parse.ts';

/**
 * A toolchain's version with the tail of a pre-release, as the vulnerability database writes it (`-0`, `-rc.1`) or nearly so. Any other tail
 * is a builder's mark, which does not count (go/version): `-fips`, `-1` of Microsoft's builds.
 */
const semanticPreRelease = /^go(\d+\.\d+\.\d+)-(?:(0)|(alpha|beta|pre|rc)(?:\.?(\d+))?)$/;

const toolchain = /^(0|[1-9][0-9]*)(?:\.(0|[1-9][0-9]*)(?:\.(0|[1-9][0-9]*)|([a-z]+)(0|[1-9][0-9]*)?)?)?$/;

/**
 * Returns the order key of a Go module version (`v1.2.3`, pseudo-versions, `+incompatible`), a toolchain version (`go1.22rc1`,
 * `go1.22.3 X:boringcrypto`, `1.22`) or a version as the Go vulnerability database writes it (`1.22.0-0`). Undefined for `(devel)` and all else.
 */
export function parseGo(text: string): VersionKey | undefined {
  const trimmed = text.trim();
  const name = trimmed.startsWith('devel go') ? trimmed.slice(6) : trimmed;
  if (name.startsWith('go')) {
    const semantic = semanticPreRelease.exec(name);
    if (semantic !== null) return parseGo(`${semantic[1]}-${semantic.slice(2).filter(Boolean).join('.')}`);
    const end = name.search(/[-+ ]/);
    return parseToolchain(name.slice(2, end < 0 ? undefined : end));
  }
  const shape = shapeOfSemver(name);
  if (shape?.hasLeadingZero === true || name.startsWith('=')) return undefined;
  if (shape !== undefined && (shape.numbers === 3 || (shape.hasPrefix && !shape.hasTail))) return shape.key;
  return parseToolchain(name);
}

/**
 * `1.22rc1` is 1.22.0-rc.1, `1.20` is 1.20.0. From Go 1.21 on the bare `1.22` names the language, which sorts before its first
 * release candidate: 1.22.0-0. (go.dev/doc/toolchain, "Go versions")
 */
function parseToolchain(text: string): VersionKey | undefined {
  const match = toolchain.exec(text);
  if (match === null) return undefined;
  const [, major, minor = '0', patch = '0', kind, count] = match;
  if (kind !== undefined)
    return shapeOfSemver(`${major}.${minor}.0-${count === undefined ? kind : `${kind}.${count}`}`)?.key;
  const isLanguage = match[2] !== undefined && match[3] === undefined && Number(minor) >= 21;
  return shapeOfSemver(isLanguage ? `${major}.${minor}.0-0` : `${major}.${minor}.${patch}`)?.key;
}
