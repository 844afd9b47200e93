// GitLab's reports of container scanning and, for source trees, of dependency scanning, by version 15.0.6 of its security report schemas.
import { createHash } from 'node:crypto';
import { inert, jsonText } from '@plombe/kit';
import type { Inventory, ScanResult, SeverityWord } from '@plombe/model';
import { escapeMarkdown } from '../escaping/markdown.ts';
import { safeAddress } from '../escaping/markup.ts';
import { pageOf } from '../placed/page.ts';
import { placedFindings, sourceFile, treeFolder, type PlacedFinding } from '../placed/placed.ts';
import type { ReportFormat } from '../report.ts';
import { remedyText } from '../texts/remedy.ts';

const schemaVersion = '15.0.6';

const severities: Readonly<Record<SeverityWord, string>> = {
  critical: 'Critical',
  high: 'High',
  medium: 'Medium',
  low: 'Low',
  negligible: 'Info',
  unknown: 'Unknown',
};

/** The schema's limits, in characters. */
const maxName = 255;
const maxDescription = 1_048_576;
const maxSolution = 7000;
/** What GitLab takes of each, by its documentation for integrations. */
const maxIdentifiers = 20;

/** For `artifacts:reports:container_scanning`, of a source tree `dependency_scanning`, which names the lock file. Findings that a vendor says are not affected or fixed are left out, as there is no place for them. */
export const gitlab: ReportFormat = {
  id: 'gitlab',
  title: 'GitLab container or dependency scanning 15.0',
  mediaType: 'application/json',
  *render(result: ScanResult): Iterable<string> {
    const { assessment, inventory, scannedAt, tool } = result;
    const isTree = treeFolder(inventory) !== undefined;
    const scanner = { id: 'plombe', name: 'Plombe', version: tool.version || 'unknown', vendor: { name: 'Plombe' } };
    const time = new Date(scannedAt).toISOString().slice(0, 19);
    const scan = {
      analyzer: scanner,
      scanner,
      type: isTree ? 'dependency_scanning' : 'container_scanning',
      start_time: time,
      end_time: time,
      status: assessment.state === 'unassessable' ? 'failure' : 'success',
      messages: assessment.causes.map(({ code, message }) => ({
        level: assessment.state === 'unassessable' ? 'fatal' : 'warn',
        value: inert(`${assessment.state}: ${message} [${code}]`),
      })),
    };
    const locate = isTree ? (placed: PlacedFinding) => fileLocation(result, placed) : imageLocation(inventory);
    // Required of dependency scanning by this version; what a project depends on GitLab takes from SBOMs.
    const files = isTree ? ',"dependency_files":[]' : '';
    yield `{"version":${jsonText(schemaVersion)},"scan":${jsonText(scan)}${files},"vulnerabilities":[`;
    let separator = '\n';
    for (const placed of placedFindings(result)) {
      if (!placed.counts) continue;
      yield separator + jsonText(vulnerabilityOf(placed, locate(placed)));
      separator = ',\n';
    }
    yield ']}\n';
  },
};

function imageLocation({ subject, distribution }: Inventory): (placed: PlacedFinding) => object {
  const image = inert(subject.reference ?? subject.name) || 'unknown';
  const system = inert([distribution?.id, distribution?.versionId].filter(Boolean).join(':')) || 'unknown';
  return (placed) => ({ dependency: dependencyOf(placed), operating_system: system, image });
}

function fileLocation(result: ScanResult, placed: PlacedFinding): object {
  const file = sourceFile(result, placed) ?? placed.place?.path ?? '';
  return { file: inert(file) || 'unknown', dependency: dependencyOf(placed) };
}

function dependencyOf({ finding, found }: PlacedFinding): object {
  return {
    package: { name: inert(found?.name ?? finding.packageName) },
    version: inert(finding.packageVersion),
    ...(found?.direct === undefined ? {} : { direct: found.direct }),
  };
}

function vulnerabilityOf(placed: PlacedFinding, location: object): object {
  const { finding, place } = placed;
  const { vulnerability, aliases, packageName, packageVersion, severity } = finding;
  const identifiers = [vulnerability, ...aliases].filter((id) => id !== '').slice(0, maxIdentifiers);
  const links = [...new Set(finding.references.flatMap((address) => safeAddress(address) ?? []))];
  return {
    id: stableId([vulnerability, packageName, packageVersion, place?.path ?? '']),
    name: cut(inert(`${vulnerability} in ${packageName}`), maxName),
    description: cut(escapeMarkdown(cut(finding.summary ?? vulnerability, maxDescription / 16)), maxDescription),
    severity: severities[severity.word],
    solution: cut(solutionOf(placed), maxSolution),
    identifiers: (identifiers.length > 0 ? identifiers : ['unknown']).map(identifierOf),
    links: (links.length > 0 ? links : pagesOf(finding)).slice(0, 20).map((url) => ({ url })),
    location,
  };
}

function pagesOf(finding: PlacedFinding['finding']): readonly string[] {
  const page = pageOf(finding);
  return page === undefined ? [] : [page];
}

/** Shown as Markdown. */
function solutionOf({ finding, found, fixedVersion }: PlacedFinding): string {
  if (fixedVersion === undefined) return 'No fixed version is known.';
  const { packageName, packageVersion } = finding;
  const subject = { packageType: found?.type ?? '', packageName, packageVersion, targetVersion: fixedVersion };
  const shown = (text: string): string => escapeMarkdown(cut(text, 300));
  const text = remedyText(subject, { name: shown, version: shown });
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}`;
}

function identifierOf(id: string): object {
  const shown = inert(id);
  const type = /^([A-Za-z]+)-/.exec(id)?.[1]?.toLowerCase() ?? 'plombe';
  const url = type === 'cve' && /^CVE-\d{4}-\d{4,}$/.test(id) ? { url: `https://www.cve.org/CVERecord?id=${id}` } : {};
  return { type, name: shown, value: shown, ...url };
}

/** The same for the same finding in each run: a UUID of version 8 (RFC 9562) out of its SHA-256. */
function stableId(parts: readonly string[]): string {
  const hex = createHash('sha256').update(JSON.stringify(parts)).digest('hex');
  const variant = '89ab'[Number.parseInt(hex[16] ?? '0', 16) & 3];
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-${variant}${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}

function cut(text: string, length: number): string {
  return text.length <= length ? text : `${text.slice(0, length - 1)}…`;
}
