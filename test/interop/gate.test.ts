// The gate and the real notation: an image in quarantine that it signs is there when it ends.
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { startGateProgram } from '../support/gate.ts';
import { hasProgram } from '../support/plombe.ts';
import { endAll } from './support/ending.ts';
import { openNotation } from './support/notation.ts';
import { openAuthority } from './support/openssl.ts';
import { missingPeers } from './support/peers.ts';

afterAll(endAll);
const missing = missingPeers('notation', 'openssl');
const policy = `apiVersion: plombe/v1
kind: Policy
metadata: {name: signed}
spec:
  onViolation: quarantine
  signatures: {anyOf: [{notation: {trustPolicy: .config/notation/trustpolicy.json, trustStore: .config/notation/truststore}}]}
`;

describe.skipIf(missing.length > 0 || !hasProgram('skopeo'))('notation', () => {
  it.each(['jws', 'cose'] as const)('signs what is in quarantine, as %s', async (format) => {
    const gate = await startGateProgram({ 'signed.yaml': policy }, [], async (home) => {
      const authority = await openAuthority(join(home, 'ca'), 'root');
      const notation = openNotation(home);
      notation.addKeys({ p256: await authority.issue('p256', { kind: 'p256' }) });
      notation.trustRoot('ca', 'test', authority.root);
      notation.writePolicy();
    });
    const to = `${gate.host}/signed/app:1`;
    const pushed = await gate.say(
      'pusher',
      'skopeo',
      'copy',
      '--quiet',
      '--insecure-policy',
      '--dest-tls-verify=false',
      `oci:${gate.layout}:clean`,
      `docker://${to}`,
    );
    expect(pushed, pushed.text).toMatchObject({ ok: true });
    expect(await gate.status('reader', 'signed/app', '1')).toBe(404);
    const signed = await gate.say(
      'signer',
      'notation',
      'sign',
      '--key',
      'p256',
      '--signature-format',
      format,
      '--insecure-registry',
      to,
    );
    expect(signed, signed.text).toMatchObject({ ok: true });
    expect(await gate.status('reader', 'signed/app', '1')).toBe(200);
  });
});
