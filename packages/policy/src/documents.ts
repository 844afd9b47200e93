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

/** `policy` and `policy-test`, each in its first version. */
export const documentKinds: Readonly<Record<'policy' | 'policy-test', DocumentKind>> = {
  policy: {
    jsonSchema: jsonSchemaOf(policySchema, 'Plombe policy, version 1'),
    reference: referenceOf(policySchema),
  },
  'policy-test': {
    jsonSchema: jsonSchemaOf(caseSchema, 'Plombe policy test, version 1'),
    reference: referenceOf(caseSchema),
  },
};
