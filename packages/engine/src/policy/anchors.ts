// Anchors as a policy names them → what signatures are verified with: keys, identities, trust roots, trust stores.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { inert, mebibyte, PlombeError } from '@plombe/kit';
import { parseOciTrustPolicy, readTrustStore, trustStoreOnDisk, type RevocationSource } from '@plombe/notation';
import type { CosignAnchor, EvidenceNeeds, NotationAnchor, PolicyAnchor } from '@plombe/policy';
import { compilePattern, parseTrustedRoot, type Trust, type TrustedRoot } from '@plombe/trust';
import type { Anchor } from '../trust/anchor.ts';
import { readSmallFile } from '../trust/files.ts';
import { openPublicKey, type KeySources } from '../trust/keys.ts';

/** Public-good's trusted root has 30 KiB. */
const maxTrustFileBytes = 4 * mebibyte;

/** What anchors are opened with. */
export interface AnchorSources {
  readonly keys: KeySources;
  /** How the state of certificates is asked; absent: it stays unknown. */
  readonly revocation?: RevocationSource;
}

/** Opens every anchor once, by its id. Throws `source/…`, `policy/invalid`, `trust/…` and `notation/…` for what is not valid. */
export async function openAnchors(needs: EvidenceNeeds, sources: AnchorSources): Promise<ReadonlyMap<string, Anchor>> {
  const named = new Map<string, PolicyAnchor>();
  for (const anchor of [...needs.signatures, ...needs.attestations.map((need) => need.anchor)])
    named.set(anchor.id, anchor);
  const opened = await Promise.all(
    [...named.values()].map(async (anchor) => [anchor.id, await openAnchor(anchor, sources)] as const),
  );
  return new Map(opened);
}

function openAnchor(anchor: PolicyAnchor, sources: AnchorSources): Promise<Anchor> {
  return anchor.kind === 'notation' ? openNotation(anchor, sources) : openSigstore(anchor, sources);
}

async function openSigstore(anchor: CosignAnchor, { keys }: AnchorSources): Promise<Anchor> {
  const { key, trustedRoot } = anchor;
  const trust: Trust = {
    anchor: key === undefined ? identityOf(anchor) : { kind: 'keys', keys: [await openPublicKey(key, keys)] },
    ...(trustedRoot === undefined ? {} : { trustedRoot: readRoot(trustedRoot) }),
    ...(anchor.requireLog === true ? { requireLogs: 1 } : {}),
    ...(anchor.requireTimestamp === true ? { requireTimestamps: 1 } : {}),
  };
  return { kind: 'sigstore', trust };
}

function identityOf({
  certificateIdentity,
  certificateIdentityRegexp = '',
  oidcIssuer = '',
}: CosignAnchor): Trust['anchor'] {
  const issuer = { exact: oidcIssuer };
  if (certificateIdentity !== undefined) {
    return { kind: 'identities', rules: [{ subject: { exact: certificateIdentity }, issuer }] };
  }
  const pattern = compilePattern(certificateIdentityRegexp);
  if (pattern.kind === 'parsed')
    return { kind: 'identities', rules: [{ subject: { pattern: pattern.value }, issuer }] };
  throw new PlombeError('policy/invalid', `certificateIdentityRegexp is not valid: ${inert(pattern.message)}.`);
}

function readRoot(path: string): TrustedRoot {
  const root = parseTrustedRoot(readSmallFile(path, 'The trusted root', maxTrustFileBytes));
  if (root.kind === 'parsed') return root.value;
  throw new PlombeError('policy/invalid', `The trusted root ${inert(path)} is not valid: ${inert(root.message)}.`);
}

async function openNotation(
  { trustPolicy, trustStore }: NotationAnchor,
  { revocation }: AnchorSources,
): Promise<Anchor> {
  const policy = parseOciTrustPolicy(readSmallFile(trustPolicy, 'The trust policy', maxTrustFileBytes));
  // Both the folder `truststore` itself and the one that holds it are in use.
  const inner = join(trustStore, 'truststore');
  const folder = !existsSync(join(trustStore, 'x509')) && existsSync(join(inner, 'x509')) ? inner : trustStore;
  if (!existsSync(folder)) throw new PlombeError('source/not-found', `There is no trust store ${inert(trustStore)}.`);
  const store = await readTrustStore(trustStoreOnDisk(folder));
  return { kind: 'notation', policy, store, ...(revocation === undefined ? {} : { revocation }) };
}
