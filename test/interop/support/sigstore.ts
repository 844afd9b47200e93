// A private Sigstore on the loopback: Rekor v2, Fulcio, a certificate log, an OpenID issuer and a time stamp authority.
import { generateKeyPairSync } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { serveAuthority } from './authority-server.ts';
import { startCertificateLog, type CertificateLog } from './certificate-log.ts';
import { startIssuer, type OpenIdIssuer } from './openid.ts';
import { openAuthority } from './openssl.ts';
import { done, peer } from './peers.ts';
import { freePort, startServing } from './servers.ts';

export interface PrivateSigstore {
  readonly issuer: OpenIdIssuer;
  /** Signing configuration with all services. */
  readonly signingConfig: string;
  /** With log and time stamps only, for keys. */
  readonly keyedConfig: string;
  readonly trustedRoot: string;
  /** A second Fulcio, without a certificate log, and time stamps; its root knows no log of any kind. */
  readonly unlogged: { readonly signingConfig: string; readonly trustedRoot: string };
  /** Of another log and another time stamp authority. */
  readonly strangeRoot: string;
  readonly timestampUrl: string;
  /** PEM of the authority's root; its chain, leaf first; that of another one. */
  readonly stampRoot: string;
  readonly stampChain: string;
  readonly strangeChain: string;
}

const since = 'start-time=2025-01-01T00:00:00Z';

/** Starts everything below `folder`; it ends with the test file. */
export async function startSigstore(folder: string): Promise<PrivateSigstore> {
  mkdirSync(folder, { recursive: true });
  const file = (name: string): string => join(folder, name);
  const stamps = await openAuthority(file('tsa'), 'stamps');
  const stampServer = await serveAuthority(stamps);
  const stamper = await stamps.issue('stamper', { timestamping: true });
  stampServer.stampWith(stamper);
  const rekor = await startRekor(file('rekor'));
  const issuer = await startIssuer();
  const log = await startCertificateLog();
  const fulcio = await startFulcio(file('fulcio'), issuer, log);
  const second = await startFulcio(file('fulcio-unlogged'), issuer, undefined);
  writeFileSync(file('certificate-log.pub'), log.publicKey);
  const cosign = peer('cosign', file('cosign'));
  const keyed = [
    `--rekor=url=${rekor.url},api-version=2,${since},operator=test`,
    '--rekor-config=ANY',
    `--tsa=url=${stampServer.timestampUrl},api-version=1,${since},operator=test`,
    '--tsa-config=ANY',
  ];
  await done(cosign(['signing-config', 'create', ...keyed, '--out', file('keyed.json')]));
  const full = [
    ...keyed,
    `--fulcio=url=${fulcio.url},api-version=1,${since},operator=test`,
    `--oidc-provider=url=${issuer.url},api-version=1,${since},operator=test`,
  ];
  await done(cosign(['signing-config', 'create', ...full, '--out', file('full.json')]));
  const bare = [
    `--tsa=url=${stampServer.timestampUrl},api-version=1,${since},operator=test`,
    '--tsa-config=ANY',
    `--fulcio=url=${second.url},api-version=1,${since},operator=test`,
    `--oidc-provider=url=${issuer.url},api-version=1,${since},operator=test`,
  ];
  await done(cosign(['signing-config', 'create', ...bare, '--out', file('unlogged.json')]));
  const bareRoot = [
    `--tsa=url=${stampServer.timestampUrl},certificate-chain=${stamper.chain}`,
    `--fulcio=url=${second.url},certificate-chain=${second.root}`,
  ];
  await done(cosign(['trusted-root', 'create', ...bareRoot, '--out', file('unlogged-root.json')]));
  const root = (logKey: string, stampChain: string, out: string): Promise<string> =>
    done(
      cosign([
        'trusted-root',
        'create',
        `--rekor=url=${rekor.url},public-key=${logKey},${since},origin=127.0.0.1`,
        `--tsa=url=${stampServer.timestampUrl},certificate-chain=${stampChain}`,
        `--fulcio=url=${fulcio.url},certificate-chain=${fulcio.root}`,
        `--ctfe=url=${log.url},public-key=${file('certificate-log.pub')},${since}`,
        '--out',
        out,
      ]),
    );
  await root(rekor.publicKey, stamper.chain, file('root.json'));
  const stranger = await openAuthority(file('stranger'), 'stranger');
  const strange = await stranger.issue('strange-stamper', { timestamping: true });
  writeFileSync(file('strange.pub'), generateKeyPairSync('ed25519').publicKey.export({ format: 'pem', type: 'spki' }));
  await root(file('strange.pub'), strange.chain, file('strange.json'));
  return {
    issuer,
    signingConfig: file('full.json'),
    keyedConfig: file('keyed.json'),
    trustedRoot: file('root.json'),
    unlogged: { signingConfig: file('unlogged.json'), trustedRoot: file('unlogged-root.json') },
    strangeRoot: file('strange.json'),
    timestampUrl: stampServer.timestampUrl,
    stampRoot: stamps.root,
    stampChain: stamper.chain,
    strangeChain: strange.chain,
  };
}

