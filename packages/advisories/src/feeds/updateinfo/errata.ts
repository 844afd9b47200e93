// updateinfo.xml, the list of errata of an rpm repository (createrepo_c; read by yum and dnf), one erratum at a time.
import type { XmlConsumer, XmlElement } from '@plombe/formats';

/** A package of an erratum, as its attributes say. */
export interface ErratumPackage {
  readonly name: string;
  readonly epoch: string;
  readonly version: string;
  readonly release: string;
  readonly architecture: string;
  /** `name:stream` of the collection it stands in. */
  readonly module?: string;
}

export interface Erratum {
  readonly type: string;
  id?: string;
  title?: string;
  severity?: string;
  description?: string;
  issued?: string;
  updated?: string;
  readonly references: { readonly type: string; readonly id: string; readonly href: string }[];
  readonly packages: ErratumPackage[];
}

/** Packages of one erratum: a kernel's has about 300 for each architecture. */
const maxPackages = 50_000;
const maxReferences = 5000;

/** Gives each erratum when its element ends. */
export class ErrataReader implements XmlConsumer {
  readonly #push: (erratum: Erratum) => void;
  #erratum: Erratum | undefined;
  #module: string | undefined;

  constructor(push: (erratum: Erratum) => void) {
    this.#push = push;
  }

  open({ name, attributes }: XmlElement): void {
    if (name === 'update') this.#erratum = { type: attributes['type'] ?? '', references: [], packages: [] };
    else if (name === 'collection') this.#module = undefined;
    else if (name === 'module') this.#module = moduleOf(attributes);
  }

  close(element: XmlElement): void {
    const erratum = this.#erratum;
    if (erratum === undefined) return;
    const { name, attributes, text, path } = element;
    if (name === 'update') {
      this.#push(erratum);
      this.#erratum = undefined;
    } else if (path.at(-1) === 'update') this.#field(erratum, element);
    else if (name === 'reference' && erratum.references.length < maxReferences) {
      erratum.references.push({
        type: attributes['type'] ?? '',
        id: attributes['id'] ?? '',
        href: attributes['href'] ?? text,
      });
    } else if (name === 'package' && erratum.packages.length < maxPackages) {
      erratum.packages.push({
        name: attributes['name'] ?? '',
        epoch: attributes['epoch'] ?? '',
        version: attributes['version'] ?? '',
        release: attributes['release'] ?? '',
        architecture: attributes['arch'] ?? '',
        ...(this.#module === undefined ? {} : { module: this.#module }),
      });
    }
  }

  #field(erratum: Erratum, { name, text, attributes }: XmlElement): void {
    if (name === 'id') erratum.id = text;
    else if (name === 'title') erratum.title = text;
    else if (name === 'severity') erratum.severity = text;
    else if (name === 'description') erratum.description = text;
    else if (name === 'issued') erratum.issued = attributes['date'] ?? '';
    else if (name === 'updated') erratum.updated = attributes['date'] ?? '';
  }
}

function moduleOf(attributes: Readonly<Record<string, string>>): string | undefined {
  const { name = '', stream = '' } = attributes;
  return name === '' || stream === '' ? undefined : `${name}:${stream}`;
}
