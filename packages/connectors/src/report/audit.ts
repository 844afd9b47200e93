// What happened in a registry, as its own log says: one answer, a document for programs and a page for people.
import type { Context } from '@plombe/model';
import type { Language } from '../posture/check.ts';
import type { AuditEvent, CallOptions, RegistryConnector, RegistryKind } from '../registries/connector.ts';
import { escapeHtml, htmlPage } from './html.ts';
import { reportTexts } from './texts.ts';

export interface AuditReport {
  readonly registry: string;
  readonly kind: RegistryKind;
  /** ISO 8601: when it was asked, and from when on. */
  readonly at: string;
  readonly since: string;
  /** `unknown`: the log could not be read at all, and `events` says nothing. */
  readonly state: 'assessed' | 'partial' | 'unknown';
  /** What is missing, a sentence each. */
  readonly causes: readonly string[];
  /** Oldest first. */
  readonly events: readonly AuditEvent[];
}

/** Reads the log. A log that is refused, or that the registry does not have, is `unknown` with the reason, never empty. */
export async function readAudit(
  connector: RegistryConnector,
  sinceMs: number,
  call: CallOptions,
  { clock }: Pick<Context, 'clock'>,
): Promise<AuditReport> {
  const { registry, kind } = connector;
  const log = await connector.auditEvents(sinceMs, call);
  const head = { registry, kind, at: isoTime(clock.nowMs()), since: isoTime(sinceMs) };
  if (log.kind === 'unknown') return { ...head, state: 'unknown', causes: [log.reason], events: [] };
  const { incomplete = [], value } = log;
  return { ...head, state: incomplete.length === 0 ? 'assessed' : 'partial', causes: incomplete, events: value };
}

function isoTime(ms: number): string {
  return new Date(ms).toISOString();
}

/** The JSON document; docs/cli.md describes it. */
export function auditDocument(report: AuditReport): object {
  return { schemaVersion: 1, ...report };
}

/** The page: one table, and what is missing above it. */
export function auditPage({ registry, kind, at, since, causes, events }: AuditReport, language: Language): string {
  const texts = reportTexts[language];
  const title = `${texts.audit}: ${registry}`;
  const { time, operation, outcome } = texts.audited;
  const head = [time, texts.columns.principal, operation, texts.columns.repository, 'Tag', 'Digest', outcome];
  const rows = events.map((event) => {
    const cells = [
      event.time,
      event.principal,
      event.operation,
      event.repository,
      event.tag,
      event.digest,
      event.outcome,
    ];
    return `<tr>${cells.map((text) => `<td class="id">${escapeHtml(text ?? '–')}</td>`).join('')}</tr>`;
  });
  const body = [
    `<h1>${escapeHtml(title)}</h1>`,
    `<p class="dim">${escapeHtml(kind)} · ${texts.asOf} ${escapeHtml(at)} · ${texts.since} ${escapeHtml(since)}</p>`,
    ...(causes.length === 0
      ? []
      : [
          `<p class="unknown">${texts.notAll}</p><ul>${causes.map((one) => `<li>${escapeHtml(one)}</li>`).join('')}</ul>`,
        ]),
    `<table><thead><tr>${head.map((text) => `<th>${escapeHtml(text)}</th>`).join('')}</tr></thead><tbody>${rows.join('')}</tbody></table>`,
  ];
  return htmlPage({ language, title, body: body.join('\n') });
}
