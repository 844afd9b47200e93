// CPE 2.3 names in their formatted string (NISTIR 7695, section 6.2): the parts that say what software is meant.

/** The attributes compared. `*` is any, `-` not applicable; escapes are taken away, letters are lower case. */
export interface Cpe {
  /** `a` application, `o` operating system, `h` hardware. */
  readonly part: string;
  readonly vendor: string;
  readonly product: string;
  readonly version: string;
  readonly update: string;
  readonly targetSoftware: string;
}

/** Attributes of a formatted string, `cpe` and `2.3` among them. */
const attributeCount = 13;

/** Returns the attributes of a formatted string; undefined for text that is none, or over 1,000 characters. */
export function parseCpe(text: unknown): Cpe | undefined {
  if (typeof text !== 'string' || text.length > 1000 || !text.startsWith('cpe:2.3:')) return undefined;
  const parts = splitUnescaped(text);
  const [, , part = '', vendor = '', product = '', version = '', update = ''] = parts;
  if (parts.length !== attributeCount || !/^[aoh]$/.test(part)) return undefined;
  if (![vendor, product].every((name) => /^[^\s\u0000-\u001f\u007f-\u009f*]+$/.test(name))) return undefined;
  return { part, vendor, product, version, update, targetSoftware: parts[10] ?? '*' };
}

function splitUnescaped(text: string): string[] {
  const parts: string[] = [];
  let part = '';
  for (let at = 0; at < text.length; at++) {
    const character = text.charAt(at);
    if (character === '\\' && at + 1 < text.length) part += text.charAt(++at);
    else if (character === ':') {
      parts.push(part.toLowerCase());
      part = '';
    } else part += character;
  }
  return [...parts, part.toLowerCase()];
}

/** True for an attribute that says something: neither any nor not applicable. */
export function isStated(attribute: string): boolean {
  return attribute !== '*' && attribute !== '-' && attribute !== '';
}
