// VEX in CSAF 2.0 and 2.1 (OASIS): what `product_status` says of each product of the tree, with flags and impacts as reasons.
import { objectField, objectsField, textField, textsField, type JsonObject } from '@plombe/kit';
import { ProductTree, type CsafPlace, type CsafProduct } from '../feeds/csaf/product-tree.ts';
import {
  productOf,
  textOf,
  vexJustifications,
  type VexDocument,
  type VexProduct,
  type VexStatement,
  type VexStatus,
} from './statement.ts';

/** True for a document that says it is one. */
export function isCsaf(value: JsonObject): boolean {
  const document = objectField(value, 'document');
  return document !== undefined && textField(document, 'csaf_version') !== undefined;
}

const lists: readonly (readonly [string, VexStatus])[] = [
  ['known_not_affected', 'not_affected'],
  ['fixed', 'fixed'],
  ['first_fixed', 'fixed'],
  ['known_affected', 'affected'],
  ['first_affected', 'affected'],
  ['last_affected', 'affected'],
  ['under_investigation', 'under_investigation'],
];

/** Returns a statement for each product, reason and status of each vulnerability. */
export function parseCsafVex(value: JsonObject, name: string): VexDocument {
  const document = objectField(value, 'document') ?? {};
  const tracking = objectField(document, 'tracking');
  const publisher = objectField(document, 'publisher');
  const author = publisher === undefined ? undefined : textOf(textField(publisher, 'name'));
  const timestamp = tracking === undefined ? undefined : textField(tracking, 'current_release_date');
  const productTree = objectField(value, 'product_tree');
  const source = { tree: new ProductTree(productTree), groups: groupsOf(productTree), timestamp };
  return {
    name,
    format: 'csaf',
    ...(author === undefined ? {} : { author }),
    statements: objectsField(value, 'vulnerabilities').flatMap((vulnerability) => statementsOf(vulnerability, source)),
  };
}

interface Source {
  readonly tree: ProductTree;
  /** Ids of groups → ids of products. */
  readonly groups: ReadonlyMap<string, readonly string[]>;
  readonly timestamp: string | undefined;
}

function groupsOf(tree: JsonObject | undefined): ReadonlyMap<string, readonly string[]> {
  return new Map(
    objectsField(tree ?? {}, 'product_groups').map((group) => [
      textField(group, 'group_id') ?? '',
      textsField(group, 'product_ids'),
    ]),
  );
}

function statementsOf(vulnerability: JsonObject, { tree, groups, timestamp }: Source): VexStatement[] {
  const status = objectField(vulnerability, 'product_status');
  const ids = [
    ...[textField(vulnerability, 'cve')].filter((id) => id !== undefined),
    ...objectsField(vulnerability, 'ids').flatMap((id) => textField(id, 'text') ?? []),
  ];
  const [name, ...aliases] = ids;
  if (status === undefined || name === undefined) return [];
  const flags = remarksOf(objectsField(vulnerability, 'flags'), 'label', groups);
  const threats = objectsField(vulnerability, 'threats').filter((threat) => textField(threat, 'category') === 'impact');
  const impacts = remarksOf(threats, 'details', groups);
  return lists.flatMap(([key, word]) => {
    const products = textsField(status, key);
    // Products of one status and reason are one statement.
    const byReason = Map.groupBy(products, (id) => `${flags.get(id) ?? ''}\0${impacts.get(id) ?? ''}`);
    return [...byReason.values()].map((same): VexStatement => {
      const [first = ''] = same;
      const flag = flags.get(first);
      const justification = flag !== undefined && vexJustifications.has(flag) ? flag : undefined;
      const said = textOf(impacts.get(first));
      return {
        vulnerability: name,
        aliases,
        status: word,
        products: same.map((id) => placedProduct(id, tree.place(id))),
        ...(justification === undefined ? {} : { justification }),
        ...(said === undefined ? {} : { statement: said }),
        ...(timestamp === undefined ? {} : { timestamp }),
      };
    });
  });
}

function remarksOf(
  remarks: readonly JsonObject[],
  key: string,
  groups: ReadonlyMap<string, readonly string[]>,
): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  for (const remark of remarks) {
    const text = textField(remark, key);
    if (text === undefined) continue;
    const grouped = textsField(remark, 'group_ids').flatMap((id) => groups.get(id) ?? []);
    for (const id of [...textsField(remark, 'product_ids'), ...grouped]) found.set(id, text);
  }
  return found;
}

/** The component within what it is a component of, the outermost first. */
function placedProduct(id: string, place: CsafPlace | undefined): VexProduct {
  if (place === undefined) return productOf(id, {});
  return place.within.reduce<VexProduct>(
    (inner, outer) => ({ ...identified(outer), label: inner.label, parts: [inner] }),
    identified(place.component),
  );
}

function identified({ id, name, purl, cpe, category }: CsafProduct): VexProduct {
  // A range is written in words: its package URL would mean every version.
  const isRange = category === 'product_version_range' && !/@/.test(purl?.replace(/^pkg:[^/]+\/@?/i, '') ?? '');
  return productOf(purl ?? name ?? id, {
    purls: purl === undefined || isRange ? [] : [purl],
    cpes: cpe === undefined || isRange ? [] : [cpe],
  });
}
