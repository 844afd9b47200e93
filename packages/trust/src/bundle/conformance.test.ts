// All cases of sigstore-conformance, by name, with the artifact's bytes and with its digest alone.
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { isPlombeError } from '@plombe/kit';
import type { Digest } from '@plombe/model';
import { describe, expect, it } from 'vitest';
import { readPublicKey, type PublicKey } from '../keys/public-key.ts';
import { parseTrustedRoot } from '../root/trusted-root.ts';
import { beacon, caseFile, casesFolder, publicGoodRoot } from '../testing/vectors.ts';
import { verifyBundle, type SigstoreResult } from './verify.ts';

const cases = [
  'bundle-empty-certificate-chain_fail',
  'bundle-from-wrong-instance_fail',
  'bundle-invalid-base64-signature_fail',
  'bundle-malformed-json_fail',
  'bundle-negative-log-index_fail',
  'bundle-unknown-version_fail',
  'bundle-with-root-cert_fail',
  'bundle-with-sct-with-extensions',
  'checkpoint-bad-keyhint_fail',
  'checkpoint-wrong-roothash_fail',
  'dsse-invalid-sig_fail',
  'dsse-mismatch-envelope_fail',
  'dsse-mismatch-sig_fail',
  'happy-path-intoto-in-dsse-v3',
  'happy-path-v0.1',
  'happy-path-v0.2',
  'happy-path-v0.3',
  'happy-path-v0.3-new-mediaType',
  'inclusion-proof-corrupted-hash_fail',
  'incorrect-public-key_fail',
  'integrated-time-in-future_fail',
  'intoto-expired-certificate_fail',
  'intoto-log-entry-mismatch_fail',
  'intoto-missing-inclusion-proof_fail',
  'intoto-set-outside-signing-cert-validity_fail',
  'intoto-tsa-timestamp-outside-cert-validity_fail',
  'intoto-with-custom-trust-root',
  'invalid-checkpoint-signature_fail',
  'invalid-ct-key_fail',
  'invalid-inclusion-proof_fail',
  'managed-key-and-trusted-root',
  'managed-key-happy-path',
  'managed-key-no-key_fail',
  'managed-key-wrong-key_fail',
  'message-digest-mismatch_fail',
  'rekor2-checkpoint-cosigned',
  'rekor2-checkpoint-missing-log-signature_fail',
  'rekor2-checkpoint-missing-origin_fail',
  'rekor2-checkpoint-missing-root-hash_fail',
  'rekor2-checkpoint-missing-size_fail',
  'rekor2-checkpoint-multiple-cosigs',
  'rekor2-checkpoint-no-matching-signature_fail',
  'rekor2-checkpoint-origin-not-first',
  'rekor2-checkpoint-two-sigs-cosigned',
  'rekor2-checkpoint-two-sigs-from-origin',
  'rekor2-dsse-happy-path',
  'rekor2-dsse-invalid-sig_fail',
  'rekor2-dsse-mismatch-envelope_fail',
  'rekor2-dsse-mismatch-sig_fail',
  'rekor2-happy-path',
  'rekor2-no-inclusion-proof_fail',
  'rekor2-no-timestamp_fail',
  'rekor2-timestamp-outside-trust-root-tsa-validity_fail',
  'rekor2-timestamp-outside-tsa-cert-validity_fail',
  'rekor2-timestamp-payload-mismatch_fail',
  'rekor2-timestamp-untrusted-tsa-with-embedded-cert_fail',
  'rekor2-timestamp-untrusted-tsa-without-embedded-cert_fail',
  'rekor2-timestamp-with-embedded-cert',
  'rekor2-timestamp-with-expired-cert-chain',
  'rekor2-timestamp-with-incorrect-time_fail',
  'rekor2-timestamp-without-embedded-cert',
  'set-invalid-signature_fail',
  'signature-mismatch_fail',
  'trust-root-tlog-missing-validity-start_fail',
  'trust-root-tlog-validity-end-inclusive',
  'trust-root-tsa-validity-end-inclusive',
  'wrong-hashedrekord-artifact_fail',
  'wrong-hashedrekord-cert-and-sig_fail',
  'wrong-hashedrekord-entry_fail',
  'wrong-material_fail',
] as const;

/** Cases whose trust cannot even be read, so that nothing is verified: no start of a validity, and a key that is no point of its curve. */
const unusableTrust = ['trust-root-tlog-missing-validity-start_fail', 'managed-key-wrong-key_fail'];

function verifyCase(
  name: string,
  withBytes: boolean,
  bundle: Uint8Array | string = caseFile(name, 'bundle.sigstore.json') ?? '',
): SigstoreResult | 'unusable trust' {
  const bytes = caseFile(name, 'artifact') ?? readFileSync(`${casesFolder ?? ''}/a.txt`);
  const digest = `sha256:${createHash('sha256').update(bytes).digest('hex')}` as Digest;
  const key = caseFile(name, 'key.pub');
  const own = caseFile(name, 'trusted_root.json');
  const parsed = own === undefined ? { kind: 'parsed' as const, value: publicGoodRoot() } : parseTrustedRoot(own);
  const keys = key === undefined ? [] : attemptKey(key.toString());
  if (parsed.kind !== 'parsed' || keys === undefined) return 'unusable trust';
  const subject = { exact: caseFile(name, 'identity')?.toString().trim() ?? beacon.subject };
  const issuer = { exact: caseFile(name, 'issuer')?.toString().trim() ?? beacon.issuer };
  return verifyBundle({
    bundle,
    subject: withBytes ? { digest, bytes } : { digest },
    expect: { kind: 'any' },
    trust: {
      trustedRoot: parsed.value,
      anchor: key === undefined ? { kind: 'identities', rules: [{ subject, issuer }] } : { kind: 'keys', keys },
    },
  });
}

function attemptKey(pem: string): readonly PublicKey[] | undefined {
  try {
    return [readPublicKey(pem)];
  } catch (error) {
    if (isPlombeError(error, 'trust/key-invalid')) return undefined;
    throw error;
  }
}

describe.skipIf(casesFolder === undefined)('sigstore-conformance', () => {
  it('is listed here whole', () => {
    const folders = readdirSync(casesFolder ?? '', { withFileTypes: true }).filter((entry) => entry.isDirectory());
    expect(folders.map(({ name }) => name).sort()).toEqual([...cases]);
  });

  describe.each([true, false])('artifact given: %s', (withBytes) => {
    it.each(cases)('%s', (name) => {
      const result = verifyCase(name, withBytes);
      if (result === 'unusable trust') expect(unusableTrust).toContain(name);
      else {
        const failed = result.checks.filter(({ outcome }) => outcome === 'fail');
        expect({ verdict: result.verdict, failed: failed.map(({ id }) => id) }).toEqual(
          name.endsWith('_fail')
            ? { verdict: 'rejected', failed: expect.arrayContaining([expect.any(String)]) }
            : { verdict: 'verified', failed: [] },
        );
      }
    });
  });

  it('rejects the incorrect time also where the base64 is whole', () => {
    const name = 'rekor2-timestamp-with-incorrect-time_fail';
    const json = JSON.parse(caseFile(name, 'bundle.sigstore.json')?.toString() ?? '', (key, value: unknown) =>
      key === 'signedTimestamp' ? String(value).replaceAll(/\s/g, '') : value,
    ) as object;
    const result = verifyCase(name, true, JSON.stringify(json));
    if (result === 'unusable trust') throw new Error(result);
    expect(result.checks.filter(({ outcome }) => outcome === 'fail').map(({ id }) => id)).toEqual([
      'certificate-chain',
    ]);
  });
});
