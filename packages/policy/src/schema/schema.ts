// The language that document kinds are described in: one table from which validation, JSON Schema, the reference page and types follow.

/** A sentence for people in both languages of the product. */
export interface Description {
  readonly en: string;
  readonly de: string;
}

/** How a text is meant, beyond being text. */
export type TextFormat = 'path' | 'glob' | 'expression' | 'regexp' | 'instant' | 'name' | 'line';

export interface TextSchema {
  readonly kind: 'text';
  /** The only values allowed. */
  readonly values?: readonly string[];
  readonly format?: TextFormat;
}

export interface NumberSchema {
  readonly kind: 'number';
  readonly least: number;
  readonly most: number;
  readonly whole?: boolean;
}

export interface FlagSchema {
  readonly kind: 'flag';
}

/** Any JSON value: what a document quotes from elsewhere. */
export interface AnySchema {
  readonly kind: 'any';
}

export interface ListSchema {
  readonly kind: 'list';
  readonly of: Schema;
  readonly least?: number;
}

/** Text → text with free keys, such as annotations. */
export interface TextMapSchema {
  readonly kind: 'textMap';
}

export interface ObjectSchema {
  readonly kind: 'object';
  readonly fields: Readonly<Record<string, Field>>;
  /** Exactly one field of each group must be there. */
  readonly oneOf?: readonly (readonly string[])[];
  /** The second field needs the first: `oidcIssuer` for `certificateIdentity`. */
  readonly needs?: readonly (readonly [field: string, needed: string])[];
}

export type Schema = TextSchema | NumberSchema | FlagSchema | AnySchema | ListSchema | TextMapSchema | ObjectSchema;

export interface Field {
  readonly about: Description;
  readonly schema: Schema;
  readonly required?: true;
  /** What holds where the field is absent, in words or as written. */
  readonly fallback?: string | number | boolean;
}

/** The type of a value that a schema accepts. */
export type ValueOf<S> = S extends { readonly kind: 'text'; readonly values: readonly (infer V)[] }
  ? V
  : S extends { readonly kind: 'text' }
    ? string
    : S extends { readonly kind: 'number' }
      ? number
      : S extends { readonly kind: 'flag' }
        ? boolean
        : S extends { readonly kind: 'list'; readonly of: infer Item }
          ? readonly ValueOf<Item>[]
          : S extends { readonly kind: 'textMap' }
            ? Readonly<Record<string, string>>
            : S extends { readonly kind: 'object'; readonly fields: infer Fields }
              ? ObjectOf<Fields>
              : unknown;

type RequiredKeys<Fields> = {
  [Key in keyof Fields]: Fields[Key] extends { readonly required: true } ? Key : never;
}[keyof Fields];

type ObjectOf<Fields> = {
  readonly [Key in RequiredKeys<Fields>]: Fields[Key] extends { readonly schema: infer S } ? ValueOf<S> : never;
} & {
  readonly [Key in Exclude<keyof Fields, RequiredKeys<Fields>>]?: Fields[Key] extends { readonly schema: infer S }
    ? ValueOf<S>
    : never;
};
