// The product tree of a CSAF document (CSAF 2.0, section 3.2.2): branches that name products, and relationships that join two of them.
import { type JsonObject, field, isObject, objectField, objectsField, textField, textsField } from '@plombe/kit';

/** A product as a branch or list names it, or as the vendor's identifiers do. */
export interface CsafProduct {
  readonly id: string;
  readonly name: string;
  readonly cpe?: string;
  readonly purl?: string;
  /** Category of the branch: `product_name`, `product_version`, `product_version_range` … */
  readonly category?: string;
}

/** A component inside what it is a component of, the outermost last; a product without relationship stands alone. */
export interface CsafPlace {
  readonly component: CsafProduct;
  /** `nodejs:18` inside `AppStream-9`, outermost last. */
  readonly within: readonly CsafProduct[];
}

/** Branches nest 5 deep in use. */
const maxDepth = 32;
/** Components nest in a module and that in a product. */
const maxNesting = 8;
/** Products of one document: a kernel's VEX of Red Hat has about 60,000. */
const maxProducts = 1_000_000;

/** Products by id, of branches, lists and relationships. */
export class ProductTree {
  readonly #products = new Map<string, CsafProduct>();
  readonly #parts = new Map<string, { readonly component: string; readonly within: string }>();

  /** Reads `product_tree`. A branch or relationship that names nothing is left out: a status that refers to it then has no place. */
  constructor(tree: JsonObject | undefined) {
    if (tree === undefined) return;
    this.#readBranches(tree, 0);
    for (const product of objectsField(tree, 'full_product_names')) this.#add(product, undefined);
    for (const relationship of objectsField(tree, 'relationships').slice(0, maxProducts)) {
      const component = textField(relationship, 'product_reference');
      const within = textField(relationship, 'relates_to_product_reference');
      const full = objectField(relationship, 'full_product_name');
      const id = full === undefined ? undefined : textField(full, 'product_id');
      if (id !== undefined && component !== undefined && within !== undefined)
        this.#parts.set(id, { component, within });
    }
  }

  /** Returns where a product of a status stands; undefined where the tree does not have it. */
  place(id: string): CsafPlace | undefined {
    const within: CsafProduct[] = [];
    const component = this.#resolve(id, within, 0);
    return component === undefined ? undefined : { component, within };
  }

  #resolve(id: string, within: CsafProduct[], depth: number): CsafProduct | undefined {
    const own = this.#products.get(id);
    const part = this.#parts.get(id);
    if (part === undefined || depth >= maxNesting) return own;
    const inner = this.#resolve(part.component, within, depth + 1);
    const outer: CsafProduct[] = [];
    const product = this.#resolve(part.within, outer, depth + 1);
    if (product !== undefined) within.push(product, ...outer);
    return inner;
  }

  #readBranches(node: JsonObject, depth: number): void {
    if (depth > maxDepth) return;
    for (const branch of objectsField(node, 'branches')) {
      const product = field(branch, 'product');
      if (isObject(product)) this.#add(product, textField(branch, 'category'));
      this.#readBranches(branch, depth + 1);
    }
  }

  #add(product: JsonObject, category: string | undefined): void {
    const id = textField(product, 'product_id');
    if (id === undefined || this.#products.size >= maxProducts) return;
    const helper = objectField(product, 'product_identification_helper');
    const cpe = helper === undefined ? undefined : textField(helper, 'cpe');
    // CSAF 2.1 has a list of them.
    const purl = helper === undefined ? undefined : (textField(helper, 'purl') ?? textsField(helper, 'purls')[0]);
    this.#products.set(id, {
      id,
      name: textField(product, 'name') ?? id,
      ...(cpe === undefined ? {} : { cpe }),
      ...(purl === undefined ? {} : { purl }),
      ...(category === undefined ? {} : { category }),
    });
  }
}
