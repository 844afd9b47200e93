// Lists of package URLs as a subject: one in a line, matched like an inventory.
import { compareText, inert } from '@plombe/kit';
import { formatPurl, parsePurl, type Diagnostic, type Inventory, type Package, type PurlParts } from '@plombe/model';

/** Lines read of one list; a whole distribution has 60,000 packages. */
const maxLines = 1_000_000;

/**
 * Parses package URLs, one per line; empty lines and lines that begin with `#` are skipped. A line that is none becomes a
 * diagnostic `purl/invalid` and the inventory incomplete. Qualifiers read: `distro`, `arch`, `upstream`, `epoch`, `rpmmod`.
 */
export function parsePurlList(text: string, subject: string): Inventory {
  const packages = new Map<string, Package>();
  const diagnostics: Diagnostic[] = [];
  let number = 0;
  for (const line of text.replace(/^\ufeff/, '').split('\n')) {
    number += 1;
    const trimmed = line.trim();
    if (trimmed === '' || trimmed.startsWith('#')) continue;
    if (packages.size + diagnostics.length >= maxLines) {
      diagnostics.push({
        code: 'archive/limit',
        level: 'error',
        message: `The list has more than ${maxLines} lines; the rest was not read.`,
      });
      break;
    }
    const parts = parsePurl(trimmed);
    const found = parts === undefined ? undefined : packageOf(parts);
    if (found === undefined) {
      const shown = inert(trimmed.slice(0, 200));
      const message = `Line ${number} is not a package URL with a version: ${shown}`;
      diagnostics.push({ code: 'purl/invalid', level: 'error', message, path: `line ${number}` });
    } else packages.set(found.id, found);
  }
  return {
    subject: { name: subject, source: 'purls' },
    layers: [],
    packages: [...packages.values()].sort((a, b) => compareText(a.id, b.id)),
    diagnostics,
    complete: diagnostics.length === 0,
  };
}

function packageOf(parts: PurlParts): Package | undefined {
  const { type, namespace, name, version, subpath } = parts;
  if (version === undefined || version === '') return undefined;
  const purl = formatPurl(parts);
  const { arch, epoch, ...rest } = parts.qualifiers ?? {};
  const hasEpoch = (type === 'rpm' || type === 'deb') && epoch !== undefined && epoch !== '0';
  const full = hasEpoch && !/^\d+:/.test(version) ? `${epoch}:${version}` : version;
  const qualifiers = epoch === undefined ? rest : { ...rest, epoch };
  const source = sourceOf(type, rest['upstream'], full);
  return {
    id: purl,
    purl,
    type,
    name,
    version: full,
    cataloger: 'purls',
    licences: [],
    evidence: [],
    ...(namespace === undefined ? {} : { namespace }),
    ...(arch === undefined ? {} : { architecture: arch }),
    ...(Object.keys(qualifiers).length === 0 ? {} : { qualifiers }),
    ...(subpath === undefined ? {} : { subpath }),
    ...(source === undefined ? {} : { source }),
    ...(rest['rpmmod'] === undefined ? {} : { modularity: rest['rpmmod'] }),
  };
}

/** `upstream` is `name`, `name@version`, or for rpm the file name of the source package. */
function sourceOf(type: string, upstream: string | undefined, version: string): Package['source'] {
  if (upstream === undefined) return undefined;
  if (type === 'rpm') {
    const match = /^(.+)-([^-]+-[^-]+)\.(?:no)?src\.rpm$/.exec(upstream);
    const epoch = /^\d+:/.exec(version)?.[0] ?? '';
    if (match !== null) return { name: match[1] as string, version: `${epoch}${match[2] as string}` };
  }
  const at = upstream.indexOf('@', 1);
  return at < 0 ? { name: upstream, version } : { name: upstream.slice(0, at), version: upstream.slice(at + 1) };
}
