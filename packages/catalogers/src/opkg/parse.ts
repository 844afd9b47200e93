// opkg's status file and control files: paragraphs of fields like dpkg's (opkg's manual, OpenWrt "Creating packages").
import { spacedLicences, declaredLicences, validExpression } from '@plombe/kit';
import { parseDeb822 } from '@plombe/formats';

export interface Installed {
  readonly name: string;
  readonly version: string;
  readonly architecture?: string;
}

export interface StatusReading {
  readonly installed: readonly Installed[];
  readonly problems: readonly string[];
}

/** What a control file says beyond the status file. */
export interface Control {
  /** The package of the build system that this one was built from. */
  readonly source?: string;
  readonly licences: readonly string[];
  /** CPE 2.3 formatted string without version. */
  readonly cpe?: string;
}

const namePattern = /^[A-Za-z0-9][A-Za-z0-9+._@-]{0,255}$/;
const versionPattern = /^[\x21-\x7e]{1,256}$/;

const statusFields: ReadonlySet<string> = new Set(['package', 'status', 'version', 'architecture']);
const controlFields: ReadonlySet<string> = new Set(['package', 'source', 'sourcename', 'license', 'cpe-id']);

/** In the other state, `not-installed`, no file of the package is there. */
const present: ReadonlySet<string> = new Set([
  'installed',
  'unpacked',
  'half-installed',
  'half-configured',
  'config-files',
  'post-inst-failed',
]);

/** Reads a status file. A package without Status is installed: opkg writes none for what an image was built with. Never throws. */
export function parseStatus(content: Uint8Array): StatusReading {
  const { paragraphs, problems } = parseDeb822(content, statusFields);
  const told = problems.map(({ line, cause }) => `line ${line} is ${cause}`);
  const installed: Installed[] = [];
  const seen = new Set<string>();
  for (const { fields, line } of paragraphs) {
    const name = fields.get('package') ?? '';
    const version = fields.get('version') ?? '';
    const state = fields.get('status')?.split(/\s+/)[2];
    if (state !== undefined && !present.has(state)) continue;
    if (!namePattern.test(name) || !versionPattern.test(version)) {
      told.push(`the package at line ${line} has no valid name or version`);
      continue;
    }
    const architecture = fields.get('architecture') ?? '';
    const key = `${name} ${version} ${architecture}`;
    if (seen.has(key)) continue;
    seen.add(key);
    installed.push({ name, version, ...(/^[\w.+-]{1,64}$/.test(architecture) ? { architecture } : {}) });
  }
  return { installed, problems: told };
}

/** Reads a control file. Never throws. */
export function parseControl(content: Uint8Array): Control {
  const fields = parseDeb822(content, controlFields).paragraphs[0]?.fields;
  const source = fields?.get('sourcename') ?? '';
  const licence = fields?.get('license') ?? '';
  const cpe = cpeOf(fields?.get('cpe-id') ?? '');
  return {
    ...(namePattern.test(source) ? { source } : {}),
    licences: licence === '' || licence.length > 200 || licence.includes('\n') ? [] : licencesOf(licence),
    ...(cpe === undefined ? {} : { cpe }),
  };
}

/** OpenWrt names several licences with spaces between, all of which hold; Yocto joins them by `&` and `|`. */
function licencesOf(text: string): readonly string[] {
  const known = spacedLicences(text);
  if (known.every((one) => validExpression(one) !== undefined)) return known;
  const words = text.split(/\s+/);
  const isPlain = words.every((word) => /^[A-Za-z0-9.+-]+$/.test(word) && !/^(?:AND|OR|WITH)$/i.test(word));
  return isPlain ? declaredLicences(words) : known;
}

/** `cpe:/a:openssl:openssl` of OpenWrt; anything beyond vendor and product, or an encoding in them, is not taken. */
function cpeOf(text: string): string | undefined {
  const match = /^cpe:\/([aho]):([a-z0-9._-]{1,64}):([a-z0-9._-]{1,64})$/.exec(text);
  if (match === null) return undefined;
  const [, part, vendor = '', product = ''] = match;
  return `cpe:2.3:${part}:${escaped(vendor)}:${escaped(product)}:*:*:*:*:*:*:*:*`;
}

/** In a formatted string a hyphen is escaped, a point and an underscore are not (NISTIR 7695, 6.2.2). */
function escaped(text: string): string {
  return text.replaceAll('-', '\\-');
}
