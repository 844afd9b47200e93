// SUSE's products by their names, to the releases that os-release names.

/**
 * Returns the ecosystem of a product: `SUSE Linux Enterprise Module for Basesystem 15 SP5` and every other product of that service pack is
 * `SUSE:15.5`, `SUSE Linux Enterprise Micro 5.5` is `SUSE:Micro 5.5`, `openSUSE Leap 15.6` is `openSUSE:15.6`. Undefined for products that are no
 * release of a distribution.
 */
export function ecosystemOfProduct(name: string): string | undefined {
  if (name.length > 200) return undefined;
  if (/\bTumbleweed\b/.test(name)) return 'openSUSE:Tumbleweed';
  const leap = /\bLeap (Micro )?(\d+\.\d+)/.exec(name);
  if (leap !== null) return `openSUSE:${leap[1] === undefined ? '' : 'Leap Micro '}${leap[2] as string}`;
  const micro = /\bLinux (?:Enterprise )?Micro\b.*?(\d+\.\d+)/.exec(name)?.[1];
  if (micro !== undefined) return `SUSE:Micro ${micro}`;
  if (!/\b(?:Linux Enterprise|Package Hub)\b/.test(name)) return undefined;
  // `Module for Python 3 15 SP5`: the release is the last number of two digits.
  const release = [...name.matchAll(/\b(1\d)(?:\.(\d+)|[ -]SP(\d+))?(?![\d.])/g)].at(-1);
  if (release === undefined) return undefined;
  const [, major = '', minor, servicePack] = release;
  const part = minor ?? servicePack;
  return part === undefined ? `SUSE:${major}` : `SUSE:${major}.${part}`;
}
