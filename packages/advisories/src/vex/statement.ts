// What VEX documents of every format say: a product, a vulnerability, and what the one means for the other.
import { parsePurl, type PurlParts } from '@plombe/model';

/** The words of VEX. */
export const vexStatuses = ['not_affected', 'affected', 'fixed', 'under_investigation'] as const;
export type VexStatus = (typeof vexStatuses)[number];

/** Why something is not affected, as OpenVEX and CSAF call it. */
export const vexJustifications: ReadonlySet<string> = new Set([
  'component_not_present',
  'vulnerable_code_not_present',
  'vulnerable_code_not_in_execute_path',
  'vulnerable_code_cannot_be_controlled_by_adversary',
  'inline_mitigations_already_exist',
]);

/** What a statement is about. It is the product where any of the identifiers is that of it. */
export interface VexProduct {
  /** As the document names it, for messages. */
  readonly label: string;
  readonly purls: readonly PurlParts[];
  /** `sha256:hex`, `sha512:hex`. */
  readonly digests: readonly string[];
  /** CPE 2.2 or 2.3, as written. */
  readonly cpes: readonly string[];
  /** Only these in it; absent: the product itself, and of an image everything in it. */
  readonly parts?: readonly VexProduct[];
  /** Only these versions; absent: that of the identifier, where it has one, else all. */
  readonly versions?: readonly string[];
}

export interface VexStatement {
  readonly vulnerability: string;
  readonly aliases: readonly string[];
  readonly status: VexStatus;
  /** Empty where the document names none that can be told: such a statement matches nothing. */
  readonly products: readonly VexProduct[];
  /** One of `vexJustifications`. */
  readonly justification?: string;
  /** In the author's words. */
  readonly statement?: string;
  /** ISO 8601: of several statements about the same the latest holds. */
  readonly timestamp?: string;
}

export interface VexDocument {
  /** As the caller names it. */
  readonly name: string;
  readonly format: 'openvex' | 'cyclonedx' | 'csaf';
  readonly author?: string;
  readonly statements: readonly VexStatement[];
}

/** Longer texts of a document are cut: they stand in rows of reports. */
const maxText = 1000;

/** Returns the text in one line, at most a thousand characters; undefined where nothing is left. */
export function textOf(text: string | undefined): string | undefined {
  const line = text?.replaceAll(/\s+/g, ' ').trim() ?? '';
  return line === '' ? undefined : line.slice(0, maxText);
}

/** The product that identifiers name; those that are none are left out. */
export function productOf(
  label: string,
  identifiers: Partial<Identifiers>,
  more: Partial<VexProduct> = {},
): VexProduct {
  const { purls = [], digests = [], cpes = [] } = identifiers;
  return {
    label: label.slice(0, 200),
    purls: purls.flatMap((purl) => parsePurl(purl) ?? []),
    digests: digests.map((digest) => digest.toLowerCase()),
    cpes,
    ...more,
  };
}

interface Identifiers {
  readonly purls: readonly string[];
  readonly digests: readonly string[];
  readonly cpes: readonly string[];
}
