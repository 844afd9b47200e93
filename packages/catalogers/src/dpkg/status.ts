// dpkg's status files (deb-control(5), dpkg(1) "Package states") → installed packages with their source packages.
import { type Paragraph, parseDeb822 } from '@plombe/formats';
import type { Diagnostic, Distribution, FoundPackage, RawFile, SourcePackage } from '@plombe/model';
import type { FileView } from '../cataloger.ts';
import { diagnose } from '../diagnose.ts';
import { statusFolder, statusPath } from './paths.ts';

/** An installed package, and the stem of the names of its file lists. */
export interface Installed {
  readonly found: FoundPackage;
  readonly stem: string;
}

export interface StatusReading {
  /** Stems of the lists that any package of the files may have, removed ones that left their configuration included. */
  readonly known: ReadonlySet<string>;
  readonly installed: readonly Installed[];
  readonly diagnostics: readonly Diagnostic[];
  readonly complete: boolean;
}

const wanted: ReadonlySet<string> = new Set(['package', 'status', 'version', 'architecture', 'source']);

/** In the other states, `not-installed` and `config-files`, no program of the package is there. */
const present: ReadonlySet<string> = new Set([
  'installed',
  'half-installed',
  'half-configured',
  'unpacked',
  'triggers-awaited',
  'triggers-pending',
]);

/** Debian Policy 5.6.7 allows lower case only; some vendors use more. Never a space, slash or control character. */
const namePattern = /^[A-Za-z0-9][A-Za-z0-9+._-]{0,255}$/;
/** Debian Policy 5.6.12, loosely: versions are compared as they are found. */
const versionPattern = /^[\x21-\x7e]{1,256}$/;

/** Reads `status` and, in images without dpkg, each file of `status.d`. */
export function readStatus(view: FileView, distribution: Distribution | undefined): StatusReading {
  const reading = {
    known: new Set<string>(),
    installed: [] as Installed[],
    diagnostics: [] as Diagnostic[],
    complete: true,
  };
  const seen = new Set<string>();
  const whole = view.get(statusPath);
  if (whole !== undefined) readFile(whole, undefined, distribution, seen, reading);
  for (const file of view.files()) {
    if (file.type !== 'file' || !file.path.startsWith(statusFolder) || file.path.endsWith('.md5sums')) continue;
    readFile(file, file.path.slice(statusFolder.length), distribution, seen, reading);
  }
  return reading;
}

function readFile(
  file: RawFile,
  stem: string | undefined,
  distribution: Distribution | undefined,
  seen: Set<string>,
  reading: { known: Set<string>; installed: Installed[]; diagnostics: Diagnostic[]; complete: boolean },
): void {
  const { paragraphs, problems } = parseDeb822(file.content, wanted);
  const report = (cause: string): void => {
    reading.complete = false;
    const saying = `cannot be read whole: ${cause}`;
    reading.diagnostics.push(diagnose('package/database-corrupt', 'error', file, saying));
  };
  for (const { line, cause } of problems) report(`line ${line} is ${cause}`);
  if (file.truncated) report('the file is larger than the limit');
  else if (stem === undefined && isCut(file.content)) report('it ends within a line');
  if (stem !== undefined) reading.known.add(stem);
  for (const paragraph of paragraphs) {
    const name = paragraph.fields.get('package') ?? '';
    reading.known.add(name).add(`${name}:${paragraph.fields.get('architecture') ?? ''}`);
    const state = paragraph.fields.get('status');
    const word = state?.split(/\s+/)[2];
    if (state !== undefined && word === undefined) report(`the package at line ${paragraph.line} has no valid status`);
    if (word !== undefined && !present.has(word)) continue;
    const found = packageOf(paragraph, file.path, distribution);
    if (found === undefined) {
      report(`the package at line ${paragraph.line} has no valid name or version`);
      continue;
    }
    const key = `${found.name} ${found.architecture ?? ''} ${found.version}`;
    if (seen.has(key)) continue;
    seen.add(key);
    reading.installed.push({ found, stem: stem ?? found.name });
  }
}

/** dpkg ends each line; a list with the fields it demands that ends within a line was cut. Lists made by hand go without them. */
function isCut(content: Uint8Array): boolean {
  return content.length > 0 && content.at(-1) !== 0x0a && Buffer.from(content).includes('\nMaintainer: ');
}

function packageOf(
  { fields }: Paragraph,
  path: string,
  distribution: Distribution | undefined,
): FoundPackage | undefined {
  const name = fields.get('package') ?? '';
  const version = fields.get('version') ?? '';
  if (!namePattern.test(name) || !versionPattern.test(version)) return undefined;
  const architecture = fields.get('architecture');
  const state = fields.get('status');
  return {
    type: 'deb',
    namespace: distribution?.id ?? 'debian',
    name,
    version,
    ...(architecture === undefined || architecture === '' ? {} : { architecture }),
    source: sourceOf(name, version, fields.get('source')),
    licences: [],
    paths: [path],
    ...(state === undefined || state === 'install ok installed' ? {} : { facts: { status: state } }),
  };
}

/**
 * Reads the Source field, `name` or `name (version)`. Without a version the package's own counts, less the `+b1` of a binary
 * rebuild (Debian developers' reference 5.10.2.1), which the source does not have.
 */
function sourceOf(name: string, version: string, field: string | undefined): SourcePackage {
  const own = version.replace(/\+b\d+$/, '');
  const match = /^([^\s()]+)(?:\s+\(([^\s()]+)\))?$/.exec(field ?? '');
  return { name: match?.[1] ?? name, version: match?.[2] ?? own };
}
