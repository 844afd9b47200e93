// Signatures exchanged with the real notation: both envelopes, every kind of key, levels, identities, annotations, expiry, revocation, time stamps.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { purpose } from '@plombe/pki';
import { issue } from '@plombe/pki/testing';
import { temporaryFolder } from '../support/plombe.ts';
import { serveAuthority, type AuthorityServer } from './support/authority-server.ts';
import { endAll } from './support/ending.ts';
import { openNotation, type Notation } from './support/notation.ts';
import { openAuthority, type Authority, type KeyKind, type Leaf } from './support/openssl.ts';
import { done, missingPeers } from './support/peers.ts';
import { failures, openProgram, type Report } from './support/program.ts';
import { startReferrersRegistry } from './support/registry.ts';
import { pushImage, startDockerRegistry, type PushedImage } from './support/servers.ts';

const home = temporaryFolder();
afterAll(endAll);
const { over, verify } = openProgram(home);
const missing = missingPeers('notation', 'openssl', 'docker-registry');
const formats = ['jws', 'cose'] as const;
const kinds: readonly KeyKind[] = ['p256', 'p384', 'p521', 'rsa2048', 'rsa3072'];

let registry = '';
let withoutReferrers = '';
let authority: Authority;
let server: AuthorityServer;
let stamps: Authority;
let stampServer: AuthorityServer;
let notation: Notation;
const leaves: Record<string, Leaf> = {};
const leafOf = (name: string): Leaf => {
  const leaf = leaves[name];
  if (leaf === undefined) throw new Error(`no leaf ${name}`);
  return leaf;
};

beforeAll(async () => {
  if (missing.length > 0) return;
  registry = await startReferrersRegistry();
  withoutReferrers = await startDockerRegistry(join(home, 'docker-registry'));
  authority = await openAuthority(join(home, 'ca'), 'root');
  server = await serveAuthority(authority);
  stamps = await openAuthority(join(home, 'tsa'), 'stamps');
  stampServer = await serveAuthority(stamps);
  stampServer.stampWith(await stamps.issue('stamper', { timestamping: true, kind: 'rsa2048' }));
  for (const kind of kinds) leaves[kind] = await authority.issue(kind, { kind });
  leaves['listed'] = await authority.issue('listed', { crlUrl: server.crlUrl });
  leaves['listed-good'] = await authority.issue('listed-good', { crlUrl: server.crlUrl });
  leaves['asked'] = await authority.issue('asked', { ocspUrl: server.ocspUrl });
  leaves['asked-good'] = await authority.issue('asked-good', { ocspUrl: server.ocspUrl });
  authority.writeIndex(Object.values(leaves), [leafOf('listed'), leafOf('asked')]);
  notation = openNotation(join(home, 'notation'));
  notation.addKeys(leaves);
  notation.trustRoot('ca', 'test', authority.root);
  notation.trustRoot('tsa', 'stamps', stamps.root);
  notation.writePolicy();
});

/** What notation says about an image under the policy as it is. */
async function notationVerdict({ pinned }: PushedImage, ...more: readonly string[]): Promise<string> {
  const { code } = await notation.run(['verify', '--insecure-registry', ...more, pinned]);
  return code === 0 ? 'verified' : 'rejected';
}

/** What plombe says, with the exit code. */
function plombeVerdict(
  { tagged }: PushedImage,
  ...more: readonly string[]
): Promise<{
  readonly result: readonly unknown[];
  readonly report: Report;
}> {
  return verify(
    'verify',
    tagged,
    '--trust-policy',
    notation.trust.policy,
    '--trust-store',
    notation.trust.store,
    ...more,
  );
}

const sign = (image: PushedImage, leaf: Leaf, format: string, ...more: readonly string[]): Promise<string> =>
  done(over('sign', image.tagged, '--key', leaf.key, '--cert-chain', leaf.chain, '--format', format, ...more));

const cases = formats.flatMap((format) => kinds.map((kind) => [format, kind] as const));

