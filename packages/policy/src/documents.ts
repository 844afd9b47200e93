// The document kinds as published: JSON Schema for editors, and rows of the reference page.
import { caseSchema } from './document/case-schema.ts';
import { policySchema } from './document/policy-schema.ts';
import { jsonSchemaOf } from './schema/json-schema.ts';
import { referenceOf } from './schema/reference.ts';

interface DocumentKind {
  readonly jsonSchema: Readonly<Record<string, unknown>>;
  /** Lines of Markdown, a table. */
  readonly reference: readonly string[];
}

const place = 'https://plombe.dev/schemas';

/** `policy` and `policy-test`, each in its first version. */
export const documentKinds: Readonly<Record<'policy' | 'policy-test', DocumentKind>> = {
  policy: {
    jsonSchema: jsonSchemaOf(policySchema, { id: `${place}/policy-1.schema.json`, title: 'Plombe policy' }),
    reference: referenceOf(policySchema),
  },
  'policy-test': {
    jsonSchema: jsonSchemaOf(caseSchema, { id: `${place}/policy-test-1.schema.json`, title: 'Plombe policy test' }),
    reference: referenceOf(caseSchema),
  },
};
