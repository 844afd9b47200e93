// The page of an advisory, by its id and the feed that has it.

const byPrefix: readonly (readonly [RegExp, (id: string) => string])[] = [
  [/^GHSA-/, (id) => `https://github.com/advisories/${id}`],
  [/^GO-/, (id) => `https://pkg.go.dev/vuln/${id}`],
  [/^(?:PYSEC|RUSTSEC|MAL|OSV|PSF|BIT|RLSA|RXSA)-/, (id) => `https://osv.dev/vulnerability/${id}`],
  [/^(?:DSA|DLA)-/, (id) => `https://security-tracker.debian.org/tracker/${id}`],
  [/^RH[SBE]A-/, (id) => `https://access.redhat.com/errata/${id}`],
  [/^USN-/, (id) => `https://ubuntu.com/security/notices/${id}`],
];

const byFeed: Readonly<Record<string, (id: string) => string>> = {
  debian: (id) => `https://security-tracker.debian.org/tracker/${id}`,
  ubuntu: (id) => `https://ubuntu.com/security/${id}`,
  alpine: (id) => `https://security.alpinelinux.org/vuln/${id}`,
};

/** Returns the page of an advisory: its feed's own, one known by the id's prefix, the first reference, or NVD's for a CVE. */
export function advisoryUrl(id: string, feed: string, references: readonly string[]): string | undefined {
  if (id.startsWith('CVE-') && Object.hasOwn(byFeed, feed)) return byFeed[feed]?.(id);
  const known = byPrefix.find(([pattern]) => pattern.test(id));
  if (known !== undefined) return known[1](id);
  return references[0] ?? (id.startsWith('CVE-') ? `https://nvd.nist.gov/vuln/detail/${id}` : undefined);
}
