// Certificates, revocation and time stamps for tests of Notary Project signatures: an authority of the day, and its servers on the loopback.
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { derImplicit, derOid, derSequence, derTagged, purpose } from '@plombe/pki';
import { issue, testExtension, type Issued, type TestCertificate } from '@plombe/pki/testing';
import { issueTimestamper } from '@plombe/pki/testing/timestamp';

const dayMs = 86_400_000;

/** Valid from yesterday to tomorrow. */
const current = { notBeforeMs: Date.now() - dayMs, notAfterMs: Date.now() + dayMs } as const;

/** A root that issues signing certificates and those of a time stamp authority. */
export interface TestAuthority {
  readonly root: Issued;
  issue(options?: TestCertificate): Issued;
  timestamper(): Issued;
}

/** Makes a root of the day. */
export function makeAuthority(name = 'CN=Test Root'): TestAuthority {
  const root = issue({ ...current, subject: [name], ca: true });
  return {
    root,
    issue: (options = {}) =>
      issue({
        ...current,
        subject: ['C=DE', 'ST=Berlin', 'O=Example', 'CN=signer'],
        issuer: root,
        purposes: [purpose.codeSigning],
        ...options,
      }),
    timestamper: () => issueTimestamper({ ...current, issuer: root, keyUsage: [0] }),
  };
}

/** Extensions that lead to a revocation list and to a responder. */
export function revocationExtensions(urls: { readonly crl?: string; readonly ocsp?: string }): readonly Uint8Array[] {
  const uri = (text: string): Uint8Array => derImplicit(6, Buffer.from(text));
  return [
    ...(urls.crl === undefined
      ? []
      : [testExtension('2.5.29.31', derSequence(derSequence(derTagged(0, derTagged(0, uri(urls.crl))))))]),
    ...(urls.ocsp === undefined
      ? []
      : [testExtension('1.3.6.1.5.5.7.1.1', derSequence(derSequence(derOid('1.3.6.1.5.5.7.48.1'), uri(urls.ocsp))))]),
  ];
}

/** Writes key and chain as files; returns `PREFIX.key` and `PREFIX.pem` without their ends. */
export function writeSigner(folder: string, name: string, leaf: Issued, ...above: readonly Issued[]): string {
  const prefix = join(folder, name);
  writeFileSync(`${prefix}.key`, leaf.key.export({ format: 'pem', type: 'pkcs8' }));
  writeFileSync(`${prefix}.pem`, [leaf, ...above].map(({ pem }) => pem).join(''));
  return prefix;
}

/** What a trust policy and its store hold. */
export interface TrustOptions {
  readonly level: string;
  readonly scopes?: readonly string[];
  readonly identities?: readonly string[];
  readonly ca: readonly Issued[];
  readonly tsa?: readonly Issued[];
}

/** Writes `NAME.json` and the trust store `NAME/x509/…`; returns the flags that name them. */
export function writeTrust(folder: string, name: string, options: TrustOptions): readonly string[] {
  const stores = { ca: options.ca, ...(options.tsa === undefined ? {} : { tsa: options.tsa }) };
  for (const [type, roots] of Object.entries(stores)) {
    mkdirSync(join(folder, name, 'x509', type, 'test'), { recursive: true });
    for (const [index, { pem }] of roots.entries()) {
      writeFileSync(join(folder, name, 'x509', type, 'test', `${index}.pem`), pem);
    }
  }
  const policy = {
    version: '1.0',
    trustPolicies: [
      {
        name: 'test',
        registryScopes: options.scopes ?? ['*'],
        signatureVerification: { level: options.level },
        ...(options.level === 'skip'
          ? {}
          : {
              trustStores: Object.keys(stores).map((type) => `${type}:test`),
              trustedIdentities: options.identities ?? ['*'],
            }),
      },
    ],
  };
  writeFileSync(join(folder, `${name}.json`), JSON.stringify(policy));
  return ['--trust-policy', join(folder, `${name}.json`), '--trust-store', join(folder, name)];
}

/** Serves answers by path until the test ends; returns the address, and collects what was asked. */
export async function serve(
  answer: (path: string, body: Buffer) => { readonly status?: number; readonly body: Uint8Array },
): Promise<{ readonly url: string; readonly asked: readonly string[] }> {
  const asked: string[] = [];
  const server = createServer((request, response) => {
    void Array.fromAsync(request as AsyncIterable<Buffer>).then((chunks) => {
      asked.push(`${request.method} ${request.url}`);
      const { status = 200, body } = answer(request.url ?? '', Buffer.concat(chunks));
      response.writeHead(status);
      response.end(body);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, asked };
}

/** Serves time stamps by `openssl ts`. */
export async function serveTimestamps(
  signer: Issued,
): Promise<{ readonly url: string; readonly asked: readonly string[] }> {
  const folder = mkdtempSync(join(tmpdir(), 'plombe-tsa-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  writeSigner(folder, 'tsa', signer);
  writeFileSync(join(folder, 'serial'), '01\n');
  const lines = [
    '[tsa]',
    'default_tsa = authority',
    '[authority]',
    `serial = ${folder}/serial`,
    `signer_cert = ${folder}/tsa.pem`,
    `signer_key = ${folder}/tsa.key`,
    'signer_digest = sha256',
    'default_policy = 1.2.3.4',
    'digests = sha256, sha384, sha512',
    'ess_cert_id_alg = sha256',
  ];
  writeFileSync(join(folder, 'tsa.cnf'), `${lines.join('\n')}\n`);
  return serve((_, body) => {
    writeFileSync(join(folder, 'query'), body);
    const args = ['ts', '-reply', '-config', join(folder, 'tsa.cnf'), '-queryfile', join(folder, 'query')];
    const { status, stderr } = spawnSync('openssl', [...args, '-out', join(folder, 'reply')]);
    return status === 0 ? { body: readFileSync(join(folder, 'reply')) } : { status: 500, body: stderr };
  });
}
