// The gate as clients meet it: the refusal in their own output, images that are held back, and signatures of real tools that let them out.
import { copyFileSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { sharedPath } from '@plombe/kit/testing';
import { writeFeeds } from '../support/feeds.ts';
import { installed, temporaryFolder, type Outcome } from '../support/plombe.ts';
import { openClients, presentClients, type Client, type Clients } from './support/clients.ts';
import { openCosign, verifyFlags, writePredicate, type Cosign } from './support/cosign.ts';
import {
  startEmbedded,
  writeLogin,
  writeTestImage,
  type Embedded,
  type Login,
  type TestImage,
} from './support/embedded.ts';
import { endAll } from './support/ending.ts';
import { openNotation, type Notation } from './support/notation.ts';
import { openAuthority } from './support/openssl.ts';
import { done, findPeer, missingPeers, peer, type Run } from './support/peers.ts';

const home = temporaryFolder();
const server = join(home, 'registry');
const present = presentClients();
const missing = missingPeers('crane', 'cosign', 'notation', 'openssl');

let registry: Embedded;
let clients: Clients;
let cosign: Cosign;
let notation: Notation;
let key = '';
let builder: Login;
let signer: Login;
let reader: Login;
let good: TestImage;
let bad: TestImage;

const policy = (name: string, spec: string): string =>
  `apiVersion: plombe/v1\nkind: Policy\nmetadata: {name: ${name}}\nspec: ${spec}\n`;

/** Real records of npm where they are at hand, else a few of the same shape. */
function feeds(): string {
  const real = sharedPath('feeds/osv/GHSA-derived-npm');
  if (real === undefined) return writeFeeds(join(home, 'feeds'));
  mkdirSync(join(home, 'feeds/osv'), { recursive: true });
  symlinkSync(real, join(home, 'feeds/osv/GHSA-derived-npm'));
  return join(home, 'feeds');
}

beforeAll(async () => {
  if (missing.length > 0) return;
  mkdirSync(server);
  cosign = await openCosign(join(home, 'cosign'));
  notation = openNotation(join(home, 'notation'));
  const authority = await openAuthority(join(home, 'ca'), 'root');
  notation.addKeys({ leaf: await authority.issue('leaf') });
  notation.trustRoot('ca', 'test', authority.root);
  notation.writePolicy();
  key = await cosign.generate('key');
  copyFileSync(`${key}.pub`, join(server, 'cosign.pub'));
  const signers =
    'signatures: {anyOf: [{cosign: {key: cosign.pub}}, ' +
    `{notation: {trustPolicy: ${notation.trust.policy}, trustStore: ${notation.trust.store}}}]}`;
  const policies = {
    scanned: '{select: {repositories: ["prod/**"]}, vulnerabilities: {maxSeverity: medium}}',
    held: '{select: {repositories: ["held/**"]}, onViolation: quarantine, vulnerabilities: {maxSeverity: medium}}',
    strict: `{select: {repositories: ["strict/**"]}, ${signers}}`,
    signed: `{select: {repositories: ["signed/**"]}, onViolation: quarantine, ${signers}}`,
    attested:
      '{select: {repositories: ["attested/**"]}, onViolation: quarantine, attestations: [{type: cyclonedx, key: cosign.pub}]}',
  };
  for (const [name, spec] of Object.entries(policies)) writeFileSync(join(server, `${name}.yaml`), policy(name, spec));
  const plombe = installed(server);
  await done(plombe(['db', 'build', '--from', feeds(), '--ecosystem', 'npm', '--db', 'db']));
  await done(plombe(['ledger', 'init', '--ledger', 'ledger', '--origin', 'example.com/ledger']));
  const flags = Object.keys(policies).flatMap((name) => ['--policy', `${name}.yaml`]);
  registry = await startEmbedded(server, ['--plain-http', '--db', 'db', '--ledger', 'ledger', ...flags]);
  builder = await registry.robot('builder', 'pull,push');
  signer = await registry.robot('signer', 'pull,sign');
  reader = await registry.robot('reader', 'pull');
  writeLogin(join(home, 'cosign/.docker'), registry.host, signer);
  writeLogin(join(home, 'notation/.docker'), registry.host, signer);
  good = await writeTestImage(home, 'good');
  bad = await writeTestImage(home, 'bad', { lodash: '4.17.4' });
  clients = await openClients(join(home, 'clients'));
});
afterAll(async () => {
  await clients?.end();
  endAll();
});

async function judge(outcome: Promise<Outcome>): Promise<{ ok: boolean; text: string }> {
  const { code, stdout, stderr } = await outcome;
  return { ok: code === 0, text: stdout + stderr };
}
const failsWith = (part: RegExp): unknown => ({ ok: false, text: expect.stringMatching(part) as string });

async function openAs(name: (typeof present)[number], login: Login): Promise<Client | undefined> {
  const client = clients.open(name, { host: registry.host });
  if (client !== undefined) await done(client.login(login));
  return client;
}

const statusFor = async (login: Login, repository: string): Promise<number> =>
  (await registry.see(login, repository, '1')).status;

describe.skipIf(missing.length > 0).each(present)('%s', (name) => {
  test('is told in its own output why an image is refused, and pulls none that is held back', async ({ skip }) => {
    const client = await openAs(name, builder);
    if (client === undefined) return skip();
    const at = (place: string, tag = '1'): string => `${registry.host}/${place}/${name}:${tag}`;
    // ctr prints the status alone.
    const refusal = (reason: RegExp): RegExp => (name === 'ctr' ? /403 Forbidden/ : reason);
    expect(await judge(client.push(bad, at('prod')))).toEqual(
      failsWith(refusal(/denied.*plombe: vulnerabilities: [^\n]*lodash/i)),
    );
    expect(await judge(client.push(good, at('strict')))).toEqual(failsWith(refusal(/denied.*plombe: signatures: /i)));
    for (const login of [builder, signer]) {
      expect([await statusFor(login, `prod/${name}`), await statusFor(login, `strict/${name}`)]).toEqual([404, 404]);
    }
    expect(await judge(client.push(good, at('prod', '2')))).toMatchObject({ ok: true });
    expect(await judge(client.pull(at('prod', '2')))).toMatchObject({ ok: true });

    // oras reads what it has just pushed, and is told that it is not there.
    const held = await judge(client.push(bad, at('held')));
    expect(held).toEqual(name === 'oras' ? failsWith(/not found/) : expect.objectContaining({ ok: true }));
    expect(await judge(client.pull(at('held')))).toEqual(failsWith(/not found|manifest unknown|MANIFEST_UNKNOWN/i));
    expect([await statusFor(reader, `held/${name}`), await statusFor(signer, `held/${name}`)]).toEqual([404, 200]);
  });
});

/** How each tool signs what is named by digest, and how a reader verifies it. */
interface Tool {
  readonly sign: (pinned: string) => Promise<unknown>;
  readonly verify: (pinned: string) => Promise<unknown>;
}

const tools: Readonly<Record<string, () => Tool>> = {
  'cosign 3': () => ({
    sign: (pinned) => cosign.sign(`${key}.key`, pinned),
    verify: (pinned) => done(asReader(cosign.run)(['verify', ...verifyFlags(`${key}.pub`), pinned])),
  }),
  'cosign 2': () => {
    const run = peer('cosign-2', join(home, 'cosign'));
    const flags = ['--tlog-upload=false', '--allow-http-registry', '--yes'];
    return {
      sign: (pinned) => done(run(['sign', '--key', `${key}.key`, ...flags, pinned])),
      verify: (pinned) => done(asReader(run)(['verify', ...verifyFlags(`${key}.pub`), pinned])),
    };
  },
  'notation with referrers': () => ({
    sign: (pinned) => notation.sign('leaf', pinned, 'jws', '--force-referrers-tag=false'),
    verify: (pinned) => done(asReader(notation.run)(['verify', '--insecure-registry', pinned])),
  }),
  'notation with the fallback tag': () => ({
    sign: (pinned) => notation.sign('leaf', pinned, 'cose', '--force-referrers-tag=true'),
    verify: (pinned) => done(asReader(notation.run)(['verify', '--insecure-registry', pinned])),
  }),
  plombe: () => {
    const [own, other] = [signer, reader].map((login) => ({
      DOCKER_CONFIG: writeLogin(join(home, login.username), registry.host, login),
    }));
    return {
      sign: (pinned) => done(registry.plombe(['sign', pinned, '--key', `${key}.key`, '--plain-http'], own)),
      verify: (pinned) => done(registry.plombe(['verify', pinned, '--key', `${key}.pub`, '--plain-http'], other)),
    };
  },
};

/** The same program with the login of the robot that may only pull. */
function asReader(run: Run): Run {
  return (args, options = {}) => {
    const env = { ...options.env, DOCKER_CONFIG: writeLogin(join(home, 'reader'), registry.host, reader) };
    return run(args, { ...options, env });
  };
}

const hasCosign2 = findPeer('cosign-2') !== undefined;
if (!hasCosign2) missingPeers('cosign-2');
const names = Object.keys(tools).filter((name) => name !== 'cosign 2' || hasCosign2);

/** Pushes the image where it is held back; returns `host/repository@digest`. */
async function pushHeld(image: TestImage, repository: string): Promise<string> {
  const crane = await openAs('crane', builder);
  if (crane === undefined) throw new Error('no crane');
  await done(crane.push(image, `${registry.host}/${repository}:1`));
  expect(await statusFor(reader, repository)).toBe(404);
  const { status, digest } = await registry.see(signer, repository, '1');
  expect(status).toBe(200);
  return `${registry.host}/${repository}@${digest}`;
}

describe.skipIf(missing.length > 0)('a robot that may sign and not push', () => {
  test.each(names)('lets an image out with %s, at once', async (name) => {
    const repository = `signed/${name.replaceAll(' ', '-')}`;
    const { sign, verify } = tools[name]?.() ?? {};
    const pinned = await pushHeld(good, repository);
    await sign?.(pinned);
    expect(await statusFor(reader, repository)).toBe(200);
    await verify?.(pinned);
  });

  test('lets an image out with an attestation of cosign', async () => {
    const pinned = await pushHeld(good, 'attested/app');
    const predicate = writePredicate(home, 'sbom', { bomFormat: 'CycloneDX', specVersion: '1.6', version: 1 });
    await cosign.attest(`${key}.key`, pinned, 'cyclonedx', predicate);
    expect(await statusFor(reader, 'attested/app')).toBe(200);
    const check = ['verify-attestation', ...verifyFlags(`${key}.pub`), '--type', 'cyclonedx', pinned];
    await done(asReader(cosign.run)(check));
  });

  test('lets nothing out with a key that no policy names', async () => {
    const pinned = await pushHeld(good, 'signed/strange');
    const strange = await cosign.generate('strange');
    await cosign.sign(`${strange}.key`, pinned);
    expect(await statusFor(reader, 'signed/strange')).toBe(404);
  });

  test.skipIf(!present.includes('regctl'))(
    'signs elsewhere what is rejected unsigned, and regctl brings both',
    async () => {
      const [crane, regctl] = [await openAs('crane', builder), await openAs('regctl', builder)];
      if (crane === undefined || regctl === undefined) throw new Error('no crane, no regctl');
      const [from, to] = ['free/elsewhere', 'strict/elsewhere'].map((place) => `${registry.host}/${place}:1`) as [
        string,
        string,
      ];
      // As the remedy of the refusal says.
      expect(await judge(crane.push(good, to))).toEqual(
        failsWith(/Not stored: have it signed in a repository that takes it .* regctl image copy --referrers/),
      );
      await done(crane.push(good, from));
      const { digest } = await registry.see(builder, 'free/elsewhere', '1');
      await cosign.sign(`${key}.key`, `${registry.host}/free/elsewhere@${digest}`);
      await done(regctl.run(['image', 'copy', '--referrers', from, to]));
      expect(await statusFor(reader, 'strict/elsewhere')).toBe(200);
    },
  );

  test('cannot push an image', async () => {
    const crane = await openAs('crane', signer);
    if (crane === undefined) throw new Error('no crane');
    expect(await judge(crane.push(good, `${registry.host}/free/app:1`))).toEqual(failsWith(/403|DENIED/));
  });
});
