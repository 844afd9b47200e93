// VEX documents made by code: one statement in each of the three formats.

/** What is said of one product, or of it as a part of an image. */
export interface Said {
  readonly vulnerability: string;
  readonly alias?: string;
  /** Package URL. */
  readonly product: string;
  /** Package URL of an image that the product is a part of. */
  readonly image?: string;
  readonly status: 'not_affected' | 'affected' | 'fixed' | 'under_investigation';
  readonly justification?: string;
  readonly text?: string;
  readonly timestamp?: string;
}

const author = 'Security team';
const issued = '2026-11-01T00:00:00Z';

/** OpenVEX 0.2.0. */
export function openVexOf(...statements: readonly Said[]): object {
  return {
    '@context': 'https://openvex.dev/ns/v0.2.0',
    '@id': 'https://example.com/vex/1',
    author,
    timestamp: issued,
    version: 1,
    statements: statements.map(({ vulnerability, alias, product, image, status, justification, text, timestamp }) => ({
      vulnerability: { name: vulnerability, ...(alias === undefined ? {} : { aliases: [alias] }) },
      products: [image === undefined ? { '@id': product } : { '@id': image, subcomponents: [{ '@id': product }] }],
      status,
      ...(justification === undefined ? {} : { justification }),
      ...(text === undefined ? {} : { impact_statement: text }),
      ...(timestamp === undefined ? {} : { timestamp }),
    })),
  };
}

const states = {
  not_affected: 'not_affected',
  affected: 'exploitable',
  fixed: 'resolved',
  under_investigation: 'in_triage',
};

/** CycloneDX 1.6; it has no way to say that a component counts only within an image. */
export function cycloneDxOf(...statements: readonly Said[]): object {
  return {
    bomFormat: 'CycloneDX',
    specVersion: '1.6',
    version: 1,
    metadata: { timestamp: issued, authors: [{ name: author }] },
    components: statements.map(({ product }, index) => ({
      type: 'library',
      'bom-ref': `component-${index}`,
      name: 'component',
      purl: product,
    })),
    vulnerabilities: statements.map(({ vulnerability, alias, status, justification, text }, index) => ({
      id: vulnerability,
      ...(alias === undefined ? {} : { references: [{ id: alias, source: { name: 'GitHub' } }] }),
      analysis: {
        state: states[status],
        ...(justification === undefined ? {} : { justification: 'code_not_present' }),
        ...(text === undefined ? {} : { detail: text }),
      },
      affects: [{ ref: `component-${index}` }],
    })),
  };
}

const lists = {
  not_affected: 'known_not_affected',
  affected: 'known_affected',
  fixed: 'fixed',
  under_investigation: 'under_investigation',
};

/** CSAF 2.0 in the profile of VEX. */
export function csafOf(...statements: readonly Said[]): object {
  const product = (id: string, purl: string): object => ({
    category: 'product_version',
    name: id,
    product: { product_id: id, name: `Product ${id}`, product_identification_helper: { purl } },
  });
  const relationship = (index: number): object => ({
    category: 'default_component_of',
    product_reference: `part-${index}`,
    relates_to_product_reference: `image-${index}`,
    full_product_name: { product_id: `product-${index}`, name: `Product ${index}` },
  });
  const whole = statements.flatMap(({ image }, index) => (image === undefined ? [] : [relationship(index)]));
  return {
    document: {
      category: 'csaf_vex',
      csaf_version: '2.0',
      title: 'What is not affected',
      publisher: { category: 'vendor', name: author, namespace: 'https://example.com' },
      tracking: {
        id: 'EXAMPLE-1',
        status: 'final',
        version: '1',
        initial_release_date: issued,
        current_release_date: issued,
        revision_history: [{ date: issued, number: '1', summary: 'first' }],
      },
    },
    product_tree: {
      branches: statements.flatMap(({ product: purl, image }, index) =>
        image === undefined
          ? [product(`product-${index}`, purl)]
          : [product(`part-${index}`, purl), product(`image-${index}`, image)],
      ),
      ...(whole.length === 0 ? {} : { relationships: whole }),
    },
    vulnerabilities: statements.map(({ vulnerability, alias, status, justification, text }, index) => ({
      cve: vulnerability,
      ...(alias === undefined ? {} : { ids: [{ system_name: 'GHSA', text: alias }] }),
      product_status: { [lists[status]]: [`product-${index}`] },
      ...(justification === undefined ? {} : { flags: [{ label: justification, product_ids: [`product-${index}`] }] }),
      ...(text === undefined
        ? {}
        : { threats: [{ category: 'impact', details: text, product_ids: [`product-${index}`] }] }),
    })),
  };
}
