// CycloneDX as XML, brought into the shape of its JSON, so that one reader does for both.
import { decodeText, type JsonObject } from '@plombe/kit';
import { parseXml, XmlError, type XmlElement } from '@plombe/formats';
import { SbomProblem } from './problems.ts';

/** Elements whose children are the entries of a list in JSON. */
const listElements: ReadonlySet<string> = new Set([
  'assemblies',
  'components',
  'compositions',
  'dependencies',
  'externalReferences',
  'hashes',
  'licenses',
  'occurrences',
  'properties',
  'services',
  'vulnerabilities',
]);
/** Elements that decide what a component is: said twice they would mean two things. */
const single: ReadonlySet<string> = new Set(['components', 'metadata', 'name', 'purl', 'version']);
/** A document of 60 MB has some two million; each takes up to 300 bytes of memory. */
const maxElements = 3_000_000;
const namespace = /^http:\/\/cyclonedx\.org\/schema\/bom\/(\d{1,2}\.\d{1,2})$/;

interface Child {
  readonly name: string;
  readonly value: unknown;
}

/** Returns the document as CycloneDX JSON has it. Throws SbomProblem where it is no XML, declares a document type, or is no CycloneDX. */
export function parseCycloneDxXml(bytes: Uint8Array): JsonObject {
  const stack: Child[][] = [[]];
  let elements = 0;
  let version: string | undefined;
  const consumer = {
    open(element: XmlElement): void {
      elements += 1;
      if (elements > maxElements) throw new SbomProblem(`holds over ${maxElements} elements`, true);
      if (elements === 1) version = versionOf(element);
      stack.push([]);
    },
    close(element: XmlElement): void {
      const children = stack.pop() ?? [];
      stack.at(-1)?.push({ name: element.name, value: valueOf(element, children) });
    },
  };
  try {
    parseXml(decodeText(bytes).replace(/^\ufeff/, ''), consumer);
  } catch (thrown) {
    if (thrown instanceof XmlError) throw new SbomProblem(`${thrown.message}`);
    throw thrown;
  }
  const root = stack[0]?.[0]?.value;
  return { ...(root as JsonObject), specVersion: version };
}

function versionOf({ name, attributes }: XmlElement): string {
  const version = Object.values(attributes)
    .map((value) => namespace.exec(value)?.[1])
    .find((found) => found !== undefined);
  if (name === 'RDF') throw new SbomProblem('is RDF: SPDX is read as JSON and tag-value');
  if (name !== 'bom' || version === undefined) throw new SbomProblem('is XML, but no CycloneDX');
  return version;
}

function valueOf({ name, attributes, text }: XmlElement, children: readonly Child[]): unknown {
  if (name === 'property') return { name: attributes['name'], value: text };
  if (name === 'assembly') return attributes['ref'];
  if (name === 'licenses')
    return children.map(({ name: kind, value }) =>
      kind === 'expression' ? { expression: expressionText(value) } : { license: value },
    );
  if (listElements.has(name) || (name === 'tools' && children.some((child) => child.name === 'tool')))
    return children.map(({ value }) => value);
  if (children.length === 0 && Object.keys(attributes).length === 0) return text;
  const object: Record<string, unknown> = Object.assign(Object.create(null) as object, attributes);
  // An element with attributes and text alone: <expression bom-ref="x">MIT</expression>.
  if (children.length === 0 && text !== '') object['text'] = text;
  for (const child of children) {
    if (single.has(child.name) && Object.hasOwn(object, child.name))
      throw new SbomProblem(`is ambiguous: an element has two <${child.name}>`);
    object[child.name] = child.value;
  }
  return object;
}

function expressionText(value: unknown): unknown {
  const text = (value as JsonObject | undefined)?.['text'];
  return typeof value === 'object' && typeof text === 'string' ? text : value;
}
