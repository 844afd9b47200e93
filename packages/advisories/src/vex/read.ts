// Reads a VEX document of any of the formats that people have: OpenVEX, CycloneDX, CSAF; also as the statement that was attested.
import { inert, isObject, objectField, PlombeError, textField, type JsonObject } from '@plombe/kit';
import { isCsaf, parseCsafVex } from './csaf.ts';
import { isCycloneDx, parseCycloneDxVex } from './cyclonedx.ts';
import { isOpenVex, parseOpenVex } from './openvex.ts';
import type { VexDocument } from './statement.ts';

/** Returns what the document says. `name` stands in messages and reasons. Throws `config/invalid` for what is none, or says nothing of any vulnerability. */
export function parseVex(text: string, name: string): VexDocument {
  const value = documentOf(text, name);
  const document = parsed(value, name);
  if (document === undefined) {
    throw refusal(name, 'it is neither OpenVEX, CycloneDX nor CSAF in JSON');
  }
  if (document.statements.length === 0) {
    const what =
      document.format === 'cyclonedx'
        ? 'no vulnerability of it has an analysis'
        : 'it has no statement about a vulnerability';
    throw refusal(name, what);
  }
  return document;
}

function parsed(value: JsonObject, name: string): VexDocument | undefined {
  if (isOpenVex(value)) return parseOpenVex(value, name);
  if (isCycloneDx(value)) return parseCycloneDxVex(value, name);
  return isCsaf(value) ? parseCsafVex(value, name) : undefined;
}

/** The document itself, or the predicate of an in-toto statement around it. */
function documentOf(text: string, name: string): JsonObject {
  let value: unknown;
  try {
    value = JSON.parse(text.replace(/^\ufeff/, ''));
  } catch {
    throw refusal(name, 'it is no JSON');
  }
  if (!isObject(value)) throw refusal(name, 'it is no JSON object');
  const isStatement = textField(value, '_type')?.startsWith('https://in-toto.io/Statement/') === true;
  return (isStatement ? objectField(value, 'predicate') : undefined) ?? value;
}

function refusal(name: string, cause: string): PlombeError {
  return new PlombeError('config/invalid', `${inert(name)} is not used as VEX: ${cause}.`, {
    remedy: '--vex takes OpenVEX, CycloneDX with `analysis`, and CSAF 2.0 or 2.1, as JSON.',
  });
}
