// `plombe verify`: is an image signed by whom it must be; or a file, by the bundle beside it.
import {
  createServiceClient,
  gatherEvidence,
  renderVerification,
  revocationFetch,
  verifyBundleFile,
  verifySubject,
} from '@plombe/engine';
import { PlombeError } from '@plombe/kit';
import type { VerificationReport, Verdict } from '@plombe/model';
import { anchorOf, annotationsOf, wayOf } from '../compose/anchor.ts';
import { openSession } from '../compose/context.ts';
import { keySources } from '../compose/keys.ts';
import { textOrJson } from '../compose/output.ts';
import { networkOptions, openSubjectRegistry } from '../compose/subject-registry.ts';
import { openVault } from '../compose/vault.ts';
import type { LoadedSettings } from '../settings/load.ts';
import { exitCodes } from '../terminal/failure.ts';

type Flags = Readonly<Record<string, unknown>>;

/** Returns 0 verified, 1 rejected, 3 undecidable. Throws `config/invalid`, `registry/…`, `source/…` and what the anchors throw. */
export async function verifyCommand(subject: string, loaded: LoadedSettings, flags: Flags): Promise<number> {
  const output = textOrJson(loaded);
  const { values } = loaded;
  const { ctx } = openSession(values);
  const annotations = annotationsOf(flags);
  const services = createServiceClient(networkOptions(values), ctx);
  const vault = openVault(values, ctx);
  try {
    if (wayOf(flags) === 'policy') throw new PlombeError('config/invalid', 'Use plombe policy check for policies.');
    const revocation = {
      fetch: revocationFetch(services),
      signal: ctx.signal,
      random: (size: number) => ctx.random(size),
    };
    const anchor = await anchorOf(flags, keySources(process.env, vault), revocation);
    const threshold = typeof flags['threshold'] === 'number' ? flags['threshold'] : 1;
    let report: VerificationReport;
    if (typeof flags['bundle'] === 'string') {
      report = verifyBundleFile(flags['bundle'], subject, { anchor, annotations, threshold });
    } else {
      const { client, reference } = openSubjectRegistry(subject, values, flags, ctx);
      try {
        report = await verifySubject(
          await gatherEvidence(client, reference, ctx),
          { anchor, annotations, threshold },
          ctx,
        );
      } finally {
        client.close();
      }
    }
    output({ json: report, text: (options) => renderVerification(report, options) });
    return exitCodeOfVerdict(report.verdict);
  } finally {
    services.close();
    vault.close();
  }
}

/** Verdict → exit code, docs/cli.md. */
export function exitCodeOfVerdict(verdict: Verdict): number {
  if (verdict === 'verified') return exitCodes.fine;
  return verdict === 'rejected' ? exitCodes.findings : exitCodes.notAssessed;
}
