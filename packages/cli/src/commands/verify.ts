// `plombe verify`: is an image signed by whom it must be; or a file, by the bundle beside it.
import {
  createServiceClient,
  gatherEvidence,
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
import type { Context, VerificationReport, Verdict } from '@plombe/model';
import { anchorOf, annotationsOf, pluginConfigOf, wayOf } from '../compose/anchor.ts';
import { openSession } from '../compose/context.ts';
import { keySources } from '../compose/keys.ts';
import { textOrJson } from '../compose/output.ts';
import { pluginFinder } from '../compose/plugin.ts';
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
    const report =
      typeof flags['bundle'] === 'string'
        ? judge.file(flags['bundle'], subject)
        : await judgeSubject(subject, loaded, flags, ctx, judge);
    output({ json: verificationDocument(report), text: (options) => renderVerification(report, options) });
    return exitCodeOfVerdict(report.verdict);
  } finally {
    services.close();
    vault.close();
  }
}

/** How what was found is judged. */
interface Judge {
  subject(found: Evidence): Promise<VerificationReport>;
  file(bundle: string, artifact: string): VerificationReport;
}

function anchorJudge(demands: Demands, ctx: Context): Judge {
  return {
    subject: (found) => verifySubject(found, demands, ctx),
    file: (bundle, artifact) => verifyBundleFile(bundle, artifact, demands),
  };
}

function policyJudge(path: string, sources: Parameters<typeof verifyByPolicy>[2], ctx: Context): Judge {
  const policy = readPolicy(path);
  return {
    subject: (found) => verifyByPolicy(found, policy, sources, ctx),
    file: () => {
      throw new PlombeError(
        'config/invalid',
        'A policy is about images, not about files: --policy does not go with --bundle.',
      );
    },
  };
}

async function judgeSubject(
  subject: string,
  { values }: LoadedSettings,
  flags: Flags,
  ctx: Context,
  judge: Judge,
): Promise<VerificationReport> {
  const { client, reference } = openSubjectRegistry(subject, values, flags, ctx);
  try {
    return await judge.subject(await gatherEvidence(client, reference, ctx));
  } finally {
    client.close();
  }
}

/** Verdict → exit code, docs/cli.md. */
export function exitCodeOfVerdict(verdict: Verdict): number {
  if (verdict === 'verified') return exitCodes.fine;
  return verdict === 'rejected' ? exitCodes.findings : exitCodes.notAssessed;
}
