// Text → a document of a kind, or an error that names the place and every problem.
import { inert, PlombeError } from '@plombe/kit';
import type { ObjectSchema } from '../schema/schema.ts';
import { validate } from '../schema/validate.ts';
import { readYaml } from './yaml.ts';

type Path = readonly (string | number)[];

/** The data, and a way to refuse it for a reason that the schema cannot know. */
export interface ReadDocument<T> {
  readonly data: T;
  readonly fail: (path: Path, message: string) => never;
}

/** Reads YAML or JSON and validates it. Throws `policy/invalid`; `place` names the text in messages and is inert. */
export function readDocument<T>(text: string, schema: ObjectSchema, place: string): ReadDocument<T> {
  const reading = readYaml(text);
  if (reading.kind === 'invalid') {
    const line = reading.line === undefined ? '' : `, line ${reading.line}`;
    throw new PlombeError('policy/invalid', `${place}${line}: ${reading.message}.`);
  }
  const { data } = reading;
  const say = (path: Path, message: string): string => {
    const line = reading.lineOf(path);
    return `${place}${line === undefined ? '' : `, line ${line}`}: ${inert(pathText(path))} ${message}${message.endsWith('?') ? '' : '.'}`;
  };
  const problems = validate(data, schema);
  if (problems.length > 0) {
    throw new PlombeError('policy/invalid', problems.map(({ path, message }) => say(path, message)).join(' '));
  }
  return {
    data: data as T,
    fail(path, message) {
      throw new PlombeError('policy/invalid', say(path, message));
    },
  };
}

/** `spec.signatures.anyOf[0].cosign`; the document itself is `the document`. */
function pathText(path: Path): string {
  const text = path.map((part) => (typeof part === 'number' ? `[${part}]` : `.${part}`)).join('');
  return text === '' ? 'the document' : text.replace(/^\./, '');
}
