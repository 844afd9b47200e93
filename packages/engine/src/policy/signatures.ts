// What signs and attests a subject, judged once for each anchor that the policies name.
import type { Context } from '@plombe/model';
import type { EvidenceNeeds, PolicyEvidence } from '@plombe/policy';
import { withParts } from '../attested/part.ts';
import type { Anchor } from '../trust/anchor.ts';
import { verifyAttestations, verifySubject, type Evidence } from '../trust/verify.ts';

/** Verifies everything needed. Throws nothing for bad input: each envelope gets its own result. */
export async function verifyNeeds(
  found: Evidence,
  needs: EvidenceNeeds,
  anchors: ReadonlyMap<string, Anchor>,
  ctx: Pick<Context, 'clock'>,
): Promise<Required<Pick<PolicyEvidence, 'signatures' | 'attestations'>>> {
  const { limits } = found.discovery;
  const signatures = [];
  for (const need of needs.signatures) {
    const anchor = anchors.get(need.id);
    if (anchor === undefined) continue;
    const annotations = need.kind === 'cosign' ? need.annotations : undefined;
    const demands = { anchor, ...(annotations === undefined ? {} : { annotations }) };
    const report = await verifySubject(found, demands, ctx);
    signatures.push({ anchor: need.id, results: report.signatures, limits });
  }
  const attestations = [];
  for (const {
    type,
    anchor: { id },
  } of needs.attestations) {
    const anchor = anchors.get(id);
    if (anchor === undefined) continue;
    const report = await verifyAttestations(found, { anchor, type });
    attestations.push({ anchor: id, type, results: report.attestations.map(withParts), limits });
  }
  return { signatures, attestations };
}