describe.skipIf(missing.length > 0)('envelopes', () => {
  it.each(cases)('%s of %s by plombe holds for notation', async (format, kind) => {
    notation.writePolicy();
    const image = await pushImage(registry, `plombe-${format}-${kind}`);
    await sign(image, leafOf(kind), format, '-a', 'stage=prod');
    expect(await notationVerdict(image, '--user-metadata', 'stage=prod')).toBe('verified');
    expect(await notationVerdict(image, '--user-metadata', 'stage=test')).toBe('rejected');
    const { result, report } = await plombeVerdict(image, '-a', 'stage=prod');
    expect(result, failures(report)).toEqual([0, 'verified']);
  });

  it.each(cases)('%s of %s by notation holds for plombe', async (format, kind) => {
    notation.writePolicy();
    const image = await pushImage(registry, `notation-${format}-${kind}`);
    await notation.sign(kind, image.pinned, format, '--user-metadata', 'stage=prod');
    const { result, report } = await plombeVerdict(image, '-a', 'stage=prod');
    expect(result, failures(report)).toEqual([0, 'verified']);
    expect(report.signatures[0]).toMatchObject({ format, annotations: { stage: 'prod' } });
    expect((await plombeVerdict(image, '-a', 'stage=test')).result).toEqual([1, 'rejected']);
  });

  it.each(formats)('%s goes both ways over the fallback tag', async (format) => {
    notation.writePolicy();
    const own = await pushImage(withoutReferrers, `fallback-plombe-${format}`);
    await sign(own, leafOf('p256'), format);
    expect(await notationVerdict(own)).toBe('verified');
    const other = await pushImage(withoutReferrers, `fallback-notation-${format}`);
    await notation.sign('p256', other.pinned, format);
    // The second goes into the same index, and the first stays.
    await sign(other, leafOf('p384'), format);
    const { result, report } = await plombeVerdict(other, '--threshold', '2');
    expect(result, failures(report)).toEqual([0, 'verified']);
    expect(await done(notation.run(['list', '--insecure-registry', other.pinned]))).toMatch(/(sha256:[^]*){3}/);
  });
});

/** A policy of one statement, an image, and that both programs say the same about it. */
async function bothSay(verdict: 'verified' | 'rejected', image: PushedImage): Promise<void> {
  expect(await notationVerdict(image)).toBe(verdict);
  const { result, report } = await plombeVerdict(image);
  expect(result, failures(report)).toEqual([verdict === 'verified' ? 0 : 1, verdict]);
}

describe.skipIf(missing.length > 0)('trust policies mean the same to both', () => {
  it('identities', async () => {
    const image = await pushImage(registry, 'identities');
    await notation.sign('p256', image.pinned, 'jws');
    notation.writePolicy({ identities: ['x509.subject: C=DE, ST=BY, O=Plombe Test'] });
    await bothSay('verified', image);
    notation.writePolicy({ identities: ['x509.subject: C=DE, ST=BY, O=Plombe Test, CN=p384'] });
    await bothSay('rejected', image);
  });

  it('an unknown root, under each level', async () => {
    const stranger = await openAuthority(join(home, 'stranger'), 'stranger');
    const leaf = await stranger.issue('stranger-leaf');
    notation.addKeys({ ...leaves, stranger: leaf });
    const image = await pushImage(registry, 'stranger');
    await notation.sign('stranger', image.pinned, 'cose');
    notation.writePolicy();
    await bothSay('rejected', image);
    notation.writePolicy({ level: 'permissive' });
    await bothSay('rejected', image);
    notation.writePolicy({ level: 'audit' });
    await bothSay('verified', image);
  });

  it('an image without a signature', async () => {
    notation.writePolicy();
    await bothSay('rejected', await pushImage(registry, 'bare'));
  });

  it('a signature for another digest', async () => {
    notation.writePolicy();
    const signed = await pushImage(registry, 'moved', 'signed');
    const other = await pushImage(registry, 'moved', 'other');
    await notation.sign('p256', signed.pinned, 'jws');
    await bothSay('verified', signed);
    await bothSay('rejected', other);
  });

  it.each(formats)('an expired %s signature', async (format) => {
    const image = await pushImage(registry, `expired-${format}`);
    await sign(image, leafOf('p256'), format, '--expires-in', '1s');
    await new Promise((resolve) => setTimeout(resolve, 2500));
    notation.writePolicy();
    await bothSay('rejected', image);
    notation.writePolicy({ level: 'permissive' });
    await bothSay('verified', image);
  });
});

