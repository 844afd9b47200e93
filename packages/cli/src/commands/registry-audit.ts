// `plombe registry audit`: what the registry's own log says happened, by whom, and what the log leaves out.
import {
  auditDocument,
  auditPage,
  readAudit,
  type AuditEvent,
  type AuditReport,
  type Language,
} from '@plombe/connectors';
import { layoutTable, paletteFor } from '@plombe/engine';
import { inert } from '@plombe/kit';
import { gapLines } from '../compose/connected/gaps.ts';
import { viewRegistry } from '../compose/connected/view.ts';
import type { TextOptions } from '../compose/output.ts';
import type { LoadedSettings } from '../settings/load.ts';
import { exitCodes } from '../terminal/failure.ts';
import { timeOf } from './registry-watch.ts';

const defaultDays = 7;

/** Shows the log since `--since`. Returns 3 where it could not be read, or leaves something out and `--allow partial` is not given. */
export async function auditCommand(
  name: string,
  loaded: LoadedSettings,
  flags: Readonly<Record<string, unknown>>,
): Promise<number> {
  const since = typeof flags['since'] === 'string' ? timeOf(flags['since']) : undefined;
  return viewRegistry(name, loaded, flags, async ({ connector, write, language, ctx }) => {
    const sinceMs = since ?? ctx.clock.nowMs() - defaultDays * 86_400_000;
    const report = await readAudit(connector, sinceMs, ctx, ctx);
    write({
      json: () => auditDocument(report),
      table: (options) => tableOf(report, language, options),
      html: () => auditPage(report, language),
    });
    if (report.state === 'assessed') return exitCodes.fine;
    const isFine = report.state === 'partial' && loaded.values.allow?.includes('partial') === true;
    return isFine ? exitCodes.fine : exitCodes.notAssessed;
  });
}

function tableOf({ events, causes, since, state }: AuditReport, language: Language, options: TextOptions): string {
  const palette = paletteFor(options.colour);
  const lines = layoutTable<AuditEvent>(
    [
      { title: 'TIME', text: ({ time }) => inert(time.slice(0, 19)), dropOrder: 0, whole: true },
      { title: 'WHO', text: ({ principal }) => inert(principal), dropOrder: 0, whole: true },
      { title: 'WHAT', text: ({ operation }) => inert(operation), dropOrder: 0, whole: true },
      { title: 'REPOSITORY', text: ({ repository }) => inert(repository ?? '-'), dropOrder: 1, elastic: true },
      { title: 'TAG', text: ({ tag }) => inert(tag ?? '-'), dropOrder: 2, maxWidth: 32 },
      { title: 'DIGEST', text: ({ digest }) => digest?.slice(0, 19) ?? '-', dropOrder: 3, whole: true },
      {
        title: 'OUTCOME',
        text: ({ outcome }) => outcome,
        paint: ({ outcome }, cell) => (outcome === 'success' ? cell : palette.warn(cell)),
        dropOrder: 1,
      },
    ],
    events,
    options.width,
  );
  const end =
    state === 'unknown' ? [] : [...(events.length === 0 ? [] : ['']), `${events.length} events since ${since}`];
  const table = events.length === 0 ? [] : lines;
  return `${[...gapLines(causes, language, palette, options.width), ...table, ...end].join('\n')}\n`;
}
