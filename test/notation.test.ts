// Notary Project signatures through the program: both envelopes, levels of the trust policy, expiry, time stamps, revocation.
import { setTimeout as sleep } from 'node:timers/promises';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { issue, type Issued } from '@plombe/pki/testing';
import { makeCrl, makeOcsp } from '@plombe/pki/testing/revocation';
import {
  makeAuthority,
  revocationExtensions,
  serve,
  serveTimestamps,
  writeSigner,
  writeTrust,
} from './support/authority.ts';
import { hasProgram, installed, temporaryFolder, type Outcome } from './support/plombe.ts';
import { openTestRegistry, registryKinds } from './support/registry.ts';

const home = temporaryFolder();
const run = installed(home);
const kind = registryKinds[0] ?? 'memory';

interface Check {
  readonly id: string;
  readonly outcome: string;
  readonly message: string;
}

interface Verified {
  readonly code: number | undefined;
  readonly verdict: string;
  readonly formats: string;
  readonly reasons: readonly string[];
  /** Outcome of a check of the first signature. */
  check(id: string): string | undefined;
  readonly checks: readonly Check[];
}

async function verify(image: string, ...flags: readonly string[]): Promise<Verified> {
  const { code, stdout, stderr } = await run(['verify', image, '--plain-http', '-o', 'json', ...flags]);
  if (stdout === '') throw new Error(`exit code ${code}: ${stderr}`);
  const result = JSON.parse(stdout) as {
    verdict: string;
    reasons: string[];
    signatures: { format: string; verdict: string; checks: Check[] }[];
  };
  const checks = result.signatures[0]?.checks ?? [];
  return {
    code,
    verdict: result.verdict,
    reasons: result.reasons,
    formats: result.signatures
      .map((one) => `${one.format} ${one.verdict}`)
      .sort()
      .join(', '),
    check: (id) => checks.find((one) => one.id === id)?.outcome,
    checks,
  };
}

async function sign(image: string, prefix: string, format: string, ...flags: readonly string[]): Promise<Outcome> {
  const key = ['--key', `${prefix}.key`, '--cert-chain', `${prefix}.pem`];
  const outcome = await run(['sign', image, '--plain-http', '--format', format, ...key, ...flags]);
  expect(outcome, outcome.stderr).toMatchObject({ code: 0 });
  return outcome;
}

it.each(['p256', 'p384', 'rsa3072'] as const)('%s signs in both envelopes', async (keyKind) => {
  const { host, push } = await openTestRegistry(kind);
  const digest = await push('team/app:1', 'one');
  const image = `${host}/team/app:1`;
  const authority = makeAuthority();
  const prefix = writeSigner(home, keyKind, authority.issue({ kind: keyKind }), authority.root);
  await sign(image, prefix, 'jws', '-a', 'git=3f2a');
  await sign(`${host}/team/app@${digest}`, prefix, 'cose', '-a', 'git=3f2a');
  const trust = writeTrust(home, `trust-${keyKind}`, { level: 'strict', ca: [authority.root] });
  expect(await verify(image, ...trust, '-a', 'git=3f2a')).toMatchObject({
    code: 0,
    verdict: 'verified',
    formats: 'cose verified, jws verified',
  });
  // The same certificate twice is one signer.
  expect(await verify(image, ...trust, '--threshold', '2')).toMatchObject({ code: 1 });
  expect(await verify(image, ...trust, '-a', 'git=other')).toMatchObject({ code: 1 });
});

it('trust stores, identities and scopes decide; audit only warns, skip looks at nothing', async () => {
  const { host, push } = await openTestRegistry(kind);
  await push('team/app:1', 'one');
  await push('team/app:2', 'two');
  const image = `${host}/team/app:1`;
  const [authority, other] = [makeAuthority(), makeAuthority('CN=Other Root')];
  const prefix = writeSigner(home, 'signer', authority.issue(), authority.root);
  await sign(image, prefix, 'cose');
  const trust = (name: string, options: Partial<Parameters<typeof writeTrust>[2]>): readonly string[] =>
    writeTrust(home, name, { level: 'strict', ca: [authority.root], ...options });
  const identity = 'x509.subject: C=DE, ST=Berlin, O=Example';
  expect(await verify(image, ...trust('named', { identities: [identity] }))).toMatchObject({ code: 0 });
  const stranger = await verify(image, ...trust('stranger', { identities: ['x509.subject: C=DE, ST=Berlin, O=Evil'] }));
  expect([stranger.code, stranger.check('identity')]).toEqual([1, 'fail']);
  const unknown = await verify(image, ...trust('other', { ca: [other.root] }));
  expect([unknown.code, unknown.check('authenticity')]).toEqual([1, 'fail']);
  const audit = await verify(image, ...trust('audit', { ca: [other.root], level: 'audit' }));
  expect([audit.code, audit.check('authenticity')]).toEqual([0, 'warn']);
  expect(await verify(image, ...trust('scoped', { scopes: [`${host}/team/app`] }))).toMatchObject({ code: 0 });
  const outside = await verify(image, ...trust('outside', { scopes: [`${host}/team/other`] }));
  expect([outside.code, outside.check('trust-policy')]).toEqual([1, 'fail']);
  const skip = await verify(image, ...trust('skip', { level: 'skip', scopes: [`${host}/team/app`] }));
  expect([skip.code, skip.formats]).toEqual([0, '']);
  expect(skip.reasons.join()).toContain('nothing was checked');
  for (const demand of [['-a', 'env=prod'], ['--threshold', '2'], ['--require-timestamp']]) {
    const demanded = await verify(image, ...trust('skip', { level: 'skip', scopes: [`${host}/team/app`] }), ...demand);
    expect([demand, demanded.code, demanded.verdict]).toEqual([demand, 1, 'rejected']);
  }
  const unsigned = await verify(`${host}/team/app:2`, ...trust('named', { identities: [identity] }));
  expect(unsigned).toMatchObject({ code: 1, verdict: 'rejected', formats: '' });
  // A key says nothing about signatures of Notation, and that they are there is said.
  writeFileSync(join(home, 'leaf.pem'), authority.issue().pem);
  const keyed = await verify(image, '--key', join(home, 'leaf.pem'));
  expect(keyed).toMatchObject({ code: 1, formats: '' });
  expect(keyed.reasons.join()).toContain('1 Notation signature(s) were not tried');
});

