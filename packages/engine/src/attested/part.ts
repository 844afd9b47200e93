// What scan evidence of an image index says of one of its images: it counts for that image, and what it says of the others does not.
import { objectField, objectsField, textField, textsField, type JsonObject } from '@plombe/kit';
import type { AttestationResult, Digest } from '@plombe/model';
import { indexKindProperty } from '@plombe/sbom';
import { isPredicateType } from '@plombe/trust';
import { cycloneDxType } from './attest.ts';
import { vulnsPredicateType } from './vulns.ts';

/**
 * Returns the attestation as it is about one image of its subject: scan evidence of an index is cut down to that image, and undefined where it did not
 * look at it. Every other attestation is returned as it is.
 */
export function attestedPart(result: AttestationResult, digest: Digest): AttestationResult | undefined {
  const { statement, predicateType } = result;
  const predicate = statement === undefined ? undefined : objectField(statement, 'predicate');
  if (predicate === undefined) return result;
  const cut = cutOf(predicateType);
  if (cut === undefined) return result;
  const part = cut(predicate, digest);
  if (part === predicate) return result;
  if (part === undefined) return undefined;
  const { parts: _, ...rest } = result;
  return { ...rest, statement: { ...statement, predicate: part } };
}

/** The attestation with its parts about each image, where it is scan evidence of an index. */
export function withParts(result: AttestationResult): AttestationResult {
  const predicate = result.statement === undefined ? undefined : objectField(result.statement, 'predicate');
  if (predicate === undefined || result.verdict !== 'verified' || cutOf(result.predicateType) === undefined)
    return result;
  const parts = imagesOf(predicate).flatMap((digest) => {
    const statement = attestedPart(result, digest as Digest)?.statement;
    return statement === undefined ? [] : [statement];
  });
  return parts.length === 0 ? result : { ...result, parts };
}

/** Digests of the images that it looked at; none where it is not about an index. */
function imagesOf(predicate: JsonObject): readonly string[] {
  if (Array.isArray(predicate['platforms']))
    return objectsField(predicate, 'platforms').flatMap((one) => textField(one, 'digest') ?? []);
  const subject = subjectOfBom(predicate);
  if (!isIndex(subject)) return [];
  const whole = objectsField(predicate, 'dependencies').find((one) => one['ref'] === subject['bom-ref']);
  return textsField(whole ?? {}, 'dependsOn');
}

function subjectOfBom(document: JsonObject): JsonObject {
  return objectField(objectField(document, 'metadata') ?? {}, 'component') ?? {};
}

function isIndex(subject: JsonObject): boolean {
  const { name, value } = indexKindProperty;
  return objectsField(subject, 'properties').some((one) => one['name'] === name && one['value'] === value);
}

/** Returns the predicate itself where it is not about an index. */
type Cut = (predicate: JsonObject, digest: Digest) => JsonObject | undefined;

function cutOf(predicateType: string): Cut | undefined {
  if (isPredicateType(predicateType, vulnsPredicateType)) return cutVulns;
  return isPredicateType(predicateType, cycloneDxType) ? cutBom : undefined;
}

function cutVulns(predicate: JsonObject, digest: Digest): JsonObject | undefined {
  if (!Array.isArray(predicate['platforms'])) return predicate;
  const own = objectsField(predicate, 'platforms').find((one) => textField(one, 'digest') === digest);
  if (own === undefined) return undefined;
  const { platforms: _, skipped: __, ...rest } = predicate;
  const scanner = objectField(predicate, 'scanner') ?? {};
  const result = objectsField(scanner, 'result').flatMap((entry) => {
    const annotations = objectsField(entry, 'annotations').flatMap((annotation) => {
      const { images, ...about } = annotation;
      // One that names no image holds for all.
      return images === undefined || textsField(annotation, 'images').includes(digest) ? [about] : [];
    });
    return annotations.length === 0 ? [] : [{ ...entry, annotations }];
  });
  const { state, causes, moreCauses } = own;
  const assessment = { state, causes, ...(moreCauses === undefined ? {} : { moreCauses }) };
  return { ...rest, scanner: { ...scanner, result }, assessment };
}

function cutBom(document: JsonObject, digest: Digest): JsonObject | undefined {
  if (!isIndex(subjectOfBom(document))) return document;
  const metadata = objectField(document, 'metadata') ?? {};
  const components = objectsField(document, 'components');
  const own = components.find((one) => textField(one, 'bom-ref') === digest);
  const depends = objectsField(document, 'dependencies').find((one) => textField(one, 'ref') === digest);
  if (own === undefined || depends === undefined) return undefined;
  const refs = new Set(textsField(depends, 'dependsOn'));
  const properties = objectsField(own, 'properties').filter((one) =>
    ['plombe:state', 'plombe:cause'].includes(textField(one, 'name') ?? ''),
  );
  return {
    ...document,
    metadata: { ...metadata, component: own, properties },
    components: components.filter((one) => refs.has(textField(one, 'bom-ref') ?? '')),
    dependencies: [depends],
    compositions: objectsField(document, 'compositions').filter((one) =>
      textsField(one, 'assemblies').includes(digest),
    ),
  };
}
