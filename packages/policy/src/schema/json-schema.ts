// A schema as JSON Schema 2020-12, for editors: completion, hover texts and errors while typing.
import type { Field, ObjectSchema, Schema } from './schema.ts';

type Json = Readonly<Record<string, unknown>>;

/** Returns the document's JSON Schema. The description of a field is English, then German. */
export function jsonSchemaOf(schema: ObjectSchema, title: string): Json {
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    title,
    ...bodyOf(schema),
  };
}

function bodyOf(schema: Schema): Json {
  switch (schema.kind) {
    case 'any':
      return {};
    case 'text':
      if (schema.values !== undefined) return { enum: schema.values };
      if (schema.format === undefined) return { type: 'string' };
      return schema.format === 'instant'
        ? { type: 'string', pattern: '^\\d{4}-\\d\\d-\\d\\d(T.+)?$' }
        : { type: 'string', minLength: 1 };
    case 'number':
      return { type: schema.whole === true ? 'integer' : 'number', minimum: schema.least, maximum: schema.most };
    case 'flag':
      return { type: 'boolean' };
    case 'list':
      return {
        type: 'array',
        ...(schema.least === undefined ? {} : { minItems: schema.least }),
        items: bodyOf(schema.of),
      };
    case 'textMap':
      return { type: 'object', additionalProperties: { type: 'string' } };
    case 'object':
      return objectBody(schema);
  }
}

function objectBody({ fields, oneOf = [], needs = [] }: ObjectSchema): Json {
  const required = Object.entries(fields)
    .filter(([, field]) => field.required === true)
    .map(([name]) => name);
  const groups = oneOf.map((group) => ({ oneOf: group.map((name) => ({ required: [name] })) }));
  return {
    type: 'object',
    additionalProperties: false,
    ...(required.length === 0 ? {} : { required }),
    properties: Object.fromEntries(Object.entries(fields).map(([name, field]) => [name, fieldBody(field)])),
    ...(groups.length === 0 ? {} : { allOf: groups }),
    ...(needs.length === 0
      ? {}
      : { dependentRequired: Object.fromEntries(needs.map(([name, needed]) => [name, [needed]])) }),
  };
}

function fieldBody({ about, schema, fallback }: Field): Json {
  const body = { description: `${about.en}\n\n${about.de}`, ...bodyOf(schema) };
  const isValue =
    fallback !== undefined &&
    (schema.kind !== 'text' || schema.values === undefined || schema.values.includes(String(fallback)));
  return isValue && schema.kind !== 'object' && schema.kind !== 'list' ? { ...body, default: fallback } : body;
}
