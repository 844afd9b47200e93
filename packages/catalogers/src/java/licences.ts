// Licences of poms and bundles as SPDX expressions.
import { declaredLicences, licenceChoice, licenceExpression } from '@plombe/kit';

/** Returns the licences of a pom, of which the user may choose (Maven's model, "licenses"). */
export function pomLicences(declared: readonly string[]): readonly string[] {
  return licenceChoice(declared.map(bare));
}

/** Returns the licences of a Bundle-License (OSGi Core 8, 3.2.1.10): names or addresses with commas between, attributes behind a semicolon. */
export function bundleLicences(declared: string): readonly string[] {
  const whole = licenceExpression(bare(declared));
  if (whole !== undefined) return [whole];
  return declaredLicences(declared.split(/,(?! ?(?:version|v\.?) ?\d)/i).map(bare));
}

function bare(text: string): string {
  return (text.split(';', 1)[0] ?? '').replaceAll('"', '').trim();
}
