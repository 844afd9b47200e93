// Fingerprints and their comparison as text for people.
import { inert } from '@plombe/kit';
import type { ChangedField, FingerprintDifference, FingerprintHeader } from '@plombe/trust';
import type { FingerprintReport } from './compare.ts';

/** Differences shown; a document of `-o json` lists more. */
const maxShown = 100;

/** Renders what a fingerprint says of itself. `digest`: of the document. */
export function renderFingerprint(header: FingerprintHeader, digest: string): string {
  const { subject, state, causes, layers, entries, files, fileBytes, root } = header;
  return lines([
    `Fingerprint ${digest}`,
    `  of ${subject.digest ?? 'a root file system without digest'}`,
    `  ${entries} entries, ${files} files with ${fileBytes} bytes, ${layers.length} layers`,
    `  root ${root}`,
    ...layers.map(
      ({ diffID, entries: count, root: layer = 'not read', complete }, index) =>
        `  layer ${index}  ${diffID ?? 'a folder'}  ${count} entries  ${layer}${complete ? '' : '  incomplete'}`,
    ),
    ...(state === 'complete' ? [] : [`${state}: not everything could be read`]),
    ...causes.map(({ code, message }) => `  ${message} [${code}]`),
  ]);
}

const verdicts: Readonly<Record<FingerprintReport['verdict'], string>> = {
  same: 'same',
  differs: 'differs',
  undecidable: 'undecidable: not everything could be read',
};

/** Renders a comparison. */
export function renderComparison(report: FingerprintReport): string {
  const { verdict, compared, added, removed, changed, ignored, unread, differences, unlisted, causes } = report;
  const more = unlisted + Math.max(0, differences.length - maxShown);
  return lines([
    verdicts[verdict],
    `  ${compared} compared, ${added} added, ${removed} removed, ${changed} changed, ${ignored} ignored, ${unread} unread`,
    ...differences.slice(0, maxShown).map(renderDifference),
    ...(more === 0 ? [] : [`  and ${more} more`]),
    ...causes.map(({ code, message }) => `  ${message} [${code}]`),
    ...(report.notCompared.length === 0 ? [] : [`  not compared: ${report.notCompared.join(', ')}`]),
  ]);
}

function renderDifference({ kind, path, fields, expected, actual }: FingerprintDifference): string {
  const details = fields.map((field) => {
    const [from, to] = [expected, actual].map((entry) => (entry === undefined ? '' : shown(field, entry)));
    return from === '' ? field : `${field} ${from} → ${to}`;
  });
  return `  ${kind.padEnd(8)} ${inert(path)}${details.length === 0 ? '' : `: ${details.join(', ')}`}`;
}

function shown(field: ChangedField, entry: NonNullable<FingerprintDifference['expected']>): string {
  switch (field) {
    case 'type':
      return entry.type;
    case 'mode':
      return entry.mode.toString(8).padStart(4, '0');
    case 'owner':
      return `${entry.uid}:${entry.gid}`;
    case 'linkTarget':
      return inert(entry.linkTarget ?? '');
    case 'capabilities':
      return entry.capabilities ?? 'none';
    case 'content':
      return entry.sha256 === undefined ? '' : `sha256:${entry.sha256.slice(0, 12)}…`;
  }
}

function lines(texts: readonly string[]): string {
  return texts.map((text) => `${text}\n`).join('');
}
