// OVAL as Azure Linux publishes it: definitions name tests, tests name an object (the package) and a state (the comparison).
import type { XmlConsumer, XmlElement } from '@plombe/formats';

/** A definition: one vulnerability of one package. */
export interface OvalDefinition {
  readonly id: string;
  title?: string;
  reference?: string;
  patchable?: string;
  date?: string;
  advisoryId?: string;
  severity?: string;
  description?: string;
  /** Ids of the tests, all of which must hold. */
  readonly tests: string[];
  /** True where the criteria are not a plain AND of tests. */
  unreadable: boolean;
}

/** A comparison of an EVR. */
export interface OvalState {
  readonly operation: string;
  readonly evr: string;
}

interface OvalTest {
  object?: string;
  state?: string;
}

/** Definitions kept; the largest file has 2,436. */
const maxDefinitions = 500_000;

/** Collects the definitions, tests, objects and states of a document; what refers to what is known only at its end. */
export class OvalReader implements XmlConsumer {
  readonly definitions: OvalDefinition[] = [];
  readonly #tests = new Map<string, OvalTest>();
  readonly #names = new Map<string, string>();
  readonly #states = new Map<string, OvalState>();
  #definition: OvalDefinition | undefined;
  /** Id of the test, object or state that is open. */
  #id = '';

  open(element: XmlElement): void {
    const { name, attributes } = element;
    if (name === 'definition') {
      this.#definition = { id: attributes['id'] ?? '', tests: [], unreadable: false };
    } else if (name === 'criteria' && this.#definition !== undefined) {
      if ((attributes['operator'] ?? 'AND') !== 'AND' || attributes['negate'] === 'true')
        this.#definition.unreadable = true;
    } else if (name === 'criterion' && this.#definition !== undefined) {
      if (attributes['negate'] === 'true') this.#definition.unreadable = true;
      this.#definition.tests.push(attributes['test_ref'] ?? '');
    } else if (name === 'rpminfo_test') {
      this.#id = attributes['id'] ?? '';
      this.#tests.set(this.#id, {});
    } else if (name === 'rpminfo_object' || name === 'rpminfo_state') {
      this.#id = attributes['id'] ?? '';
    } else if (name === 'object' || name === 'state') {
      const test = this.#tests.get(this.#id);
      if (test !== undefined) test[name] = attributes[`${name}_ref`] ?? '';
    }
  }

  close(element: XmlElement): void {
    const { name, path, text } = element;
    const parent = path.at(-1);
    if (name === 'definition' && this.#definition !== undefined) {
      if (this.definitions.length < maxDefinitions) this.definitions.push(this.#definition);
      this.#definition = undefined;
    } else if (parent === 'metadata' && this.#definition !== undefined) this.#metadata(this.#definition, element);
    else if (name === 'name' && parent === 'rpminfo_object') this.#names.set(this.#id, text);
    else if (name === 'evr' && parent === 'rpminfo_state') {
      this.#states.set(this.#id, { operation: element.attributes['operation'] ?? 'equals', evr: text });
    }
  }

  /** Returns the package and comparison of a test, or undefined where it refers to nothing. */
  comparison(test: string): { readonly name: string; readonly state: OvalState } | undefined {
    const found = this.#tests.get(test);
    const name = this.#names.get(found?.object ?? '');
    const state = this.#states.get(found?.state ?? '');
    return name === undefined || state === undefined ? undefined : { name, state };
  }

  #metadata(definition: OvalDefinition, { name, text, attributes }: XmlElement): void {
    if (name === 'title') definition.title = text;
    else if (name === 'reference') definition.reference ??= attributes['ref_id'] ?? '';
    else if (name === 'patchable') definition.patchable = text;
    else if (name === 'advisory_date') definition.date = text;
    else if (name === 'advisory_id') definition.advisoryId = text;
    else if (name === 'severity') definition.severity = text;
    else if (name === 'description') definition.description = text;
  }
}
