// CSAF documents for tests, in the shape in which vendors publish them.

/** One product of a status: a component in a product, as relationships join them. */
export interface VexPart {
  readonly status: string;
  readonly product: string;
  readonly cpe?: string;
  readonly purl?: string;
  /** The component's id; its package URL's name and version where absent. */
  readonly id?: string;
  /** A module between component and product. */
  readonly module?: string;
  /** Product id that the relationship goes to instead. */
  readonly within?: string;
}

function idOf({ id, purl }: VexPart): string {
  if (id !== undefined) return id;
  const [, name = 'x', version = '', arch = ''] =
    /redhat\/([^@?]+)(?:@([^?]+))?(?:\?arch=(\w+))?/.exec(purl ?? '') ?? [];
  if (version === '') return name;
  return `${name}-${decodeURIComponent(version)}${arch === '' ? '' : `.${arch}`}`;
}

/** A VEX document about one vulnerability; `vulnerability` adds to it, or changes it. */
export function vexDocument(parts: readonly VexPart[], vulnerability: object = {}, id = 'CVE-2024-1234'): object {
  const status: Record<string, string[]> = {};
  const relationships: object[] = [];
  const products = new Map<string, object>();
  const components = new Map<string, object>();
  const join = (full: string, component: string, within: string): void =>
    void relationships.push({
      category: 'default_component_of',
      full_product_name: { name: full, product_id: full },
      product_reference: component,
      relates_to_product_reference: within,
    });
  for (const part of parts) {
    const component = idOf(part);
    const product = (product_id: string, helper: object) => ({
      name: product_id,
      product_id,
      product_identification_helper: helper,
    });
    products.set(part.product, product(part.product, { cpe: part.cpe }));
    components.set(component, product(component, part.purl === undefined ? {} : { purl: part.purl }));
    let within = part.within ?? part.product;
    if (part.module !== undefined) {
      components.set(part.module, { name: part.module, product_id: part.module });
      join(`${within}:${part.module}`, part.module, within);
      within = `${within}:${part.module}`;
    }
    join(`${within}:${component}`, component, within);
    (status[part.status] ??= []).push(`${within}:${component}`);
  }
  const branch = (category: string, [name, product]: readonly [string, object]) => ({ category, name, product });
  return {
    document: {
      category: 'csaf_vex',
      csaf_version: '2.0',
      title: 'a flaw',
      publisher: { category: 'vendor', name: 'vendor', namespace: 'https://vendor.example' },
      references: [{ category: 'self', url: `https://vendor.example/${id}` }],
      tracking: { id, initial_release_date: '2024-01-02T00:00:00Z', current_release_date: '2024-02-03T00:00:00Z' },
    },
    product_tree: {
      branches: [
        {
          category: 'vendor',
          name: 'vendor',
          branches: [
            {
              category: 'product_family',
              name: 'p',
              branches: [...products].map((entry) => branch('product_name', entry)),
            },
            {
              category: 'architecture',
              name: 'a',
              branches: [...components].map((entry) => branch('product_version', entry)),
            },
          ],
        },
      ],
      relationships,
    },
    vulnerabilities: [{ cve: id, product_status: status, ...vulnerability }],
  };
}
