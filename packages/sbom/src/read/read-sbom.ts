// Reads a bill of materials of any tool as an inventory: its format is told by what is in it, never by its name.
import { decodeText, field, textField, type JsonObject } from '@plombe/kit';
import type { Inventory } from '@plombe/model';
import { readCycloneDx } from './cyclonedx.ts';
import { parseCycloneDxXml } from './cyclonedx-xml.ts';
import type { SbomDocument } from './document.ts';
import { inventoryOf } from './inventory.ts';
import { maxSbomBytes, parseBoundedJson } from './json.ts';
import { sbomError, SbomProblem } from './problems.ts';
import { readSpdx } from './spdx.ts';
import { isSpdx3, readSpdx3 } from './spdx3.ts';
import { parseTagValue } from './spdx-tag-value.ts';
import { unwrap } from './unwrap.ts';

/** Bytes that tell the format. */
const headBytes = 512;

/** Whether a file that begins with these bytes may be a bill of materials: JSON, XML or tag-value. A tar archive has zeros there. */
export function looksLikeSbom(head: Uint8Array): boolean {
  const text = decodeText(head.subarray(0, headBytes));
  return !text.includes('\0') && /^\ufeff?\s*(?:\{|<\?xml|<bom|(?:#.*\s+)*SPDXVersion:)/.test(text);
}

/**
 * Returns what the document says is in its subject: CycloneDX 1.x as JSON or XML, SPDX 2.x as JSON or tag-value, SPDX 3.0 as JSON-LD, bare or in an in-toto
 * statement. `name` is that of the file, `subject` what the user wrote. What cannot be compared is in the inventory's diagnostics. Throws `sbom/malformed` and `sbom/limit`.
 */
export function readSbom(bytes: Uint8Array, name: string, subject: string): Inventory {
  try {
    if (bytes.length > maxSbomBytes) throw new SbomProblem(`is larger than ${maxSbomBytes} bytes`, true);
    return readBytes(bytes, subject);
  } catch (thrown) {
    if (thrown instanceof SbomProblem) throw sbomError(name, thrown);
    throw thrown;
  }
}

function readBytes(bytes: Uint8Array, name: string): Inventory {
  const head = decodeText(bytes.subarray(0, headBytes))
    .replace(/^\ufeff/, '')
    .trimStart();
  if (head.startsWith('<')) return inventoryOf(readCycloneDx(parseCycloneDxXml(bytes)), { name });
  if (!head.startsWith('{')) {
    if (!/^(?:#|SPDXVersion:)/.test(head)) throw new SbomProblem('is no SBOM: CycloneDX and SPDX are read');
    return inventoryOf(readSpdx(parseTagValue(bytes)), { name });
  }
  const { document, digest, diagnostics } = unwrap(parseBoundedJson(withoutMark(bytes)));
  return inventoryOf(readDocument(document), { name, diagnostics, ...(digest === undefined ? {} : { digest }) });
}

function readDocument(document: JsonObject): SbomDocument {
  const isCycloneDx = textField(document, 'bomFormat') === 'CycloneDX';
  const isSpdx2 = field(document, 'spdxVersion') !== undefined;
  const isSpdx = isSpdx2 || isSpdx3(document);
  if (isCycloneDx && isSpdx) throw new SbomProblem('is ambiguous: CycloneDX and SPDX at once');
  if (isCycloneDx) return readCycloneDx(document);
  if (isSpdx2) return readSpdx(document);
  if (isSpdx) return readSpdx3(document);
  if (field(document, 'schemaVersion') !== undefined)
    throw new SbomProblem('is a saved report or manifest, and no SBOM');
  if (field(document, 'SchemaVersion') !== undefined || field(document, 'artifacts') !== undefined)
    throw new SbomProblem("is another scanner's own format, and no SBOM: make CycloneDX or SPDX of it");
  throw new SbomProblem('is JSON, but no SBOM: CycloneDX and SPDX are read');
}

function withoutMark(bytes: Uint8Array): Uint8Array {
  return bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? bytes.subarray(3) : bytes;
}
