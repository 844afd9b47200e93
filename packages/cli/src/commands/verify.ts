// `plombe verify`: is an image signed by whom it must be; or are files, by the bundle beside them.
import {
  createServiceClient,
  readPolicy,
  renderVerification,
  verificationDocument,
  verificationPlugins,
  revocationFetch,
  verifyBundleFile,
  verifyByPolicy,
  verifySubject,
  type Demands,
  type Evidence,
} from '@plombe/engine';
import { PlombeError } from '@plombe/kit';
import { worstVerdict, type Context, type Verdict, type VerificationReport } from '@plombe/model';
import { anchorOf, annotationsOf, pluginConfigOf, wayOf } from '../compose/anchor.ts';
import { openSession } from '../compose/context.ts';
import { keySources } from '../compose/keys.ts';
import { textOrJson } from '../compose/output.ts';
import { pluginFinder } from '../compose/plugin.ts';
import { networkOptions, withEvidence } from '../compose/subject-registry.ts';
import { openVault } from '../compose/vault.ts';
import type { LoadedSettings } from '../settings/load.ts';
import { exitCodes } from '../terminal/failure.ts';

type Flags = Readonly<Record<string, unknown>>;

/**
 * Returns 0 verified, 1 rejected, 3 undecidable; of several files the worst counts. Throws `config/invalid`, `registry/…`, `source/…` and what
 * the anchors throw.
 */
export async function verifyCommand(
  subjects: readonly string[],
  loaded: LoadedSettings,
  flags: Flags,
): Promise<number> {
  const output = textOrJson(loaded);
  const bundle = typeof flags['bundle'] === 'string' ? flags['bundle'] : undefined;
  const [subject = ''] = subjects;
  if (bundle === undefined && subjects.length > 1) {
    throw new PlombeError('config/invalid', 'Images are verified one at a time; only --bundle takes several files.');
  }
  const { values } = loaded;
  const { ctx } = openSession(values);
  const annotations = annotationsOf(flags);
  const services = createServiceClient(networkOptions(values), ctx);
  const vault = openVault(values, ctx);
  try {
    const way = wayOf(flags);
    const sources = keySources(process.env, vault);
    const revocation = {
      fetch: revocationFetch(services),
      signal: ctx.signal,
      random: (sizeBytes: number) => ctx.random(sizeBytes),
    };
    const plugin = verificationPlugins(pluginFinder(process.env, ctx.signal), pluginConfigOf(flags));
    const threshold = typeof flags['threshold'] === 'number' ? flags['threshold'] : 1;
    const judge =
      way === 'policy'
        ? policyJudge(String(flags['policy']), { keys: sources, revocation, plugin }, ctx)
        : anchorJudge({ anchor: await anchorOf(flags, sources, { revocation, plugin }), annotations, threshold }, ctx);
    const reports =
      bundle === undefined
        ? [await withEvidence(subject, values, flags, ctx, (found) => judge.subject(found))]
        : judge.files(bundle, subjects);
    const verdict = worstVerdict(reports.map((report) => report.verdict));
    const documents = reports.map(verificationDocument);
    output({
      json: documents.length === 1 ? documents[0] : { verdict, artifacts: documents },
      text: (options) => reports.map((report) => renderVerification(report, options)).join(''),
    });
    return exitCodeOfVerdict(verdict);
  } finally {
    services.close();
    vault.close();
  }
}

/** How what was found is judged. */
interface Judge {
  subject(found: Evidence): Promise<VerificationReport>;
  files(bundle: string, artifacts: readonly string[]): readonly VerificationReport[];
}

function anchorJudge(demands: Demands, ctx: Context): Judge {
  return {
    subject: (found) => verifySubject(found, demands, ctx),
    files: (bundle, artifacts) => verifyBundleFile(bundle, artifacts, demands),
  };
}

function policyJudge(path: string, sources: Parameters<typeof verifyByPolicy>[2], ctx: Context): Judge {
  const policy = readPolicy(path);
  return {
    subject: (found) => verifyByPolicy(found, policy, sources, ctx),
    files: () => {
      throw new PlombeError(
        'config/invalid',
        'A policy is about images, not about files: --policy does not go with --bundle.',
      );
    },
  };
}

/** Verdict → exit code, docs/cli.md. */
export function exitCodeOfVerdict(verdict: Verdict): number {
  if (verdict === 'verified') return exitCodes.fine;
  return verdict === 'rejected' ? exitCodes.findings : exitCodes.notAssessed;
}
