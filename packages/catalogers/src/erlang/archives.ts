// Applications in archives of Erlang (`*.ez`, the code server's "Loading of code from archive files"), as plug-ins are shipped.
import { ZipStream, type EntryWant } from '@plombe/formats';
import { decodeText, isObject, mebibyte, objectsField, textField, textsField } from '@plombe/kit';
import type { Distiller } from '../cataloger.ts';

const keepApplication: EntryWant = { kind: 'keep', maxBytes: mebibyte };

interface ArchivedFile {
  /** In the archive. */
  readonly name: string;
  readonly text: string;
}

/** What was kept of an archive; `problems` say what of it could not be read. */
interface Archived {
  readonly files: readonly ArchivedFile[];
  readonly problems: readonly string[];
}

/** Keeps the application files of an archive, as JSON. */
export class ArchiveDistiller implements Distiller {
  readonly #stream = new ZipStream({
    wants: (name) => (/(?:^|\/)ebin\/[^/]+\.app$/.test(name) ? keepApplication : undefined),
  });

  write(chunk: Uint8Array): boolean {
    this.#stream.write(chunk);
    return true;
  }

  finish(): Uint8Array {
    const contents = this.#stream.finish();
    const files = contents.files.map(({ name, content }) => ({ name, text: decodeText(content) }));
    const problems = contents.isZip ? contents.problems.map(({ what }) => what) : ['is no archive'];
    return Buffer.from(JSON.stringify({ files, problems }));
  }
}

/** Reads what the distiller kept. */
export function decodeArchive(content: Uint8Array): Archived {
  try {
    const value: unknown = JSON.parse(decodeText(content));
    if (isObject(value)) {
      const files = objectsField(value, 'files').map((one) => ({
        name: textField(one, 'name') ?? '',
        text: textField(one, 'text') ?? '',
      }));
      return { files, problems: textsField(value, 'problems') };
    }
  } catch {
    // Falls through: it is not what was kept.
  }
  return { files: [], problems: ['could not be read; its applications are not in the inventory'] };
}
