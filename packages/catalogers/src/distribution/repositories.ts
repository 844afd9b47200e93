// What the configured repositories say of the release, where that is more than os-release does.
import { compareText } from '@plombe/kit';

/**
 * Release that an Alpine's `etc/apk/repositories` point to, `edge` or `v3.17`; undefined where it is the installed one or not told.
 * The `main` repository decides; tagged repositories (`@edge …`) do not count, since apk installs from them only by name.
 */
export function alpineRepositoryRelease(text: string | undefined, versionId: string | undefined): string | undefined {
  const found = (text ?? '')
    .split(/\r?\n/)
    .map((line) => /^[^#@\s]\S*\/(edge|v\d{1,3}\.\d{1,3})\/(\w+)\/?$/.exec(line.trim()))
    .filter((match) => match !== null);
  const main = found.filter((match) => match[2] === 'main');
  const releases = new Set((main.length > 0 ? main : found).map((match) => match[1] as string));
  const installed = /^\d+\.\d+/.exec(versionId ?? '')?.[0];
  if (releases.size === 0) return versionId?.includes('_alpha') === true ? 'edge' : undefined;
  if (installed !== undefined && releases.has(`v${installed}`) && !versionId?.includes('_alpha')) return undefined;
  return [...releases].sort((a, b) => ordinal(b) - ordinal(a) || compareText(a, b))[0];
}

function ordinal(release: string): number {
  if (release === 'edge') return Number.MAX_SAFE_INTEGER;
  const [major, minor] = release.slice(1).split('.').map(Number);
  return (major ?? 0) * 1000 + (minor ?? 0);
}

/**
 * Suite that apt's sources point to, `sid` before `testing`, for a Debian whose os-release has no version: os-release is the same in
 * testing and unstable. Both formats of sources.list(5). Undefined where neither is configured.
 */
export function debianRepositoryRelease(texts: readonly string[]): 'sid' | 'testing' | undefined {
  const suites = new Set(texts.flatMap((text) => text.split(/\r?\n/).flatMap(suitesOf)));
  if (suites.has('sid') || suites.has('unstable')) return 'sid';
  return suites.has('testing') ? 'testing' : undefined;
}

function suitesOf(line: string): readonly string[] {
  const words = line.trim().split(/\s+/);
  if (words[0]?.toLowerCase() === 'suites:') return words.slice(1);
  if (words[0] !== 'deb') return [];
  const uri = words.findIndex((word) => word.includes(':/'));
  const suite = uri < 0 ? undefined : words[uri + 1];
  return suite === undefined ? [] : [suite];
}
