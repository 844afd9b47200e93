// What a bill of materials comes wrapped in: in-toto statements, DSSE envelopes, Sigstore bundles, answers of registries and hosts.
import { field, isObject, listField, objectField, objectsField, textField, type JsonObject } from '@plombe/kit';
import { parseDigest, type Diagnostic, type Digest } from '@plombe/model';
import { parseBoundedJson } from './json.ts';
import { SbomProblem } from './problems.ts';

export interface Unwrapped {
  readonly document: JsonObject;
  /** The digest of the statement's one subject. */
  readonly digest?: Digest;
  readonly diagnostics: readonly Diagnostic[];
}

/** Wrappings within one another: a bundle holds an envelope, that a statement, that a predicate in `Data`. */
const maxWrappings = 6;

/** Takes the wrappings off. Throws SbomProblem where one holds no SBOM. */
export function unwrap(outer: JsonObject): Unwrapped {
  let document = outer;
  let digest: Digest | undefined;
  let signed = false;
  for (let count = 0; count < maxWrappings; count++) {
    if (textField(document, '_type')?.startsWith('https://in-toto.io/Statement/') === true)
      digest ??= subjectOf(document);
    signed ||= field(document, 'payload') !== undefined;
    const inner = innerOf(document);
    if (inner === undefined) break;
    document = inner;
  }
  const message = 'The SBOM lies in a signed envelope; the signature was not verified: use plombe verify-attestation.';
  return {
    document,
    ...(digest === undefined ? {} : { digest }),
    diagnostics: signed ? [{ code: 'sbom/not-read', level: 'note', message }] : [],
  };
}

function innerOf(document: JsonObject): JsonObject | undefined {
  const envelope = objectField(document, 'dsseEnvelope');
  if (envelope !== undefined) return envelope;
  const payload = textField(document, 'payload');
  if (payload !== undefined && field(document, 'payloadType') !== undefined)
    return parseBoundedJson(Buffer.from(payload, 'base64'));
  if (textField(document, '_type')?.startsWith('https://in-toto.io/Statement/') === true) return predicateOf(document);
  // GitHub's dependency graph answers {"sbom": …}, docker's imagetools {"SPDX": …}.
  for (const key of ['sbom', 'SPDX']) {
    const inner = objectField(document, key);
    if (inner !== undefined && Object.keys(document).length === 1) return inner;
  }
  return onlyPlatform(document);
}

/** docker's imagetools answers `{"linux/amd64": {"SPDX": …}}` of an index. Of several platforms none is meant more than the others. */
function onlyPlatform(document: JsonObject): JsonObject | undefined {
  const platforms = Object.keys(document);
  const isIndex = platforms.every(
    (name) => /^[a-z\d]+\/[a-z\d]+(?:\/v\d+)?$/.test(name) && objectField(objectField(document, name) ?? {}, 'SPDX'),
  );
  if (platforms.length === 0 || !isIndex) return undefined;
  if (platforms.length === 1) return objectField(document, platforms[0] as string);
  const names = platforms.slice(0, 8).join(', ');
  throw new SbomProblem(`holds SBOMs of several platforms (${names}): scan each by itself`);
}

/** cosign put predicates of other types into `Data`, as text or as JSON. */
function predicateOf(statement: JsonObject): JsonObject {
  const predicate = field(statement, 'predicate');
  const data = isObject(predicate) ? (field(predicate, 'Data') ?? predicate) : predicate;
  if (typeof data === 'string') return parseBoundedJson(Buffer.from(data));
  if (isObject(data)) return data;
  throw new SbomProblem('is a statement without a predicate');
}

function subjectOf(statement: JsonObject): Digest | undefined {
  if (listField(statement, 'subject').length !== 1) return undefined;
  const digests = objectField(objectsField(statement, 'subject')[0] ?? {}, 'digest') ?? {};
  return parseDigest(`sha256:${textField(digests, 'sha256') ?? ''}`);
}
