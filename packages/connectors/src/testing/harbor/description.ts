// Harbor's own API description (Swagger 2.0), so that the double can be held to it: every request and every answer is checked.
import { readFileSync } from 'node:fs';
import { Ajv, type ValidateFunction } from 'ajv';
import formats from 'ajv-formats';
import { parse } from 'yaml';
import { isObject, objectField, objectsField, textField, type JsonObject } from '@plombe/kit';
import { sharedPath } from '@plombe/kit/testing';

export interface Operation {
  readonly id: string;
  readonly parameters: readonly JsonObject[];
  /** Values of the path's parameters as they came, decoded once. */
  readonly values: Readonly<Record<string, string>>;
  readonly responses: JsonObject;
}

export interface Description {
  /** The operation of a raw path below `/api/v2.0`; undefined where the description has none. */
  find(method: string, path: string): Operation | undefined;
  /** What is wrong with a request, a sentence each. */
  checkRequest(operation: Operation, query: URLSearchParams, body: unknown): readonly string[];
  /** What is wrong with an answer, a sentence each. `document` undefined: no body. */
  checkAnswer(operation: Operation, status: number, document: unknown): readonly string[];
}

/**
 * What Harbor's code answers although its description leaves it out: an immutable tag, an index that still names it (412 by `lib/http/error.go`), and
 * robots that may not be listed (`requireAccess`).
 */
const undescribed: Readonly<Record<string, readonly number[]>> = {
  CopyArtifact: [412],
  deleteArtifact: [412],
  deleteTag: [412],
  ListRobot: [401, 403],
};

const methods = ['get', 'put', 'post', 'delete', 'head', 'patch'];

/** Reads the description from the folder `shared`; undefined where it is absent, which is said. */
export function readDescription(): Description | undefined {
  const path = sharedPath('specs/harbor/harbor-v2.0-swagger.yaml');
  if (path === undefined) {
    console.warn("SKIPPED: the double's answers are not compared with Harbor's description (no shared/specs/harbor)");
    return undefined;
  }
  const document = parse(readFileSync(path, 'utf8')) as JsonObject;
  const ajv = new Ajv({ strict: false, allErrors: true, logger: false });
  formats.default(ajv);
  const definitions = Object.fromEntries(
    Object.entries(objectField(document, 'definitions') ?? {}).map(([name, schema]) => [name, closed(schema)]),
  );
  ajv.addSchema({ $id: 'harbor:', definitions });
  const compiled = new Map<string, ValidateFunction>();
  const check = (schema: unknown, value: unknown, what: string): readonly string[] => {
    const text = JSON.stringify(closed(schema)).replaceAll('"#/definitions/', '"harbor:#/definitions/');
    let validate = compiled.get(text);
    if (validate === undefined) {
      validate = ajv.compile(JSON.parse(text) as object);
      compiled.set(text, validate);
    }
    if (validate(value) === true) return [];
    return (validate.errors ?? []).map(
      ({ instancePath, message, params }) => `${what}${instancePath} ${message ?? ''} ${JSON.stringify(params)}`,
    );
  };
  const shared = objectField(document, 'parameters') ?? {};
  const sharedAnswers = objectField(document, 'responses') ?? {};
  const routes = Object.entries(objectField(document, 'paths') ?? {}).flatMap(([template, item]) =>
    methods.flatMap((method) => {
      const operation = isObject(item) ? objectField(item, method) : undefined;
      if (operation === undefined) return [];
      const parameters = objectsField(operation, 'parameters').map((parameter) => resolve(parameter, shared));
      return [{ method: method.toUpperCase(), parts: template.split('/'), operation, parameters }];
    }),
  );

  return {
    find(method, raw) {
      const parts = raw.split('/');
      // A literal part comes before one that takes any text: `/users/current` before `/users/{user_id}`.
      const found = routes
        .filter((route) => route.method === method && matches(route.parts, parts))
        .sort((a, b) => variables(a.parts) - variables(b.parts))[0];
      if (found === undefined) return undefined;
      const values: Record<string, string> = {};
      for (const [index, part] of found.parts.entries()) {
        if (part.startsWith('{')) values[part.slice(1, -1)] = decodeURIComponent(parts[index] ?? '');
      }
      const { operation, parameters } = found;
      return {
        id: textField(operation, 'operationId') ?? '',
        parameters,
        values,
        responses: objectField(operation, 'responses') ?? {},
      };
    },
    checkRequest({ id, parameters }, query, body) {
      const problems: string[] = [];
      for (const [name, text] of query) {
        const parameter = parameters.find((known) => known['in'] === 'query' && known['name'] === name);
        if (parameter === undefined) problems.push(`${id} has no parameter ${name}`);
        else problems.push(...check(schemaOf(parameter), typed(parameter, text), `${id} ${name}`));
      }
      for (const parameter of parameters) {
        const isMissing = parameter['required'] === true && parameter['in'] === 'query';
        if (isMissing && !query.has(String(parameter['name'])))
          problems.push(`${id} needs ${String(parameter['name'])}`);
      }
      const wanted = parameters.find((parameter) => parameter['in'] === 'body');
      if (wanted === undefined) return body === undefined ? problems : [...problems, `${id} takes no body`];
      if (body === undefined) return wanted['required'] === true ? [...problems, `${id} needs a body`] : problems;
      return [...problems, ...check(wanted['schema'], body, `${id} body`)];
    },
    checkAnswer({ id, responses }, status, value) {
      const isGap = undescribed[id]?.includes(status) === true;
      const described = objectField(responses, String(status)) ?? (isGap ? {} : undefined);
      if (described === undefined) return [`${id} is not described to answer ${status}`];
      const answer = resolve(described, sharedAnswers);
      const schema = objectField(answer, 'schema');
      if (schema === undefined) {
        if (value === undefined) return [];
        // Where the description leaves out the body of an error, Harbor sends the same as everywhere.
        return status < 400 ? [`${id} ${status} has no body`] : check({ $ref: '#/definitions/Errors' }, value, id);
      }
      if (value === undefined) return status < 400 ? [`${id} ${status} needs a body`] : [];
      return check(schema, value, `${id} ${status}`);
    },
  };
}

