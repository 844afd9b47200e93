// What one vulnerability of a CSAF document says of each product (CSAF 2.0, section 3.2.3).
import { type JsonObject, field, objectField, objectsField, textField, textsField } from '@plombe/kit';
import type { Severity, VulnerabilityStatus } from '@plombe/model';
import { severityOfVector, severityWord } from '../../normal/cvss.ts';
import { clipText } from '../../normal/ids.ts';

/** A product's status: `fixed` names the first version that is, `bounded` the last that is affected. */
export interface CsafStatus {
  readonly product: string;
  readonly kind: 'fixed' | 'affected' | 'lastAffected' | 'firstAffected' | 'notAffected' | 'underInvestigation';
}

/** The nine lists of `product_status`. */
const lists: readonly (readonly [string, CsafStatus['kind']])[] = [
  ['fixed', 'fixed'],
  ['first_fixed', 'fixed'],
  ['recommended', 'fixed'],
  ['known_affected', 'affected'],
  ['first_affected', 'firstAffected'],
  ['last_affected', 'lastAffected'],
  ['known_not_affected', 'notAffected'],
  ['under_investigation', 'underInvestigation'],
];

/** Yields the statuses in the order of the lists above. */
export function* statusesOf(vulnerability: JsonObject): Generator<CsafStatus> {
  const status = objectField(vulnerability, 'product_status');
  if (status === undefined) return;
  for (const [key, kind] of lists) {
    for (const product of textsField(status, key)) yield { product, kind };
  }
}

/** What the lists beside the status say of products: by product where they are named, else for all. */
export class Remarks {
  readonly #notes = new Map<string, string>();
  readonly #unfixed = new Set<string>();
  readonly #impacts = new Map<string, Severity>();
  readonly #author: string;
  /** Links to the fixes. */
  readonly fixes: ReadonlySet<string>;

  constructor(vulnerability: JsonObject, author: string) {
    this.#author = author;
    const fixes = new Set<string>();
    for (const remediation of objectsField(vulnerability, 'remediations')) {
      const category = textField(remediation, 'category');
      if (category === 'vendor_fix') fixes.add(textField(remediation, 'url') ?? '');
      if (category !== 'no_fix_planned' && category !== 'none_available') continue;
      const note = clipText(textField(remediation, 'details'), 120) ?? category.replaceAll('_', ' ');
      for (const product of textsField(remediation, 'product_ids')) {
        this.#notes.set(product, note);
        if (category === 'no_fix_planned') this.#unfixed.add(product);
      }
    }
    this.fixes = fixes;
    for (const flag of objectsField(vulnerability, 'flags')) {
      const label = clipText(textField(flag, 'label')?.replaceAll('_', ' '), 120);
      if (label !== undefined) for (const product of textsField(flag, 'product_ids')) this.#notes.set(product, label);
    }
    for (const threat of objectsField(vulnerability, 'threats')) {
      if (textField(threat, 'category') !== 'impact') continue;
      const details = textField(threat, 'details');
      const word = severityWord(details);
      if (word !== undefined) {
        for (const product of textsField(threat, 'product_ids')) this.#impacts.set(product, { author, word });
      } else if (Array.isArray(field(threat, 'product_ids')) && details !== undefined) {
        // Of what is not affected the impact is the reason.
        const note = clipText(details, 120);
        for (const product of textsField(threat, 'product_ids'))
          if (note !== undefined && !this.#notes.has(product)) this.#notes.set(product, note);
      }
    }
  }

  /** The vendor's word for a product: the remediation's details, or why it is not affected. */
  note(product: string): string | undefined {
    return this.#notes.get(product);
  }

  /** `affected`, or `will_not_fix` where the vendor plans none. */
  unfixedStatus(product: string): VulnerabilityStatus {
    return this.#unfixed.has(product) ? 'will_not_fix' : 'affected';
  }

  impact(product: string): Severity | undefined {
    return this.#impacts.get(product);
  }

  /** Severities of the vulnerability: the impact for all or the document's, then the vectors. A vector that agrees with the word stands for both. */
  severities(vulnerability: JsonObject, aggregate: string | undefined): Severity[] {
    const author = this.#author;
    const general = objectsField(vulnerability, 'threats').find(
      (threat) =>
        textField(threat, 'category') === 'impact' && severityWord(textField(threat, 'details')) !== undefined,
    );
    const word =
      severityWord(general === undefined ? undefined : textField(general, 'details')) ?? severityWord(aggregate);
    const vectors = new Map<string, Severity>();
    for (const score of objectsField(vulnerability, 'scores')) {
      for (const key of ['cvss_v4', 'cvss_v3', 'cvss_v2']) {
        const stated = objectField(score, key);
        const vector = stated === undefined ? undefined : textField(stated, 'vectorString');
        const severity = vector === undefined ? undefined : severityOfVector(author, vector);
        if (severity !== undefined && vectors.size < 5) vectors.set(severity.vector as string, severity);
      }
    }
    const scored = [...vectors.values()];
    if (word === undefined) return scored;
    const agreeing = scored.find((severity) => severity.word === word);
    return [agreeing ?? { author, word }, ...scored.filter((severity) => severity !== agreeing)];
  }
}
