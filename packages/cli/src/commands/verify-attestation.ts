// `plombe verify-attestation`: is there a statement of this type about an image, by whom it must be.
import { gatherEvidence, renderVerification, verifyAttestations } from '@plombe/engine';
import { inert, PlombeError } from '@plombe/kit';
import { predicateTypeUri } from '@plombe/trust';
import { anchorOf, annotationsOf, wayOf } from '../compose/anchor.ts';
import { openSession } from '../compose/context.ts';
import { keySources } from '../compose/keys.ts';
import { textOrJson } from '../compose/output.ts';
import { openSubjectRegistry } from '../compose/subject-registry.ts';
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
  const annotations = annotationsOf(flags);
  const vault = openVault(values, ctx);
  try {
    if (wayOf(flags) === 'policy') throw new PlombeError('config/invalid', 'Use plombe policy check for policies.');
    const anchor = await anchorOf(flags, keySources(process.env, vault), undefined);
    if (anchor.kind === 'notation') {
      throw new PlombeError('config/invalid', 'Notation has no attestations.', {
        remedy: 'Give --key, or --certificate-identity with --certificate-oidc-issuer and --trusted-root.',
      });
    }
    const threshold = typeof flags['threshold'] === 'number' ? flags['threshold'] : 1;
    const { client, reference } = openSubjectRegistry(subject, values, flags, ctx);
    try {
      const evidence = await gatherEvidence(client, reference, ctx);
      const report = await verifyAttestations(evidence, { anchor, annotations, threshold, type });
      output({ json: report, text: (options) => renderVerification(report, options) });
      return exitCodeOfVerdict(report.verdict);
    } finally {
      client.close();
    }
  } finally {
    vault.close();
  }
}

/** The error for a `--type` that is neither a short name nor a URI. */
export function unknownType(type: string): PlombeError {
  return new PlombeError('config/invalid', `${inert(type)} is no predicate type.`, {
    remedy: 'Give slsaprovenance1, slsaprovenance, spdxjson, cyclonedx, vuln, vulns, vsa, svr, custom, or a URI.',
  });
}
