// Licences of crates, as the Cargo.toml of each declares them (doc.rust-lang.org/cargo/reference/manifest.html#the-license-and-license-file-fields).
import { parseToml } from '@plombe/formats';
import { declaredLicences, isObject, joinExpressions, licenceExpression, objectField, textField } from '@plombe/kit';
import type { JsonObject } from '@plombe/kit';

/** A crate's name, version and licences as its manifest says them. */
export interface CrateLicence {
  readonly name: string;
  readonly version: string;
  readonly licences: readonly string[];
}

/** Reads the text of a Cargo.toml; undefined where it cannot be read, or names no crate with a version. Never throws. */
export function crateLicenceIn(text: string): CrateLicence | undefined {
  let manifest: unknown;
  try {
    manifest = parseToml(text);
  } catch {
    return undefined;
  }
  const crate = isObject(manifest) ? objectField(manifest, 'package') : undefined;
  const name = crate && textField(crate, 'name');
  const version = crate && textField(crate, 'version');
  return name === undefined || version === undefined ? undefined : { name, version, licences: crateLicences(crate) };
}

/**
 * Returns what a table `package` declares, or the table that it inherits from. `/` is what crates wrote before expressions: one may be chosen.
 * A licence file alone (`license-file`) is no declaration that names one.
 */
export function crateLicences(crate: JsonObject | undefined, inherited?: JsonObject): readonly string[] {
  const own = crate && objectField(crate, 'license');
  const said = own?.['workspace'] === true ? inherited : crate;
  const declared = said && textField(said, 'license');
  if (declared === undefined) return [];
  const choices = declared.split('/').map((part) => licenceExpression(part.trim()));
  const isChoice = choices.length > 1 && !choices.includes(undefined);
  return isChoice
    ? [
        joinExpressions(
          choices.filter((one) => one !== undefined),
          'OR',
        ),
      ]
    : declaredLicences([declared]);
}