it('T44 one key is one signer, bare and in a certificate', async () => {
  const { host, push } = await openTestRegistry(kind);
  await push('app:1', 'one');
  const image = `${host}/app:1`;
  const authority = makeAuthority();
  const prefix = writeSigner(home, 'twofold', authority.issue(), authority.root);
  const second = writeSigner(home, 'second', issue());
  await sign(image, prefix, 'jws');
  const bundle = async (key: string): Promise<Outcome> => run(['sign', image, '--plain-http', '--key', `${key}.key`]);
  expect(await bundle(prefix)).toMatchObject({ code: 0 });
  writeTrust(home, 'twofold', { level: 'strict', ca: [authority.root] });
  const keys = ['twofold', 'second'].map((name) => ({ cosign: { key: `${name}.pem` } }));
  const anyOf = [...keys, { notation: { trustPolicy: 'twofold.json', trustStore: 'twofold' } }];
  const policy = (atLeast: number): string => {
    const spec = { select: { repositories: ['**'] }, signatures: { atLeast, anyOf } };
    const document = { apiVersion: 'plombe/v1', kind: 'Policy', metadata: { name: 'gate' }, spec };
    writeFileSync(join(home, `gate-${atLeast}.json`), JSON.stringify(document));
    return join(home, `gate-${atLeast}.json`);
  };
  expect(await verify(image, '--policy', policy(1))).toMatchObject({ code: 0 });
  expect(await verify(image, '--policy', policy(2))).toMatchObject({ code: 1 });
  expect(await bundle(second)).toMatchObject({ code: 0 });
  expect(await verify(image, '--policy', policy(2))).toMatchObject({ code: 0 });
});

it('T45 a signature that expires is void after that, and only warned of where the policy says so', async () => {
  const { host, push } = await openTestRegistry(kind);
  await push('app:1', 'one');
  const image = `${host}/app:1`;
  const authority = makeAuthority();
  const prefix = writeSigner(home, 'short', authority.issue(), authority.root);
  await sign(image, prefix, 'jws', '--expires-in', '2s');
  await sleep(2500);
  const strict = await verify(image, ...writeTrust(home, 'expiry', { level: 'strict', ca: [authority.root] }));
  expect([strict.code, strict.check('expiry')]).toEqual([1, 'fail']);
  const lenient = await verify(image, ...writeTrust(home, 'lenient', { level: 'permissive', ca: [authority.root] }));
  expect([lenient.code, lenient.check('expiry')]).toEqual([0, 'warn']);
});

it('a key that is not of the certificate, and a certificate that may not sign, sign nothing', async () => {
  const { host, push, client } = await openTestRegistry(kind);
  await push('app:1', 'one');
  const image = `${host}/app:1`;
  const authority = makeAuthority();
  const cases: readonly (readonly [string, Issued, Issued])[] = [
    ['other-key', authority.issue(), issue()],
    ['expired', authority.issue({ notAfterMs: Date.now() - 60_000 }), authority.root],
    ['no-root', authority.issue(), makeAuthority().root],
  ];
  for (const [name, leaf, above] of cases) {
    const prefix = writeSigner(home, name, leaf, name === 'other-key' ? authority.root : above);
    const key = name === 'other-key' ? above.key : leaf.key;
    writeFileSync(`${prefix}.key`, key.export({ format: 'pem', type: 'pkcs8' }));
    const args = ['--plain-http', '--format', 'jws', '--key', `${prefix}.key`, '--cert-chain', `${prefix}.pem`];
    const { code, stderr } = await run(['sign', image, ...args]);
    expect([name, code]).toEqual([name, 2]);
    expect(stderr).toContain('[notation/signing]');
  }
  expect(
    await client.listTags({ registry: host, repository: 'app' }, { signal: new AbortController().signal }),
  ).toEqual(['1']);
});

