// The published schemas of the report formats as validators, where the machine has them.
import { readFileSync } from 'node:fs';
import { Ajv } from 'ajv';
import { Ajv2019 } from 'ajv/dist/2019.js';
import addFormats from 'ajv-formats';
import { sharedPath } from '@plombe/kit/testing';

type Validate = (document: unknown) => readonly unknown[];

const options = { strict: false, allErrors: true, validateSchema: false, logger: false } as const;
const own = new URL('../../docs/schemas/report-1.schema.json', import.meta.url);

const schemas: Readonly<Record<string, { readonly path?: string; readonly also: readonly string[] }>> = {
  json: { also: [] },
  cyclonedx: {
    path: 'specs/cyclonedx/bom-1.6.schema.json',
    also: ['specs/cyclonedx/spdx.schema.json', 'specs/cyclonedx/jsf-0.82.schema.json'],
  },
  spdx: { path: 'specs/spdx/spdx-schema-v2.3.json', also: [] },
  sarif: { path: 'specs/sarif/sarif-schema-2.1.0.json', also: [] },
};

/** Returns a function that answers a document's errors; undefined, and said, where the schema is not on this machine. */
export function validatorOf(format: string): Validate | undefined {
  const { path, also } = schemas[format] ?? { also: [] };
  const file = path === undefined ? own : sharedPath(path);
  if (file === undefined) {
    console.warn(`SKIPPED: no ${path} beside the project, documents were not validated`);
    return undefined;
  }
  const ajv = format === 'spdx' ? new Ajv2019(options) : new Ajv(options);
  (addFormats as unknown as (ajv: Ajv) => void)(ajv);
  ajv.addFormat('iri-reference', /^[^\s<>"{}|\\^`]*$/u);
  ajv.addFormat('idn-email', true);
  for (const name of also) ajv.addSchema(JSON.parse(readFileSync(sharedPath(name) ?? '', 'utf8')) as object);
  const { $schema: _, id: __, ...schema } = JSON.parse(readFileSync(file, 'utf8')) as Record<string, unknown>;
  const validate = ajv.compile(schema);
  return (document) => (validate(document) ? [] : (validate.errors ?? []));
}
