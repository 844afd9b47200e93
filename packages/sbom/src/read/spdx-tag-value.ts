// SPDX 2.x as tag-value, brought into the shape of its JSON, so that one reader does for both.
import { decodeText, type JsonObject } from '@plombe/kit';
import { maxElements } from './json.ts';
import { SbomProblem } from './problems.ts';

interface Element {
  readonly fields: Record<string, string>;
  readonly externalRefs: object[];
  readonly annotations: Annotation[];
}

interface Annotation {
  readonly annotator: string;
  comment: string;
}

/** Tag of a package → name in JSON. */
const packageTags: ReadonlyMap<string, string> = new Map([
  ['SPDXID', 'SPDXID'],
  ['PackageVersion', 'versionInfo'],
  ['PackageSupplier', 'supplier'],
  ['PackageLicenseDeclared', 'licenseDeclared'],
  ['PackageLicenseConcluded', 'licenseConcluded'],
  ['PackageSourceInfo', 'sourceInfo'],
  ['PackageSummary', 'summary'],
  ['PrimaryPackagePurpose', 'primaryPackagePurpose'],
]);
const documentTags: ReadonlyMap<string, string> = new Map([
  ['SPDXVersion', 'spdxVersion'],
  ['SPDXID', 'SPDXID'],
  ['DocumentName', 'name'],
  ['DocumentComment', 'comment'],
]);
const licenceTags: ReadonlyMap<string, string> = new Map([
  ['ExtractedText', 'extractedText'],
  ['LicenseName', 'name'],
]);

/** Returns the document as SPDX 2 JSON has it. Throws SbomProblem where a line is no `Tag: value` or a `<text>` does not end. */
export function parseTagValue(bytes: Uint8Array): JsonObject {
  const reader = new TagReader();
  for (const [tag, value] of tagsOf(decodeText(bytes).replace(/^\ufeff/, ''))) reader.take(tag, value);
  return reader.document();
}

function* tagsOf(text: string): Generator<readonly [tag: string, value: string]> {
  let at = 0;
  while (at < text.length) {
    const lineEnd = endOf(text, at);
    const line = text.slice(at, lineEnd).replace(/\r$/, '');
    const colon = line.indexOf(':');
    const isBlank = /^\s*(?:#|$)/.test(line);
    if (!isBlank && !/^\s*[A-Za-z]+$/.test(line.slice(0, Math.max(colon, 0))))
      throw new SbomProblem('is no SPDX: a line is not "Tag: value"');
    const value = line.slice(colon + 1).trim();
    if (!isBlank && value.startsWith('<text>')) {
      const start = text.indexOf('<text>', at) + '<text>'.length;
      const close = text.indexOf('</text>', start);
      if (close < 0) throw new SbomProblem('is cut off: a <text> does not end');
      yield [line.slice(0, colon).trim(), text.slice(start, close)];
      at = endOf(text, close) + 1;
      continue;
    }
    if (!isBlank) yield [line.slice(0, colon).trim(), value];
    at = lineEnd + 1;
  }
}

function endOf(text: string, from: number): number {
  const end = text.indexOf('\n', from);
  return end < 0 ? text.length : end;
}

/** Takes tags in order: a name begins the element that the tags after it are about. */
class TagReader {
  readonly #document: Element = emptyElement();
  readonly #packages: Element[] = [];
  readonly #licences: Element[] = [];
  readonly #relationships: Record<string, string | undefined>[] = [];
  readonly #creators: string[] = [];
  readonly #byId = new Map<string, Element>();
  #elements = 0;
  #current: Element = this.#document;
  #annotation: Annotation | undefined;

  take(tag: string, value: string): void {
    if (tag === 'PackageName') this.#begin(this.#packages).fields['name'] = value;
    else if (tag === 'LicenseID') this.#begin(this.#licences).fields['licenseId'] = value;
    else if (tag === 'FileName' || tag === 'SnippetSPDXID') this.#begin([]);
    else if (tag === 'Creator') this.#creators.push(value);
    else if (tag === 'Relationship') this.#relate(value);
    else if (tag === 'RelationshipComment') this.#explain(value);
    else if (tag === 'ExternalRef') this.#refer(value);
    else if (tag === 'Annotator') this.#annotation = { annotator: value, comment: '' };
    else if (tag === 'AnnotationComment') this.#comment(value);
    else if (tag === 'SPDXREF') this.#annotate(value);
    else this.#set(tag, value);
  }

  document(): JsonObject {
    return {
      ...this.#document.fields,
      annotations: this.#document.annotations,
      creationInfo: { creators: this.#creators },
      packages: this.#packages.map(({ fields, ...lists }) => ({ ...fields, ...lists })),
      hasExtractedLicensingInfos: this.#licences.map(({ fields }) => fields),
      relationships: this.#relationships,
    };
  }

  #begin(list: Element[]): Element {
    this.#elements += 1;
    if (this.#elements > maxElements) throw new SbomProblem(`holds over ${maxElements} elements`, true);
    this.#current = emptyElement();
    list.push(this.#current);
    return this.#current;
  }

  #set(tag: string, value: string): void {
    const tags =
      this.#current === this.#document
        ? documentTags
        : this.#current.fields['licenseId'] === undefined
          ? packageTags
          : licenceTags;
    const name = tags.get(tag);
    if (name === undefined || this.#current.fields[name] !== undefined) return;
    this.#current.fields[name] = value;
    if (name === 'SPDXID') this.#byId.set(value, this.#current);
  }

  #relate(value: string): void {
    const [spdxElementId, relationshipType, relatedSpdxElement] = value.split(/\s+/);
    this.#relationships.push({ spdxElementId, relationshipType, relatedSpdxElement });
  }

  #explain(comment: string): void {
    const last = this.#relationships.at(-1);
    if (last !== undefined) last['comment'] ??= comment;
  }

  #refer(value: string): void {
    const [referenceCategory, referenceType, referenceLocator] = value.split(/\s+/);
    this.#current.externalRefs.push({ referenceCategory, referenceType, referenceLocator });
  }

  /** SPDXREF may stand before or after the comment. */
  #comment(value: string): void {
    if (this.#annotation !== undefined) this.#annotation.comment = value;
  }

  #annotate(id: string): void {
    const element = id === 'SPDXRef-DOCUMENT' ? this.#document : this.#byId.get(id);
    if (this.#annotation !== undefined) element?.annotations.push(this.#annotation);
  }
}

function emptyElement(): Element {
  return { fields: Object.create(null) as Record<string, string>, externalRefs: [], annotations: [] };
}
