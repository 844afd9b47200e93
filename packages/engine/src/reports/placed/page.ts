// The page about a vulnerability that a report links to.
import { advisoryUrl } from '@plombe/advisories';
import type { Finding } from '@plombe/model';
import { safeAddress } from '../escaping/markup.ts';

/** Returns an http or https address: the first reference, else the page of an advisory, else the one that an id of it has by its form. */
export function pageOf({ vulnerability, aliases, advisories, references }: PageSubject): string | undefined {
  const told = [...references, ...advisories.flatMap(({ url }) => url ?? [])];
  const page = told.map(safeAddress).find((address) => address !== undefined);
  return page ?? canonicalPage([vulnerability, ...aliases]);
}

type PageSubject = Pick<Finding, 'vulnerability' | 'aliases' | 'advisories' | 'references'>;

/** Returns the page of the first of these ids that has one by its form: of a CVE, GHSA, GO, DSA, USN … */
export function canonicalPage(ids: readonly string[]): string | undefined {
  // An id that is more than letters, digits and dashes is no part of an address.
  const plain = ids.filter((id) => /^[A-Za-z]+-[A-Za-z0-9:-]{1,60}$/.test(id));
  return plain.map((id) => advisoryUrl(id, '', [])).find((address) => address !== undefined);
}
