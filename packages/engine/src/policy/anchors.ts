// Anchors as a policy names them → what signatures are verified with: keys, identities, trust roots, trust stores.
import type { EvidenceNeeds, PolicyAnchor } from '@plombe/policy';
import type { Anchor } from '../trust/anchor.ts';
import type { KeySources } from '../trust/keys.ts';
import { openNotationAnchor, openSigstoreAnchor, type NotationSources } from '../trust/open-anchor.ts';

/** What anchors are opened with: keys, the state of certificates and Notation's plugins. */
export interface AnchorSources extends NotationSources {
  readonly keys: KeySources;
}

/** Opens every anchor once, by its id. Throws `source/…`, `config/invalid`, `trust/…` and `notation/…` for what is not valid. */
export async function openAnchors(needs: EvidenceNeeds, sources: AnchorSources): Promise<ReadonlyMap<string, Anchor>> {
  const named = new Map<string, PolicyAnchor>();
  for (const anchor of [...needs.signatures, ...needs.attestations.map((need) => need.anchor)])
    named.set(anchor.id, anchor);
  const opened = await Promise.all(
    [...named.values()].map(async (anchor) => [anchor.id, await openAnchor(anchor, sources)] as const),
  );
  return new Map(opened);
}

function openAnchor(anchor: PolicyAnchor, { keys, ...asked }: AnchorSources): Promise<Anchor> {
  if (anchor.kind === 'notation') return openNotationAnchor(anchor, asked);
  const { key, ...names } = anchor;
  return openSigstoreAnchor({ ...names, keys: key === undefined ? [] : [key] }, keys);
}