describe.skipIf(missing.length > 0)('revocation', () => {
  it.each([
    ['listed in a CRL', 'listed', '/crl'],
    ['answered by OCSP', 'asked', '/ocsp'],
  ])('%s', async (_, name, path) => {
    const image = await pushImage(registry, `revoked-${name}`);
    await notation.sign(name, image.pinned, 'jws');
    notation.writePolicy();
    server.asked.length = 0;
    await bothSay('rejected', image);
    expect(server.asked.filter((line) => line.includes(path)).length).toBeGreaterThanOrEqual(2);
    notation.writePolicy({ level: 'permissive' });
    await bothSay('verified', image);
    const good = await pushImage(registry, `good-${name}`);
    await sign(good, leafOf(`${name}-good`), 'cose');
    notation.writePolicy();
    await bothSay('verified', good);
  });

  it.each(['listed-good', 'asked-good'])('that nobody answers for %s', async (name) => {
    const image = await pushImage(registry, `silent-${name}`);
    await notation.sign(name, image.pinned, 'jws');
    // notation keeps lists it has seen.
    const fresh = openNotation(join(home, `fresh-${name}`));
    fresh.trustRoot('ca', 'test', authority.root);
    fresh.writePolicy();
    server.fail(true);
    try {
      expect((await fresh.run(['verify', '--insecure-registry', image.pinned])).code).not.toBe(0);
      notation.writePolicy();
      expect((await plombeVerdict(image)).result).toEqual([3, 'undecidable']);
      notation.writePolicy({ level: 'permissive' });
      expect((await plombeVerdict(image)).result).toEqual([0, 'verified']);
    } finally {
      server.fail(false);
    }
  });
});

describe.skipIf(missing.length > 0)('time stamps of an RFC 3161 authority', () => {
  const stampFlags = (): readonly string[] => ['--timestamp-url', stampServer.timestampUrl];

  it.each(formats)('%s by plombe holds for notation', async (format) => {
    const image = await pushImage(registry, `stamped-plombe-${format}`);
    await sign(image, leafOf('p256'), format, ...stampFlags(), '--timestamp-root', stamps.root);
    notation.writePolicy({ stamps: true, verifyTimestamp: 'always' });
    await bothSay('verified', image);
    expect((await plombeVerdict(image, '--require-timestamp')).result).toEqual([0, 'verified']);
  });

  it.each(formats)('%s by notation holds for plombe', async (format) => {
    const image = await pushImage(registry, `stamped-notation-${format}`);
    const flags = [...stampFlags(), '--timestamp-root-cert', stamps.root];
    await notation.sign('rsa3072', image.pinned, format, ...flags);
    notation.writePolicy({ stamps: true, verifyTimestamp: 'always' });
    await bothSay('verified', image);
  });

  it('are missed where the policy wants them', async () => {
    const image = await pushImage(registry, 'unstamped');
    await notation.sign('p256', image.pinned, 'jws');
    notation.writePolicy({ stamps: true, verifyTimestamp: 'always' });
    await bothSay('rejected', image);
    expect(readFileSync(notation.trust.policy, 'utf8')).toContain('always');
  });

  it('outlive the certificate, for both programs, and nothing else does', async () => {
    const name = (common: string): readonly string[] => ['C=DE', 'ST=BY', 'O=Plombe Test', `CN=${common}`];
    const now = Date.now();
    const days = { notBeforeMs: now - 3_600_000, notAfterMs: now + 86_400_000 };
    const shortRoot = issue({ subject: name('short root'), ca: true, ...days });
    // Long enough to sign three images on a busy machine.
    const notAfterMs = now + 20_000;
    const purposes = [purpose.codeSigning];
    const short = issue({ subject: name('short'), issuer: shortRoot, purposes, ...days, notAfterMs });
    const file = (ending: string): string => join(home, `short.${ending}`);
    writeFileSync(file('root.pem'), shortRoot.pem);
    writeFileSync(file('chain.pem'), short.pem + shortRoot.pem);
    writeFileSync(file('key'), short.key.export({ format: 'pem', type: 'pkcs8' }));
    const leaf: Leaf = { key: file('key'), certificate: file('chain.pem'), chain: file('chain.pem'), serial: '' };
    notation.addKeys({ ...leaves, short: leaf });
    notation.trustRoot('ca', 'test', file('root.pem'));
    const [own, other, bare] = [
      await pushImage(registry, 'short-plombe'),
      await pushImage(registry, 'short-notation'),
      await pushImage(registry, 'short-bare'),
    ];
    await sign(own, leaf, 'cose', ...stampFlags(), '--timestamp-root', stamps.root);
    await notation.sign('short', other.pinned, 'jws', ...stampFlags(), '--timestamp-root-cert', stamps.root);
    await notation.sign('short', bare.pinned, 'jws');
    notation.writePolicy({ stamps: true });
    await bothSay('verified', own);
    await new Promise((resolve) => setTimeout(resolve, Math.max(0, notAfterMs + 1500 - Date.now())));
    for (const verifyTimestamp of ['always', 'afterCertExpiry'] as const) {
      notation.writePolicy({ stamps: true, verifyTimestamp });
      await bothSay('verified', own);
      await bothSay('verified', other);
      await bothSay('rejected', bare);
    }
    notation.writePolicy();
    await bothSay('rejected', own);
    notation.trustRoot('ca', 'test', authority.root);
    // It waits for the certificate to end.
  }, 180_000);
});
