// Lists of package URLs as a subject: one in a line, matched like an inventory.
import { compareText, inert } from '@plombe/kit';
import { parsePurl, type Diagnostic, type Inventory, type Package, type PurlParts } from '@plombe/model';
import { packageOfPurl } from '@plombe/sbom';

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
  const found = packageOfPurl(parts);
  return found && { ...found, id: found.purl, cataloger: 'purls', licences: [], evidence: [] };
}
