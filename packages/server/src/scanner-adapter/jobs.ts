// The queue of scans: a few at a time, each with a deadline, results kept for a while and within a size.
import { isPlombeError, messageOf, PlombeError, toHex } from '@plombe/kit';
import type { Context, ScanResult } from '@plombe/model';
import type { ReportKind, SbomMediaType } from './media-types.ts';
import { renderSbomReport, renderVulnerabilities } from './report.ts';
import type { ScanOrder } from './scan-request.ts';

/** How much is done and kept. */
export interface JobLimits {
  /** Scans at the same time. */
  readonly parallel: number;
  /** Scans that wait; more are refused. */
  readonly waiting: number;
  /** A scan is given up after this time. */
  readonly scanMs: number;
  /** Results are kept for this long, and at most that many bytes of them, the oldest going first. */
  readonly keepMs: number;
  readonly keepBytes: number;
}

/** Two scans keep two cores busy. Harbor asks for a report within seconds of its end; an hour outlasts a restart of Harbor. */
export const defaultJobLimits: JobLimits = {
  parallel: 2,
  waiting: 1000,
  scanMs: 30 * 60_000,
  keepMs: 60 * 60_000,
  keepBytes: 256 * 1024 * 1024,
};

/** What is wanted of a job: a report of vulnerabilities, or an SBOM in a format. */
export type Wanted = Exclude<ReportKind, 'sbom'> | SbomMediaType;

export type Outcome =
  | { readonly kind: 'running' }
  | { readonly kind: 'failed'; readonly message: string }
  | { readonly kind: 'done'; readonly reports: ReadonlyMap<Wanted, string> };

export interface Jobs {
  /** Takes a scan and returns its id; undefined where too many wait. */
  accept(order: ScanOrder): string | undefined;
  /** Undefined for an id that is not known (any more). */
  outcome(id: string): Outcome | undefined;
  /** Ends what runs and forgets everything. */
  close(): Promise<void>;
}

interface Job {
  readonly id: string;
  /** Gone as soon as the scan is over, with the login that is in it. */
  order: ScanOrder | undefined;
  outcome: Outcome;
  endedAtMs: number;
  bytes: number;
}

/** Creates a queue. `scan` does the work. */
export function createJobs(
  scan: (order: ScanOrder, ctx: Context) => Promise<ScanResult>,
  limits: JobLimits,
  ctx: Context,
): Jobs {
  const jobs = new Map<string, Job>();
  const waiting: Job[] = [];
  const running = new Set<Promise<void>>();
  const ended = new AbortController();

  function forget(): void {
    const finished = [...jobs.values()].filter(({ outcome }) => outcome.kind !== 'running');
    let bytes = finished.reduce((sum, job) => sum + job.bytes, 0);
    const oldest = ctx.clock.nowMs() - limits.keepMs;
    for (const job of finished.sort((a, b) => a.endedAtMs - b.endedAtMs)) {
      if (job.endedAtMs > oldest && bytes <= limits.keepBytes) return;
      jobs.delete(job.id);
      bytes -= job.bytes;
    }
  }

  async function run(job: Job, order: ScanOrder): Promise<void> {
    const tooLong = new AbortController();
    const timer = setTimeout(
      () =>
        tooLong.abort(new PlombeError('operation/cancelled', `Not finished after ${limits.scanMs / 1000} seconds.`)),
      limits.scanMs,
    );
    try {
      const signal = AbortSignal.any([ctx.signal, ended.signal, tooLong.signal]);
      const result = await scan(order, { ...ctx, signal });
      job.outcome = { kind: 'done', reports: render(order, result) };
      job.bytes = [...job.outcome.reports.values()].reduce((sum, text) => sum + text.length, 0);
    } catch (thrown) {
      const message = isPlombeError(thrown) ? `${thrown.message} ${thrown.remedy}` : messageOf(thrown);
      ctx.log.warn('scanner-adapter.failed', { id: job.id, digest: order.artifact.digest, cause: message });
      job.outcome = { kind: 'failed', message };
      job.bytes = message.length;
    } finally {
      clearTimeout(timer);
      job.order = undefined;
      job.endedAtMs = ctx.clock.nowMs();
      forget();
    }
  }

  function next(): void {
    while (running.size < limits.parallel) {
      const job = waiting.shift();
      if (job?.order === undefined) return;
      const work = run(job, job.order).finally(() => {
        running.delete(work);
        if (!ended.signal.aborted) next();
      });
      running.add(work);
    }
  }

  return {
    accept(order) {
      forget();
      if (waiting.length >= limits.waiting || ended.signal.aborted) return undefined;
      const id = toHex(ctx.random(16));
      const job: Job = { id, order, outcome: { kind: 'running' }, endedAtMs: 0, bytes: 0 };
      jobs.set(id, job);
      waiting.push(job);
      next();
      return id;
    },
    outcome: (id) => {
      forget();
      return jobs.get(id)?.outcome;
    },
    close: async () => {
      ended.abort(new PlombeError('operation/cancelled', 'The scanner was stopped.', { retryable: true }));
      waiting.splice(0);
      await Promise.all(running);
      jobs.clear();
    },
  };
}

function render({ artifact, reports, sboms }: ScanOrder, result: ScanResult): ReadonlyMap<Wanted, string> {
  return new Map<Wanted, string>([
    ...[...reports].map((kind): [Wanted, string] => [kind, renderVulnerabilities(result, artifact, kind)]),
    ...sboms.map((mediaType): [Wanted, string] => [mediaType, renderSbomReport(result, artifact, mediaType)]),
  ]);
}
