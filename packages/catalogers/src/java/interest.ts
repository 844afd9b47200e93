// Which files are Java archives, and what is taken out of them while the layer streams by.
import { ZipStream, type EntryWant, type ZipListing } from '@plombe/formats';
import { kibibyte } from '@plombe/kit';
import type { FileHeader } from '@plombe/model';
import type { Distiller, Want } from '../cataloger.ts';
import { gemPlace } from '../ruby/names.ts';
import { encodeFacts, factsOf } from './facts.ts';

/** Libraries and applications of Java: web, enterprise, resource adapter, Jenkins, NiFi, Karaf, Liferay, Axis, Spring's old bundles. */
const extension = /\.(?:jar|war|ear|sar|par|rar|hpi|jpi|nar|kar|lpkg|aar|mar)$/i;
/** The largest pom.properties has 1 KiB. */
const maxPropertiesBytes = 16 * kibibyte;
/** The largest pom.xml of a popular project has 180 KiB. */
const maxPomBytes = kibibyte * kibibyte;
/** A signed archive's main section is followed by a digest of each file: the largest known to us has 3 MiB. */
const maxManifestBytes = 8 * kibibyte * kibibyte;

const keepProperties: EntryWant = { kind: 'keep', maxBytes: maxPropertiesBytes };
const keepPom: EntryWant = { kind: 'keep', maxBytes: maxPomBytes };
/** A specification names each file of its gem: the largest known to us has 250 KiB. */
const maxGemspecBytes = kibibyte * kibibyte;

const keepGemspec: EntryWant = { kind: 'keep', maxBytes: maxGemspecBytes };
const keepManifest: EntryWant = { kind: 'keep', maxBytes: maxManifestBytes };
const openArchive: EntryWant = { kind: 'archive' };

const mavenFile = /(?:^|\/)META-INF\/maven\/[^/]+\/[^/]+\/pom\.(properties|xml)$/;
const manifestName = /^META-INF\/MANIFEST\.MF$/i;

/** Says what of an archive's entries is read. A web archive's own META-INF may lie below WEB-INF/classes or BOOT-INF/classes. */
export function wantedEntry(name: string): EntryWant | undefined {
  if (name.endsWith('.class')) return undefined;
  const maven = mavenFile.exec(name);
  if (maven !== null) return maven[1] === 'xml' ? keepPom : keepProperties;
  if (manifestName.test(name)) return keepManifest;
  if (name.endsWith('.gemspec')) return gemPlace(name) === undefined ? undefined : keepGemspec;
  return extension.test(name) ? openArchive : undefined;
}

const archive: Want = { kind: 'distill', create: () => new ArchiveDistiller() };
const loose: Want = { kind: 'whole', maxBytes: maxPomBytes };

/** Archives, and the files of archives that were unpacked. */
export function wants({ path, type, sizeBytes }: FileHeader): Want | undefined {
  if (type !== 'file' && type !== 'hardlink') return undefined;
  if (extension.test(path)) return sizeBytes > 0 ? archive : undefined;
  return path.endsWith('/pom.properties') && mavenFile.test(path) ? loose : undefined;
}

class ArchiveDistiller implements Distiller {
  readonly #stream = new ZipStream({ wants: wantedEntry, listing: () => new ClassFolders() });

  write(chunk: Uint8Array): boolean {
    this.#stream.write(chunk);
    return true;
  }

  finish(): Uint8Array {
    return encodeFacts(factsOf('', this.#stream.finish()));
  }
}

const maxFolders = 64;
const folderParts = 4;
/** Where classes lie in web archives, executable ones and those for several releases of Java. */
const classRoot = /^(?:BOOT-INF\/classes\/|WEB-INF\/classes\/|META-INF\/versions\/\d+\/)/;

/** The folders that an archive's classes are in, cut to four parts: what hints at who made it. */
class ClassFolders implements ZipListing {
  readonly #folders = new Set<string>();
  #last = '';

  add(name: string): void {
    if (!name.endsWith('.class') || this.#folders.size >= maxFolders) return;
    const folder = name.slice(0, name.lastIndexOf('/') + 1);
    if (folder === this.#last) return;
    this.#last = folder;
    const parts = folder.replace(classRoot, '').split('/', folderParts).filter(Boolean);
    if (parts.length > 0) this.#folders.add(parts.join('/'));
  }

  texts(): readonly string[] {
    return [...this.#folders].sort();
  }
}
