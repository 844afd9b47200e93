// Licences as R packages declare them ("Writing R Extensions", 1.1.2), as SPDX expressions.

const names: ReadonlyMap<string, string> = new Map([
  ['MIT', 'MIT'],
  ['CC0', 'CC0-1.0'],
  ['BSD_2_clause', 'BSD-2-Clause'],
  ['BSD_3_clause', 'BSD-3-Clause'],
  ['Apache License 2.0', 'Apache-2.0'],
  ['Apache License (== 2.0)', 'Apache-2.0'],
  ['Apache License (== 2)', 'Apache-2.0'],
  ['Artistic-2.0', 'Artistic-2.0'],
  ['Artistic License 2.0', 'Artistic-2.0'],
]);
const gnu = /^(A?GPL|LGPL)(?:-(\d(?:\.\d)?)| \((>=|==) (\d(?:\.\d)?)\))?$/;
const versioned = /^(?:CC-BY(?:-SA)?|MPL|EUPL|CPL|EPL|BSL|Artistic)-\d\.\d$/;

/** Returns the SPDX expression of a License field; a field with a part that has none as it is declared. */
export function licencesOf(declared: string): readonly string[] {
  const text = declared.trim();
  if (text === '' || text.length > 200) return [];
  const parts = text.split('|').map((part) => identifier(part.replace(/\+ *file +LICEN[CS]E\s*$/i, '').trim()));
  return [parts.every((part) => part !== undefined) ? [...new Set(parts)].join(' OR ') : text];
}

function identifier(name: string): string | undefined {
  const known = names.get(name);
  if (known !== undefined) return known;
  if (versioned.test(name)) return name;
  const [, family, exact, order, bound] = gnu.exec(name) ?? [];
  const version = exact ?? bound;
  if (family === undefined || version === undefined) return undefined;
  return `${family}-${version.includes('.') ? version : `${version}.0`}-${order === '>=' ? 'or-later' : 'only'}`;
}
