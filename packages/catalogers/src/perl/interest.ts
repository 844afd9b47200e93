// Which files tell of Perl distributions, and what is kept of them.
import { kibibyte, mebibyte } from '@plombe/kit';
import type { FileHeader } from '@plombe/model';
import type { Want } from '../cataloger.ts';
import { lineDistiller } from '../lines.ts';
import { isLocalLine, versionOfLine } from './parse.ts';

/** install.json lists the modules of a distribution; those of the largest have 200 KiB. */
const json: Want = { kind: 'whole', maxBytes: mebibyte };
/** A list of files of which the place alone matters; one byte, since nothing is no file. */
const place: Want = { kind: 'head', maxBytes: 1 };
const local: Want = { kind: 'distill', create: () => lineDistiller((line) => (isLocalLine(line) ? line : undefined)) };
const module: Want = { kind: 'distill', create: moduleDistiller };
/** Modules of over 256 KiB are tables, in front of which the version stands. */
const maxModuleBytes = 256 * kibibyte;

/** Answers what to keep of a file. */
export function wants({ path, type, sizeBytes }: FileHeader): Want | undefined {
  if (type !== 'file' && type !== 'hardlink') return undefined;
  switch (path.charCodeAt(path.length - 1)) {
    case 0x6e: // install.json, MYMETA.json
      return path.endsWith('.json') && metaPath.test(path) ? json : undefined;
    case 0x74:
      return path.endsWith('/.packlist') ? place : undefined;
    case 0x64:
      return path.endsWith('/perllocal.pod') ? local : undefined;
    case 0x6d:
      return path.endsWith('.pm') && sizeBytes > 0 && isSiteModule(path) ? module : undefined;
  }
  return undefined;
}

/** Where cpanm writes what it installed. */
export const metaPath = /(?:^|\/)\.meta\/[^/]+\/(install|MYMETA)\.json$/;

/** Folders into which modules are installed by hand: not those of Perl itself, nor of a distribution. */
const siteFolder =
  /(?:^|\/)(?:site_perl\/(?:5\.[\d.]+\/)?|local\/(?:share|lib\/[^/]+)\/perl\/5\.[\d.]+\/|lib\/perl5\/(?!5\.\d|site_perl|vendor_perl))(?:[^/]*(?:linux|musl)[^/]*\/)?((?:\w+\/)*\w+)\.pm$/;

function isSiteModule(path: string): boolean {
  return (
    (path.includes('site_perl/') || path.includes('lib/perl5/') || path.includes('local/')) && siteFolder.test(path)
  );
}

/** Returns the module that a file is, `Foo::Bar` for `site_perl/5.36.0/Foo/Bar.pm`. */
export function moduleOf(path: string): string | undefined {
  return siteFolder.exec(path)?.[1]?.replaceAll('/', '::');
}

/** Keeps the version alone: the first that the code sets, before `__END__`. */
function moduleDistiller(): ReturnType<typeof lineDistiller> {
  let bytes = 0;
  let found = false;
  return lineDistiller((line) => {
    bytes += line.length;
    if (found || bytes > maxModuleBytes || line === '__END__' || line === '__DATA__') return false;
    if (!line.includes('VERSION') && !line.includes('package')) return undefined;
    const version = versionOfLine(line);
    found = version !== undefined;
    return version;
  });
}
