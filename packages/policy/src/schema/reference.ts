// A schema as the table of a reference page: each field with its type, what holds without it, and what it means.
import type { Field, ObjectSchema, Schema } from './schema.ts';

/** Returns lines of Markdown, a row per field, nested ones below their parent. */
export function referenceOf(schema: ObjectSchema): readonly string[] {
  return ['| field | type | without it | meaning · Bedeutung |', '|---|---|---|---|', ...rowsOf(schema, '')];
}

function rowsOf({ fields }: ObjectSchema, parent: string): readonly string[] {
  return Object.entries(fields).flatMap(([name, field]) => {
    const path = parent === '' ? name : `${parent}.${name}`;
    const inner = field.schema.kind === 'list' ? field.schema.of : field.schema;
    const suffix = field.schema.kind === 'list' ? '[]' : '';
    const row = `| \`${path}${suffix}\` | ${typeOf(inner)} | ${fallbackOf(field)} | ${field.about.en}<br>*${field.about.de}* |`;
    return [row, ...(inner.kind === 'object' ? rowsOf(inner, path + suffix) : [])];
  });
}

function fallbackOf({ required, fallback }: Field): string {
  if (required === true) return '**required**';
  return fallback === undefined ? '–' : String(fallback);
}

function typeOf(schema: Schema): string {
  switch (schema.kind) {
    case 'text':
      return schema.values?.map((value) => `\`${value}\``).join(' ') ?? schema.format ?? 'text';
    case 'number':
      return `${schema.whole === true ? 'whole ' : ''}number ${schema.least}–${schema.most}`;
    case 'flag':
      return '`true` `false`';
    case 'list':
      return `list of ${typeOf(schema.of)}`;
    case 'textMap':
      return 'map of text';
    case 'object':
      return 'map';
    case 'any':
      return 'any';
  }
}
