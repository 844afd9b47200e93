// What a policy names is what signatures are verified with.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { anchorsOf, parsePolicy } from '@plombe/policy';
import { generatePrivateKey, publicKeyPem, signerOf } from '@plombe/trust';
import { openAnchors } from './anchors.ts';

const folder = mkdtempSync(join(tmpdir(), 'plombe-anchors-'));
const keys = {
  variable: () => undefined,
  passphrase: '',
  vault: { open: () => Promise.reject(new Error('no vault')) },
};
const identity = 'oidcIssuer: https://issuer.example.com, trustedRoot: root.json';

const open = (anchors: string) => {
  const text = `apiVersion: plombe/v1\nkind: Policy\nmetadata: {name: p}\nspec: {signatures: {anyOf: [${anchors}]}}\n`;
  return openAnchors(anchorsOf([parsePolicy(text, join(folder, 'policy.yaml'))]), { keys });
};

beforeAll(async () => {
  const { publicKey } = signerOf(await generatePrivateKey('ecdsa-p256'));
  writeFileSync(join(folder, 'a.pub'), publicKeyPem(publicKey));
  const empty = { tlogs: [], certificateAuthorities: [], ctlogs: [], timestampAuthorities: [] };
  writeFileSync(
    join(folder, 'root.json'),
    JSON.stringify({ mediaType: 'application/vnd.dev.sigstore.trustedroot+json;version=0.1', ...empty }),
  );
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('anchors of a policy', () => {
  it('opens a key once, however often it is named', async () => {
    const opened = await open('{cosign: {key: a.pub}}, {cosign: {key: ./a.pub}}');
    expect([...opened.values()]).toMatchObject([{ kind: 'sigstore', trust: { anchor: { kind: 'keys', keys: [{}] } } }]);
  });

  it('opens identities, exact or by pattern, under the trusted root', async () => {
    const opened = await open(
      `{cosign: {certificateIdentity: a@example.com, ${identity}, requireLog: true}}, {cosign: {certificateIdentityRegexp: ".*@example[.]com", ${identity}}}`,
    );
    const issuer = { exact: 'https://issuer.example.com' };
    expect([...opened.values()]).toMatchObject([
      {
        trust: {
          requireLogs: 1,
          trustedRoot: {},
          anchor: { rules: [{ subject: { exact: 'a@example.com' }, issuer }] },
        },
      },
      {
        trust: { trustedRoot: {}, anchor: { rules: [{ subject: { pattern: expect.anything() as unknown }, issuer }] } },
      },
    ]);
  });

  it.each([
    ['{cosign: {key: absent.pub}}', 'absent.pub'],
    [`{cosign: {certificateIdentityRegexp: "(", ${identity}}}`, 'The pattern of the certificate identity is not valid'],
    ['{cosign: {certificateIdentity: a, oidcIssuer: b, trustedRoot: a.pub}}', 'The trusted root'],
    ['{notation: {trustPolicy: absent.json, trustStore: truststore}}', 'absent.json'],
  ])('refuses %s', async (anchors, message) => {
    await expect(open(anchors)).rejects.toThrow(message);
  });
});
