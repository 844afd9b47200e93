// The table of predicate types: cosign's short names and the URIs that are signed.

interface PredicateKind {
  /** What `--type` takes. */
  readonly name: string;
  /** The URI that is written. */
  readonly uri: string;
  /** Further URIs that count as the same type when verifying; all are in use by others. */
  readonly also: readonly string[];
}

const predicateKinds: readonly PredicateKind[] = [
  { name: 'slsaprovenance1', uri: 'https://slsa.dev/provenance/v1', also: [] },
  { name: 'slsaprovenance', uri: 'https://slsa.dev/provenance/v0.2', also: [] },
  {
    name: 'spdxjson',
    uri: 'https://spdx.dev/Document',
    also: ['https://spdx.dev/Document/v2.3', 'https://spdx.dev/Document/v2.2'],
  },
  { name: 'cyclonedx', uri: 'https://cyclonedx.org/bom', also: [] },
  { name: 'vuln', uri: 'https://cosign.sigstore.dev/attestation/vuln/v1', also: [] },
  { name: 'vulns', uri: 'https://in-toto.io/attestation/vulns/v0.2', also: [] },
  { name: 'vsa', uri: 'https://slsa.dev/verification_summary/v1', also: [] },
  {
    name: 'svr',
    uri: 'https://in-toto.io/attestation/svr/v0.2',
    also: ['https://in-toto.io/attestation/svr/v0.1'],
  },
  { name: 'custom', uri: 'https://cosign.sigstore.dev/attestation/v1', also: [] },
];

/** The predicate type of cosign 3's image signatures: a statement with an empty predicate. It attests nothing but the subject. */
export const cosignSignPredicateType = 'https://sigstore.dev/cosign/sign/v1';

/**
 * Returns the URI for a short name of the table or for a URI (a scheme and a colon); undefined for anything else, and for the type of
 * signatures: whoever attests must not sign by the way.
 */
export function predicateTypeUri(type: string): string | undefined {
  const kind = predicateKinds.find(({ name }) => name === type);
  if (kind !== undefined) return kind.uri;
  if (type === cosignSignPredicateType) return undefined;
  return /^[A-Za-z][A-Za-z0-9+.-]*:[^\s]+$/.test(type) ? type : undefined;
}

/** True where a statement's predicate type is the one asked for, by short name or URI. Exact text otherwise (T42). */
export function isPredicateType(actual: string, asked: string): boolean {
  const kind = predicateKinds.find(({ name, uri }) => name === asked || uri === asked);
  return kind === undefined ? actual === asked : actual === kind.uri || kind.also.includes(actual);
}

/** The short names, in the order of the table. */
export const predicateTypeNames: readonly string[] = predicateKinds.map(({ name }) => name);
