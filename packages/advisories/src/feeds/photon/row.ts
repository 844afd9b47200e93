// One row of Photon OS's list to an advisory: a CVE and a package.
import type { Advisory, RangeEvent, VulnerabilityStatus } from '@plombe/model';
import { field, isObject, textField } from '@plombe/kit';
import { wordOfScore } from '../../normal/cvss.ts';
import { parseId, parseToken } from '../../normal/ids.ts';

interface Statement {
  readonly status: VulnerabilityStatus;
  readonly events: readonly RangeEvent[];
}

/** `NA`, an empty text and a dash name no version. */
function versionOf(text: string | undefined): string | undefined {
  const stated = text?.trim() ?? '';
  return stated === '' || /^(?:n\/?a|-|none)$/i.test(stated) ? undefined : parseToken(stated);
}

/**
 * Returns what the row says of versions; undefined where it says nothing: fixed, but not in which version, is how a package that no longer
 * exists is written.
 */
function statementOf(status: string, affected: string, resolved: string | undefined): Statement | undefined {
  if (/not affected/i.test(status)) return { status: 'not_affected', events: [] };
  if (resolved !== undefined) return { status: 'affected', events: [{ introduced: '0' }, { fixed: resolved }] };
  if (/^fixed$/i.test(status)) return undefined;
  return /all versions/i.test(affected) ? { status: 'affected', events: [{ introduced: '0' }] } : undefined;
}

/** Returns the advisory of a row; undefined where it says nothing of a version; or why it cannot be read. */
export function parseRow(value: unknown, ecosystem: string): Advisory | { readonly cause: string } | undefined {
  if (!isObject(value)) return { cause: 'is no JSON object' };
  const id = parseId(field(value, 'cve_id'));
  const name = parseToken(field(value, 'pkg'));
  if (id === undefined || name === undefined) return { cause: 'names no vulnerability or no package' };
  const resolved = versionOf(textField(value, 'res_ver'));
  const stated = statementOf(textField(value, 'status') ?? '', textField(value, 'aff_ver') ?? '', resolved);
  // Ids such as `UNK-1` are the list's own for what has none.
  if (stated === undefined || id.startsWith('UNK-')) return undefined;
  const score = field(value, 'cve_score');
  const isScore = typeof score === 'number' && score >= 0 && score <= 10;
  return {
    id,
    feed: 'photon',
    aliases: [],
    related: [],
    upstream: [],
    severities: isScore ? [{ author: 'photon', word: wordOfScore(score), score }] : [],
    references: id.startsWith('CVE-') ? [`https://nvd.nist.gov/vuln/detail/${id}`] : [],
    affected: [
      {
        ecosystem,
        name,
        ranges: stated.events.length === 0 ? [] : [{ scheme: 'rpm', events: stated.events }],
        versions: [],
        status: stated.status,
      },
    ],
  };
}
