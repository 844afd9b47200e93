// CPE names of well-known software: NISTIR 7695, 6.2, the formatted string binding.

/** What NVD writes as the update of a version: a patch level or a pre-release, `9.2p1` as 9.2 with p1. */
const updatePattern = /^(\d+(?:\.\d+)*)[-.]?((?:alpha|beta|rc|op|p|a|b)\d+)$/i;

/** Returns the CPE of a version of a product, given as `vendor:product`. */
export function cpeOf(product: string, version: string): string {
  const [, number = version, update = '*'] = updatePattern.exec(version) ?? [];
  return `cpe:2.3:a:${product}:${quoted(number)}:${quoted(update.toLowerCase())}:*:*:*:*:*:*`;
}

function quoted(text: string): string {
  return text === '*' ? text : text.replaceAll(/[^\w.-]/g, String.raw`\$&`);
}
