// `plombe verify-attestation`: is there a statement of this type about an image, by whom it must be.
import {
  readPolicy,
  renderVerification,
  verificationDocument,
  verifyAttestations,
  verifyByPolicy,
  type Anchor,
  type Evidence,
} from '@plombe/engine';
import { inert, PlombeError } from '@plombe/kit';
import type { VerificationReport } from '@plombe/model';
import { predicateTypeUri } from '@plombe/trust';
import { anchorOf, annotationsOf, wayOf } from '../compose/anchor.ts';
import { openSession } from '../compose/context.ts';
import { keySources } from '../compose/keys.ts';
import { textOrJson } from '../compose/output.ts';
import { withEvidence } from '../compose/subject-registry.ts';
import { openVault } from '../compose/vault.ts';
import type { LoadedSettings } from '../settings/load.ts';
import { exitCodeOfVerdict } from './verify.ts';

/** Returns 0 verified, 1 rejected, 3 undecidable. Throws `config/invalid`, `registry/…`, `source/…` and what the anchors throw. */
export async function verifyAttestationCommand(
  subject: string,
  loaded: LoadedSettings,
  flags: Readonly<Record<string, unknown>>,
): Promise<number> {
  const output = textOrJson(loaded);
  const { values } = loaded;
  const { ctx } = openSession(values);
  const type = String(flags['type']);
  if (predicateTypeUri(type) === undefined) throw unknownType(type);
  const vault = openVault(values, ctx);
  try {
    const sources = keySources(process.env, vault);
    const policy = wayOf(flags) === 'policy' ? readPolicy(String(flags['policy'])) : undefined;
    const judge =
      policy === undefined
        ? anchorJudge(await anchorOf(flags, sources, {}), flags, type)
        : (found: Evidence) => verifyByPolicy(found, policy, { keys: sources }, ctx, type);
    const report = await withEvidence(subject, values, flags, ctx, judge);
    output({ json: verificationDocument(report), text: (options) => renderVerification(report, options) });
    return exitCodeOfVerdict(report.verdict);
  } finally {
    vault.close();
  }
}

function anchorJudge(
  anchor: Anchor,
  flags: Readonly<Record<string, unknown>>,
  type: string,
): (found: Evidence) => Promise<VerificationReport> {
  if (anchor.kind === 'notation') {
    throw new PlombeError('config/invalid', 'Notation has no attestations.', {
      remedy: 'Give --key, or --certificate-identity with --certificate-oidc-issuer and --trusted-root.',
    });
  }
  const threshold = typeof flags['threshold'] === 'number' ? flags['threshold'] : 1;
  const demands = { anchor, annotations: annotationsOf(flags), threshold, type };
  return (found) => verifyAttestations(found, demands);
}

/** The error for a `--type` that is neither a short name nor a URI. */
export function unknownType(type: string): PlombeError {
  return new PlombeError('config/invalid', `${inert(type)} is no predicate type.`, {
    remedy: 'Give slsaprovenance1, slsaprovenance, spdxjson, cyclonedx, vuln, vulns, vsa, svr, custom, or a URI.',
  });
}
