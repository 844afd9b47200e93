// In-toto statements: v1 and v0.1 read with closed checks, v1 written (in-toto attestation specification, statement.md; T42).
import { isObject, objectField, textField, type JsonObject } from '@plombe/kit';
import type { Digest } from '@plombe/model';
import { objectsOf, parseJsonObject, present, requiredText } from '../parse/fields.ts';
import { attempt, malformed, type Attempt } from '../parse/refused.ts';
import { maxEnvelopeBytes } from '../dsse/envelope.ts';

/** One subject: the digests by algorithm name (`sha256` → hex), and the annotations that are signed with it. */
export interface StatementSubject {
  readonly name?: string;
  readonly digest: ReadonlyMap<string, string>;
  readonly annotations: Readonly<Record<string, string>>;
}

/** A parsed statement; `json` is the whole signed object. */
export interface Statement {
  readonly subjects: readonly StatementSubject[];
  readonly predicateType: string;
  readonly json: JsonObject;
}

/** The type that is written. */
export const statementV1 = 'https://in-toto.io/Statement/v1';
const statementTypes = [statementV1, 'https://in-toto.io/Statement/v0.1'];

/** 10,000 subjects: builds that attest every file of a release have a few thousand. */
const maxSubjects = 10_000;

/** Parses the payload of an envelope. Malformed: not JSON, another `_type`, no subject, a subject without digest, no predicate type. */
export function parseStatement(payload: Uint8Array): Attempt<Statement> {
  return attempt(() => {
    const json = parseJsonObject(payload, maxEnvelopeBytes, 'statement');
    const type = requiredText(json, '_type', 'statement');
    if (!statementTypes.includes(type)) malformed(`statement has the type "${type.slice(0, 80)}"`);
    const subjects = objectsOf(json, 'subject', maxSubjects, 'statement').map(readSubject);
    if (subjects.length === 0) malformed('statement has no subject');
    const predicate = present(json, 'predicate');
    if (predicate !== undefined && !isObject(predicate)) malformed('predicate of the statement is not an object');
    return { subjects, predicateType: requiredText(json, 'predicateType', 'statement'), json };
  });
}

function readSubject(object: JsonObject): StatementSubject {
  const digest = new Map<string, string>();
  for (const [algorithm, value] of Object.entries(objectField(object, 'digest') ?? {})) {
    if (typeof value !== 'string') malformed('a digest of the statement is not text');
    digest.set(algorithm, value);
  }
  if (digest.size === 0) malformed('a subject of the statement has no digest');
  const name = textField(object, 'name');
  const annotations = Object.entries(objectField(object, 'annotations') ?? {}).filter(
    (entry): entry is [string, string] => typeof entry[1] === 'string',
  );
  return {
    ...(name === undefined ? {} : { name }),
    digest,
    annotations: Object.fromEntries(annotations),
  };
}

/** Returns the subject with that digest, or undefined. A digest counts only under its own algorithm's name. */
export function subjectWithDigest(statement: Statement, digest: Digest): StatementSubject | undefined {
  const colon = digest.indexOf(':');
  const algorithm = digest.slice(0, colon);
  const hex = digest.slice(colon + 1);
  return statement.subjects.find((subject) => subject.digest.get(algorithm) === hex);
}

/** What `buildStatement` makes a statement from. */
export interface StatementParts {
  readonly digest: Digest;
  /** Name of the subject; cosign writes the repository. */
  readonly name?: string;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly predicateType: string;
  readonly predicate: JsonObject;
}

/** Renders a statement v1 about one digest as the bytes to sign. Key order is fixed, so the same parts give the same bytes. */
export function buildStatement(parts: StatementParts): Uint8Array {
  const colon = parts.digest.indexOf(':');
  const annotations = parts.annotations ?? {};
  const subject = {
    ...(parts.name === undefined ? {} : { name: parts.name }),
    digest: { [parts.digest.slice(0, colon)]: parts.digest.slice(colon + 1) },
    ...(Object.keys(annotations).length === 0 ? {} : { annotations }),
  };
  return Buffer.from(
    JSON.stringify({
      _type: statementV1,
      subject: [subject],
      predicateType: parts.predicateType,
      predicate: parts.predicate,
    }),
  );
}