function variables(parts: readonly string[]): number {
  return parts.filter((part) => part.startsWith('{')).length;
}

function matches(template: readonly string[], parts: readonly string[]): boolean {
  return (
    template.length === parts.length &&
    template.every((part, index) => (part.startsWith('{') ? parts[index] !== '' : part === parts[index]))
  );
}

function resolve(entry: JsonObject, shared: JsonObject): JsonObject {
  const name = textField(entry, '$ref')?.split('/').at(-1);
  return name === undefined ? entry : (objectField(shared, name) ?? {});
}

function schemaOf(parameter: JsonObject): JsonObject {
  const { type, format, minimum, maximum, enum: words, pattern } = parameter;
  return Object.fromEntries(
    Object.entries({ type, format, minimum, maximum, enum: words, pattern }).filter(([, value]) => value !== undefined),
  );
}

function typed({ type }: JsonObject, text: string): unknown {
  if (type === 'integer') return /^-?\d+$/.test(text) ? Number(text) : text;
  if (type === 'boolean') return text === 'true' ? true : text === 'false' ? false : text;
  return text;
}

/** JSON schema of a Swagger schema: `x-nullable` becomes a type, and what has named properties has no others, so that none is invented. */
function closed(schema: unknown): unknown {
  if (Array.isArray(schema)) return (schema as readonly unknown[]).map(closed);
  if (!isObject(schema)) return schema;
  const entries: [string, unknown][] = Object.entries(schema)
    .filter(
      ([key]) => !['example', 'description', 'x-nullable', 'x-omitempty', 'x-go-type', 'x-isnullable'].includes(key),
    )
    .map(([key, value]): [string, unknown] => [
      key,
      key === 'properties' && isObject(value)
        ? Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, closed(inner)]))
        : closed(value),
    ]);
  const result = Object.fromEntries(entries);
  const isNullable = schema['x-nullable'] === true;
  if (result['properties'] !== undefined && result['additionalProperties'] === undefined) {
    result['additionalProperties'] = false;
  }
  if (!isNullable) return result;
  if (typeof result['type'] === 'string') return { ...result, type: [result['type'], 'null'] };
  return { anyOf: [result, { type: 'null' }] };
}
