// Headers of plugins and themes (WordPress "Header Requirements"): `Name: value` lines in the first comment of a file.
import { declaredLicences, decodeText, kibibyte } from '@plombe/kit';
import type { Distiller } from '../cataloger.ts';

export interface PluginHeader {
  readonly title?: string;
  readonly version?: string;
  readonly licences: readonly string[];
  /** Where it is updated from, when not from wordpress.org. */
  readonly updateUri?: string;
}

/** WordPress reads the first 8 KiB of a file, and so does this. */
const maxHeaderBytes = 8 * kibibyte;
const field = /^[ \t/*#@]*(Plugin Name|Theme Name|Version|License|Update URI):[ \t]*(.*)$/i;

/** Keeps the header's fields, where one has the name that makes it a header; nothing of other files. */
export function headerDistiller(title: RegExp): Distiller {
  return beginning((text) => {
    const fields = text
      .split(/\r\n|\r|\n/)
      .map((line) => field.exec(line.replace(/^<\?php/, '')))
      .filter((found) => found !== null);
    if (!fields.some(([, key = '']) => title.test(key))) return undefined;
    return fields.map(([, key, value]) => `${key}: ${value}`).join('\n');
  });
}

/** Keeps the version that version.php sets. */
export function coreDistiller(): Distiller {
  return beginning((text) => /^\$wp_version\s*=\s*['"]([^'"\n]{1,64})['"]/m.exec(text)?.[1] ?? '?');
}

function beginning(reduce: (text: string) => string | undefined): Distiller {
  const chunks: Buffer[] = [];
  let size = 0;
  return {
    write(chunk) {
      const part = Buffer.from(chunk.subarray(0, maxHeaderBytes - size));
      chunks.push(part);
      size += part.length;
      return size < maxHeaderBytes;
    },
    finish() {
      const kept = reduce(decodeText(Buffer.concat(chunks)));
      return kept === undefined ? undefined : Buffer.from(kept);
    },
  };
}

/** Reads what `headerDistiller` kept; of two equal fields the first counts. */
export function parseHeader(content: Uint8Array): PluginHeader {
  const found = new Map<string, string>();
  for (const line of decodeText(content).split('\n')) {
    const [, key = '', value = ''] = field.exec(line) ?? [];
    const text = value.replace(/\s*(?:\*\/|\?>).*$/, '').trim();
    if (key !== '' && text !== '' && !found.has(key.toLowerCase())) found.set(key.toLowerCase(), text);
  }
  const title = found.get('plugin name') ?? found.get('theme name');
  const version = found.get('version');
  const licence = found.get('license');
  const updateUri = found.get('update uri');
  return {
    licences: licence === undefined ? [] : declaredLicences([licence]),
    ...(title === undefined ? {} : { title: title.slice(0, 200) }),
    ...(version === undefined ? {} : { version }),
    ...(updateUri === undefined || /^https?:\/\/(?:www\.)?(?:wordpress\.org|w\.org)(?:\/|$)/i.test(updateUri)
      ? {}
      : { updateUri: updateUri.slice(0, 200) }),
  };
}
