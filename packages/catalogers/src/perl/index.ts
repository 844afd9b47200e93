// Distributions of Perl as cpanm, cpan and make install them.
import { decodeText } from '@plombe/kit';
import type { Diagnostic, FoundPackage } from '@plombe/model';
import type { Cataloger, CatalogResult, FileView } from '../cataloger.ts';
import { diagnose } from '../diagnose.ts';
import { metaPath, moduleOf, wants } from './interest.ts';
import { type Distribution, parseInstall, parseMeta, parsePerlLocal } from './parse.ts';

/** Packages of CPAN, and Perl itself where it was installed from source. */
export const perlCataloger: Cataloger = {
  id: 'perl',
  version: 2,
  wantsVersion: 1,
  attribution: 'file',
  owner: false,
  where: { names: ['install.json', 'MYMETA.json', '.packlist', 'perllocal.pod'], extensions: ['pm'] },
  wants,
  catalog,
};

/** Module and place of a list of files: `auto/Foo/Bar/.packlist`. */
const packlistPath = /(?:^|\/)auto\/((?:\w+\/)*\w+)\/\.packlist$/;
/** Perl's own list: `lib/perl5/5.38.2/x86_64-linux-gnu/.packlist`. */
const corePath = /(?:^|\/)(5\.\d+\.\d+)\/(?:[^/]*(?:linux|musl)[^/]*\/)?\.packlist$/;

/** What was learnt of a module's version, and where. */
interface Known {
  readonly path: string;
  readonly version: string;
}

function catalog(view: FileView): CatalogResult {
  const packages: FoundPackage[] = [];
  const diagnostics: Diagnostic[] = [];
  let complete = true;
  const files = view.files().filter((file) => file.type === 'file');
  const installed: { readonly path: string; readonly found: Distribution }[] = [];
  const logged = new Map<string, Known[]>();
  const modules = new Map<string, Known[]>();
  const learn = (into: Map<string, Known[]>, name: string, known: Known): void => {
    into.set(name, [...(into.get(name) ?? []), known]);
  };
  for (const file of files) {
    const { path } = file;
    if (path.endsWith('/install.json')) {
      const found = parseInstall(file.content);
      if (found === undefined) {
        const saying = 'names no distribution and version; the package is not in the inventory';
        diagnostics.push(diagnose('package/metadata-invalid', 'warning', file, saying));
        complete = false;
        continue;
      }
      installed.push({ path, found });
      packages.push(installedPackage(path, found, view));
    } else if (path.endsWith('/perllocal.pod')) {
      for (const [name, version] of parsePerlLocal(file.content)) learn(logged, name, { path, version });
    } else if (path.endsWith('.pm')) {
      const version = decodeText(file.content).trim();
      if (/^v?\d[\d._]{0,63}$/.test(version)) learn(modules, moduleOf(path) ?? '', { path, version });
    }
  }
  const covered = new Set(
    installed.flatMap(({ path, found }) => found.modules.map((name) => `${prefixOf(path)} ${name}`)),
  );
  for (const file of files) {
    if (!file.path.endsWith('/.packlist')) continue;
    const core = corePath.exec(file.path)?.[1];
    if (core !== undefined) packages.push(perlItself(core, file.path));
    const name = packlistPath.exec(file.path)?.[1]?.replaceAll('/', '::');
    if (name === undefined || covered.has(`${prefixOf(file.path)} ${name}`)) continue;
    const known = nearest(logged.get(name), file.path) ?? nearest(modules.get(name), file.path);
    if (known === undefined) {
      const saying = 'is of a distribution whose version nothing tells; it is not in the inventory';
      diagnostics.push(diagnose('package/metadata-invalid', 'warning', file, saying));
      complete = false;
    } else packages.push(listedPackage(name, known, file.path));
  }
  return { packages, diagnostics, complete };
}

function installedPackage(path: string, found: Distribution, view: FileView): FoundPackage {
  const meta = view.get(path.replace(metaPath, (whole) => whole.replace('install.json', 'MYMETA.json')));
  const { licences } = meta === undefined ? { licences: [] } : parseMeta(meta.content);
  return {
    type: 'cpan',
    ...(found.author === undefined ? {} : { namespace: found.author }),
    name: found.name,
    version: found.version,
    licences,
    paths: [path, ...(meta === undefined ? [] : [meta.path])],
  };
}

/** The distribution is named after its module, as nine of ten are. */
function listedPackage(module: string, known: Known, path: string): FoundPackage {
  const name = module.replaceAll('::', '-');
  const facts = { identifiedBy: known.path.endsWith('.pod') ? 'perllocal.pod' : 'module' };
  return { type: 'cpan', name, version: known.version, licences: [], paths: [path, known.path], weak: true, facts };
}

function perlItself(version: string, path: string): FoundPackage {
  const cpes = [`cpe:2.3:a:perl:perl:${version}:*:*:*:*:*:*:*`];
  const licences = ['Artistic-1.0-Perl OR GPL-1.0-or-later'];
  return { type: 'generic', name: 'perl', version, licences, cpes, paths: [path] };
}

/** The folder of an installation, up to its `lib`, `share` or `site_perl`. */
function prefixOf(path: string): string {
  return /^(?:.*?\/)??(?=(?:lib|lib64|share)\/)/.exec(path)?.[0] ?? '';
}

/** Of several, the one that has most of its path in common with this. */
function nearest(known: readonly Known[] | undefined, path: string): Known | undefined {
  let best: Known | undefined;
  let bestLength = -1;
  for (const one of known ?? []) {
    const length = commonLength(one.path, path);
    if (length > bestLength) [best, bestLength] = [one, length];
  }
  return best;
}

function commonLength(a: string, b: string): number {
  let at = 0;
  while (at < a.length && a[at] === b[at]) at += 1;
  return at;
}