it('revocation: good, revoked by list and by responder, and unknown', async () => {
  const { host, push } = await openTestRegistry(kind);
  const authority = makeAuthority();
  const { root } = authority;
  const times = { thisUpdateMs: Date.now() - 60_000, nextUpdateMs: Date.now() + 60_000 };
  const leaves = new Map<string, Issued>();
  const { url, asked } = await serve((path) => {
    const leaf = leaves.get(path.slice(1));
    if (leaf === undefined) return { status: 500, body: Buffer.from('no') };
    const { serial } = leaf.certificate;
    if (path.startsWith('/crl-')) {
      const entries = path === '/crl-revoked' ? [{ serial, reason: 1, atMs: Date.now() - 30_000 }] : [];
      return { body: makeCrl({ issuer: root, entries, ...times }) };
    }
    return {
      body: makeOcsp({
        issuer: root,
        certificate: leaf.certificate,
        status: { revokedMs: Date.now() - 30_000 },
        ...times,
      }),
    };
  });
  for (const [name, urls] of [
    ['crl-good', { crl: `${url}/crl-good` }],
    ['crl-revoked', { crl: `${url}/crl-revoked` }],
    ['ocsp-revoked', { ocsp: `${url}/ocsp-revoked` }],
    ['crl-absent', { crl: `${url}/absent` }],
  ] as const) {
    const leaf = authority.issue({ extensions: revocationExtensions(urls) });
    leaves.set(name, leaf);
    await push(`app:${name}`, name);
    await sign(`${host}/app:${name}`, writeSigner(home, name, leaf, root), 'jws');
  }
  expect(asked).toEqual([]);
  const strict = writeTrust(home, 'revoking', { level: 'strict', ca: [root] });
  const states: Record<string, unknown> = {};
  for (const name of leaves.keys()) {
    const { code, verdict } = await verify(`${host}/app:${name}`, ...strict);
    states[name] = [code, verdict];
  }
  expect(states).toEqual({
    'crl-good': [0, 'verified'],
    'crl-revoked': [1, 'rejected'],
    'ocsp-revoked': [1, 'rejected'],
    'crl-absent': [3, 'undecidable'],
  });
  const lenient = await verify(
    `${host}/app:crl-absent`,
    ...writeTrust(home, 'unrevoking', { level: 'permissive', ca: [root] }),
  );
  expect([lenient.code, lenient.check('revocation')]).toEqual([0, 'warn']);
});

it.skipIf(!hasProgram('openssl'))(
  'time stamps: taken, verified, demanded; a root that is not theirs keeps nothing',
  async () => {
    const { host, push } = await openTestRegistry(kind);
    await push('app:1', 'one');
    await push('app:2', 'two');
    const image = `${host}/app:1`;
    const [authority, stamps] = [makeAuthority(), makeAuthority('CN=Stamp Root')];
    const prefix = writeSigner(home, 'stamped', authority.issue(), authority.root);
    writeFileSync(join(home, 'stamp-root.pem'), stamps.root.pem);
    writeFileSync(join(home, 'wrong-root.pem'), authority.root.pem);
    const { url, asked } = await serveTimestamps(stamps.timestamper());
    await sign(image, prefix, 'jws', '--timestamp-url', url, '--timestamp-root', join(home, 'stamp-root.pem'));
    await sign(`${host}/app:2`, prefix, 'jws');
    expect(asked).toEqual(['POST /']);
    const trust = writeTrust(home, 'stamping', { level: 'strict', ca: [authority.root], tsa: [stamps.root] });
    const stamped = await verify(image, ...trust, '--require-timestamp');
    expect([stamped.code, stamped.check('authentic-timestamp')]).toEqual([0, 'pass']);
    expect(await verify(`${host}/app:2`, ...trust, '--require-timestamp')).toMatchObject({ code: 1 });
    const none = writeTrust(home, 'stampless', { level: 'strict', ca: [authority.root] });
    expect(await verify(`${host}/app:2`, ...none)).toMatchObject({ code: 0 });
    expect(await verify(`${host}/app:2`, ...none, '--require-timestamp')).toMatchObject({ code: 1 });
    const args = ['--key', `${prefix}.key`, '--cert-chain', `${prefix}.pem`, '--timestamp-url', url];
    const wrongRoot = ['--timestamp-root', join(home, 'wrong-root.pem')];
    const wrong = await run(['sign', `${host}/app:2`, '--plain-http', '--format', 'cose', ...args, ...wrongRoot]);
    expect(wrong).toMatchObject({ code: 4, stdout: '' });
    expect(wrong.stderr).toContain('[service/refused]');
  },
);
