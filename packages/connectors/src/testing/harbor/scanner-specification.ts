// The OpenAPI descriptions of Harbor's scanner adapter API, so that requests and answers of either side can be held to them.
import { readFileSync } from 'node:fs';
import { Ajv } from 'ajv';
import formats from 'ajv-formats';
import { parse } from 'yaml';
import { isObject, objectField, type JsonObject } from '@plombe/kit';
import { sharedPath } from '@plombe/kit/testing';

/** One exchange, as it was on the wire. */
export interface Exchange {
  readonly method: string;
  /** Below `/api/v1`, without query. */
  readonly path: string;
  readonly requestType?: string;
  readonly request?: unknown;
  readonly status: number;
  readonly type?: string;
  /** Parsed JSON, or text for reports without a schema. */
  readonly body?: unknown;
}

export type SpecificationVersion = '1.0' | '1.1' | '1.2';

/** Returns what is wrong with an exchange, a sentence each; undefined where the folder `shared` is absent, which is said. */
export function scannerSpecification(
  version: SpecificationVersion,
): ((exchange: Exchange) => readonly string[]) | undefined {
  const path = sharedPath(`specs/harbor/scanner-adapter-openapi-v${version}.yaml`);
  if (path === undefined) {
    console.warn(`SKIPPED: nothing is compared with the scanner adapter API ${version} (no shared/specs/harbor)`);
    return undefined;
  }
  const document = parse(readFileSync(path, 'utf8')) as JsonObject;
  const ajv = new Ajv({ strict: false, allErrors: true, logger: false });
  formats.default(ajv);
  // The usual expression refuses addresses of the loopback, where tests live.
  ajv.addFormat('url', (text: string) => URL.canParse(text));
  ajv.addSchema({ $id: 'scanner:', components: withoutBareNullable(document['components']) });
  const check = (schema: unknown, value: unknown, what: string): readonly string[] => {
    const text = JSON.stringify(schema).replaceAll('"#/components/', '"scanner:#/components/');
    const validate = ajv.compile(JSON.parse(text) as object);
    if (validate(value) === true) return [];
    return (validate.errors ?? []).map(({ instancePath, message }) => `${what}${instancePath} ${message ?? ''}`);
  };
  return (exchange) => {
    const { method, status, type, body, request, requestType } = exchange;
    const template = exchange.path.replace(/^\/scan\/[^/]+\/report$/, '/scan/{scan_request_id}/report');
    const operation = objectField(
      objectField(objectField(document, 'paths') ?? {}, template) ?? {},
      method.toLowerCase(),
    );
    if (operation === undefined) return [`${method} ${template} is not described`];
    const what = `${method} ${template} ${status}`;
    const answer = objectField(objectField(operation, 'responses') ?? {}, String(status));
    if (answer === undefined) return [`${what} is not described`];
    const problems: string[] = [];
    const content = objectField(answer, 'content');
    if (content === undefined) {
      if (body !== undefined) problems.push(`${what} has no body`);
    } else {
      const described = objectField(content, type ?? '');
      if (described === undefined) problems.push(`${what} has no content type ${type ?? '(none)'}`);
      else problems.push(...check(described['schema'], body, what));
    }
    const asked = objectField(objectField(operation, 'requestBody') ?? {}, 'content');
    if (isObject(request) && asked !== undefined) {
      const described = objectField(asked, requestType ?? '');
      if (described === undefined) problems.push(`${what} takes no ${requestType ?? '(none)'}`);
      else problems.push(...check(described['schema'], request, `${what} request`));
    }
    return problems;
  };
}

/** OpenAPI 3.0 has `nullable` beside `oneOf` too; JSON schema knows it beside `type` alone. */
function withoutBareNullable(schema: unknown): unknown {
  if (Array.isArray(schema)) return (schema as readonly unknown[]).map(withoutBareNullable);
  if (!isObject(schema)) return schema;
  const { nullable, oneOf, ...rest } = Object.fromEntries(
    Object.entries(schema).map(([key, value]) => [key, withoutBareNullable(value)]),
  );
  if (nullable === true && Array.isArray(oneOf)) return { ...rest, anyOf: [...(oneOf as unknown[]), { type: 'null' }] };
  return { ...rest, ...(nullable === undefined ? {} : { nullable }), ...(oneOf === undefined ? {} : { oneOf }) };
}
