// The conformance vectors of CEL as plain records; tests only.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseTextproto, type TextMessage, type TextValue } from './textproto.ts';

/** One test of `tests/simple/testdata`. `fields` is the whole message, for what a test of one engine needs besides. */
export interface CelVector {
  /** `file/section/test`. */
  readonly name: string;
  readonly file: string;
  readonly section: string;
  readonly expression: string;
  readonly container: string;
  readonly checkOnly: boolean;
  readonly bindings: ReadonlyMap<string, TextMessage>;
  readonly expect:
    | { readonly kind: 'value'; readonly value: TextMessage }
    | { readonly kind: 'error' }
    | { readonly kind: 'unknown' }
    | { readonly kind: 'true' };
  readonly fields: TextMessage;
}

/** Reads every `.textproto` of the folder, sorted by file. */
export function readVectors(folder: string): readonly CelVector[] {
  return readdirSync(folder)
    .filter((name) => name.endsWith('.textproto'))
    .sort()
    .flatMap((name) => vectorsOf(name.replace('.textproto', ''), readFileSync(join(folder, name), 'utf8')));
}

function vectorsOf(file: string, text: string): readonly CelVector[] {
  return messages(parseTextproto(text), 'section').flatMap((section) =>
    messages(section, 'test').map((test): CelVector => {
      const sectionName = textOf(section, 'name');
      return {
        name: `${file}/${sectionName}/${textOf(test, 'name')}`,
        file,
        section: sectionName,
        expression: textOf(test, 'expr'),
        container: textOf(test, 'container'),
        checkOnly: test.get('check_only')?.[0] === 'true',
        bindings: new Map(
          messages(test, 'bindings').map((entry) => [
            textOf(entry, 'key'),
            only(only(entry, 'value') ?? new Map(), 'value') ?? new Map(),
          ]),
        ),
        expect: expectationOf(test),
        fields: test,
      };
    }),
  );
}

function expectationOf(test: TextMessage): CelVector['expect'] {
  if (test.has('eval_error') || test.has('any_eval_errors')) return { kind: 'error' };
  if (test.has('unknown') || test.has('any_unknowns')) return { kind: 'unknown' };
  const value = only(test, 'value') ?? only(only(test, 'typed_result') ?? new Map(), 'result');
  return value === undefined ? { kind: 'true' } : { kind: 'value', value };
}

/** The messages among a field's values. */
export function messages(message: TextMessage, name: string): readonly TextMessage[] {
  return (message.get(name) ?? []).filter((value): value is TextMessage => value instanceof Map);
}

/** The first message of a field. */
export function only(message: TextMessage, name: string): TextMessage | undefined {
  return messages(message, name)[0];
}

/** A field's text, empty where it is absent. */
export function textOf(message: TextMessage, name: string): string {
  const value = message.get(name)?.[0];
  return value === undefined ? '' : plainText(value);
}

/** Text of a scalar as written. */
export function plainText(value: TextValue): string {
  return value instanceof Uint8Array ? new TextDecoder().decode(value) : typeof value === 'string' ? value : '';
}