async function startRekor(folder: string): Promise<{ url: string; publicKey: string }> {
  mkdirSync(join(folder, 'log'), { recursive: true });
  const [port, rpcPort, metricsPort] = [await freePort(), await freePort(), await freePort()];
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  writeFileSync(join(folder, 'key.pem'), privateKey.export({ format: 'pem', type: 'pkcs8' }), { mode: 0o600 });
  writeFileSync(join(folder, 'key.pub'), publicKey.export({ format: 'pem', type: 'spki' }));
  const ports = ['--http-port', `${port}`, '--grpc-port', `${rpcPort}`, '--http-metrics-port', `${metricsPort}`];
  // The hostname is the checkpoint's origin, which clients take from the address.
  const log = ['--hostname', '127.0.0.1', '--storage-dir', join(folder, 'log'), '--checkpoint-interval', '1s'];
  const signer = ['--signer-filepath', join(folder, 'key.pem')];
  await startServing('rekor-server', ['serve', ...ports, ...log, ...signer], port, folder);
  return { url: `http://127.0.0.1:${port}`, publicKey: join(folder, 'key.pub') };
}

interface RunningFulcio {
  readonly url: string;
  readonly root: string;
}

async function startFulcio(
  folder: string,
  issuer: OpenIdIssuer,
  log: CertificateLog | undefined,
): Promise<RunningFulcio> {
  const authority = await openAuthority(folder, 'fulcio');
  const file = (name: string): string => join(folder, name);
  const password = 'test';
  const encrypt = ['pkcs8', '-topk8', '-in', file('root.key'), '-out', file('ca.key'), '-passout', `pass:${password}`];
  await done(authority.run(encrypt));
  if (log !== undefined) writeFileSync(file('log.pub'), log.publicKey);
  const settings = `  ${issuer.url}:\n    issuer-url: ${issuer.url}\n    client-id: sigstore\n    type: email\n`;
  writeFileSync(file('config.yaml'), `oidc-issuers:\n${settings}`);
  const [port, rpcPort, metricsPort] = [await freePort(), await freePort(), await freePort()];
  const listen = `--host 127.0.0.1 --port ${port} --grpc-host 127.0.0.1 --grpc-port ${rpcPort} --metrics-port ${metricsPort}`;
  const issue = `--ca fileca --fileca-key-passwd ${password} --fileca-watch=false --log_type prod`;
  const files = {
    '--legacy-unix-domain-socket': file('socket'),
    '--fileca-cert': authority.root,
    '--fileca-key': file('ca.key'),
    '--config-path': file('config.yaml'),
    '--ct-log-url': log?.url ?? '',
    ...(log === undefined ? {} : { '--ct-log-public-key-path': file('log.pub') }),
  };
  const args = ['serve', ...listen.split(' '), ...issue.split(' '), ...Object.entries(files).flat()];
  await startServing('fulcio', args, port, folder);
  return { url: `http://127.0.0.1:${port}`, root: authority.root };
}
