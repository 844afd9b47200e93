// The published schemas as validators, where the machine has them.
import { readFileSync } from 'node:fs';
import { sharedPath } from '@plombe/kit/testing';
import { Ajv, type ValidateFunction } from 'ajv';
import { Ajv2019 } from 'ajv/dist/2019.js';
import formats from 'ajv-formats';

const options = { strict: false, allErrors: true, logger: false } as const;

/** Validates CycloneDX 1.6 JSON; undefined where the schema is absent, which is said on the console. */
export const validateCycloneDx: ValidateFunction | undefined = load('cyclonedx/bom-1.6.schema.json', () => {
  const ajv = withFormats(new Ajv(options));
  ajv.addSchema(schemaAt('cyclonedx/spdx.schema.json'));
  ajv.addSchema(schemaAt('cyclonedx/jsf-0.82.schema.json'));
  return ajv.compile(schemaAt('cyclonedx/bom-1.6.schema.json'));
});

/** Validates SPDX 2.3 JSON. */
export const validateSpdx: ValidateFunction | undefined = load('spdx/spdx-schema-v2.3.json', () =>
  withFormats(new Ajv2019(options)).compile(schemaAt('spdx/spdx-schema-v2.3.json')),
);

function load(path: string, compile: () => ValidateFunction): ValidateFunction | undefined {
  if (sharedPath(`specs/${path}`) !== undefined) return compile();
  console.warn(`SKIPPED: no ${path} beside the project, documents were not validated`);
  return undefined;
}

function schemaAt(path: string): object {
  return JSON.parse(readFileSync(sharedPath(`specs/${path}`) as string, 'utf8')) as object;
}

function withFormats<T extends Ajv>(ajv: T): T {
  (formats as unknown as (target: Ajv) => void)(ajv);
  ajv.addFormat('iri-reference', /^[^\s<>"{}|\\^`\x00-\x20]*$/u);
  ajv.addFormat('idn-email', true);
  return ajv;
}
