// Names of ebuilds with their versions (Package Manager Specification 8, 3.1.2 and 3.2).

const version = String.raw`\d{1,64}(?:\.\d{1,64}){0,32}[a-z]?(?:_(?:alpha|beta|pre|rc|p)\d{0,64}){0,8}(?:-r\d{1,64})?`;
const whole = new RegExp(`^([A-Za-z0-9_][A-Za-z0-9+_-]{0,127}?)-(${version})$`);
const ambiguous = new RegExp(`-${version}$`);

/** Splits `openssl-3.0.15-r1` into name and version; undefined where it is neither. A name must not end in what reads as a version. */
export function splitPackage(text: string): { readonly name: string; readonly version: string } | undefined {
  if (text.length > 512) return undefined;
  const match = whole.exec(text);
  if (match === null || ambiguous.test(match[1] as string)) return undefined;
  return { name: match[1] as string, version: match[2] as string };
}
