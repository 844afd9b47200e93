// Runtime configurations of .NET programs (`NAME.runtimeconfig.json`): which shared frameworks a program needs, and which it brings.
import { decodeText, isObject, type JsonObject, objectField, objectsField, textField } from '@plombe/kit';

export interface FrameworkReference {
  readonly name: string;
  readonly version: string;
}

export interface RuntimeConfig {
  /** Frameworks that must be installed; any later patch release will do. */
  readonly needed: readonly FrameworkReference[];
  /** Frameworks that are in the program's own folder. */
  readonly included: readonly FrameworkReference[];
}

const namePattern = /^[A-Za-z][A-Za-z0-9.]{0,99}$/;
const versionPattern = /^\d{1,6}(?:\.\d{1,10}){1,3}(?:-[0-9A-Za-z.-]{1,60})?$/;

/** Parses a configuration; undefined where it is none. */
export function parseRuntimeConfig(content: Uint8Array): RuntimeConfig | undefined {
  let value: unknown;
  try {
    const text = decodeText(content);
    value = JSON.parse(text.codePointAt(0) === 0xfeff ? text.slice(1) : text);
  } catch {
    return undefined;
  }
  const options = isObject(value) ? objectField(value, 'runtimeOptions') : undefined;
  if (options === undefined) return undefined;
  const single = objectField(options, 'framework');
  return {
    needed: [...(single === undefined ? [] : [single]), ...objectsField(options, 'frameworks')].flatMap(referenceOf),
    included: objectsField(options, 'includedFrameworks').flatMap(referenceOf),
  };
}

function referenceOf(value: JsonObject): readonly FrameworkReference[] {
  const name = textField(value, 'name') ?? '';
  const version = textField(value, 'version') ?? '';
  return namePattern.test(name) && versionPattern.test(version) ? [{ name, version }] : [];
}
