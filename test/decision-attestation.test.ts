// `plombe policy check --attest` through the program: decisions become statements that gates demand, and none says more than was decided.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { mebibyte } from '@plombe/kit';
import { digestOf, parseReference } from '@plombe/oci';
import { hasProgram } from '@plombe/oci/testing/peers';
import { pushAlpine } from './support/alpine.ts';
import { makeAuthority, serveTimestamps } from './support/authority.ts';
import { writeFeeds } from './support/feeds.ts';
import { alpineImage, writeImages } from './support/images.ts';
import { installed, temporaryFolder, type Outcome } from './support/plombe.ts';
import { pushLayout } from './support/push.ts';
import { openTestRegistry, registryKinds } from './support/registry.ts';

const home = temporaryFolder();
const run = installed(home);
const database = join(home, 'db');
const { signal } = new AbortController();
const plombe = (...args: readonly string[]): Promise<Outcome> => run(args, { env: { PLOMBE_KEY_PASSWORD: '' } });

interface Made {
  readonly predicateType: string;
  readonly manifest: string;
  readonly signer: string;
}

interface Answer {
  readonly decision: string;
  readonly subject: { readonly digest?: string };
  readonly reasons: readonly { check: string; outcome: string; message: string }[];
  readonly policies: readonly { digest: string }[];
  readonly databaseDigest?: string;
  readonly attestations?: readonly Made[];
}

async function check(
  ...args: readonly string[]
): Promise<Answer & { readonly code: number | undefined; readonly stderr: string }> {
  const given = ['policy', 'check', ...args, '--plain-http', '--db', database, '-o', 'json'];
  const { code, stdout, stderr } = await plombe(...given);
  if (stdout === '') throw new Error(`exit code ${code}: ${stderr}`);
  return { ...(JSON.parse(stdout) as Answer), code, stderr };
}

function policy(name: string, spec: string): string {
  const path = join(home, `${name}.yaml`);
  writeFileSync(path, `apiVersion: plombe/v1\nkind: Policy\nmetadata: {name: ${name}}\nspec: ${spec}\n`);
  return path;
}

/** The predicates of verified attestations of a type. */
async function predicatesOf(image: string, type: string, key = 'gate'): Promise<readonly Record<string, unknown>[]> {
  const flags = ['--type', type, '--key', `${key}.pub`, '--plain-http', '-o', 'json'];
  const { stdout, stderr } = await plombe('verify-attestation', image, ...flags);
  expect(stdout, stderr).not.toBe('');
  const { attestations } = JSON.parse(stdout) as {
    attestations: { verdict: string; statement?: { predicate: Record<string, unknown> } }[];
  };
  return attestations.flatMap(({ verdict, statement }) =>
    verdict === 'verified' && statement !== undefined ? [statement.predicate] : [],
  );
}

const attest = (key = 'gate'): readonly string[] => ['--attest', '--key', `${key}.key`];
const signedAndClean = '{signatures: {anyOf: [{cosign: {key: dev.pub}}]}, vulnerabilities: {kev: deny}}';

beforeAll(async () => {
  writeFeeds(join(home, 'feeds'));
  expect(await plombe('db', 'build', '--from', join(home, 'feeds'), '--db', database)).toMatchObject({ code: 0 });
  for (const name of ['gate', 'dev', 'other']) expect((await plombe('keys', 'generate', '--out', name)).code).toBe(0);
});

describe.each(registryKinds)('in %s', (kind) => {
  it.each(['bundle', 'tag'] as const)('%s: a gate opens by the decision of another, and only by it', async (format) => {
    const registry = await openTestRegistry(kind);
    const image = await pushAlpine(registry, 'gated/app:1', { musl: '1.2.5-r0' });
    const build = policy('build', signedAndClean);
    const deploy = policy('deploy', '{attestations: [{type: vsa, key: gate.pub}]}');
    const gate = () => check(image, '--policy', deploy);
    const flags = [...attest(), '--format', format];
    const missing = 'There is no attestation of type vsa';
    expect(await gate()).toMatchObject({
      code: 1,
      reasons: [{ message: expect.stringContaining(missing) as unknown }],
    });

    const signing = ['--key', 'dev.key', '--format', format, '--plain-http'];
    expect((await plombe('sign', image, ...signing)).code).toBe(0);
    const done = await check(image, '--policy', build, ...flags);
    const { digest = '' } = done.subject;
    expect(done).toMatchObject({ code: 0, decision: 'allow' });
    expect(done.stderr).toBe(`plombe: attested the decision as PASSED of ${digest}\n`);
    expect(done.attestations?.map(({ predicateType }) => predicateType)).toEqual([
      'https://slsa.dev/verification_summary/v1',
      'https://in-toto.io/attestation/svr/v0.2',
    ]);

    const [summary, ...more] = await predicatesOf(image, 'vsa');
    expect(more).toEqual([]);
    expect(summary).toMatchObject({
      verifier: { id: 'https://plombe.dev/plombe', version: { plombe: '0.1.0' } },
      timeVerified: expect.stringMatching(/^20\d\d-.*Z$/) as unknown,
      resourceUri: `pkg:oci/app@${digest}?repository_url=${registry.host}%2Fgated%2Fapp`,
      policy: { name: 'build', digest: { sha256: done.policies[0]?.digest.slice(7) } },
      verificationResult: 'PASSED',
      verifiedLevels: ['SLSA_BUILD_LEVEL_UNEVALUATED'],
      'https://plombe.dev/decision': { decision: 'allow', database: { digest: done.databaseDigest } },
    });
    // What it names as looked at is the signature, by manifest and by the digest of its bytes.
    const inputs = summary?.['inputAttestations'] as readonly { uri: string; digest: { sha256: string } }[];
    expect(inputs).toHaveLength(1);
    const [input] = inputs;
    const manifest = /@(sha256:[0-9a-f]{64})/.exec(input?.uri ?? '')?.[1] ?? '';
    const place = parseReference(`${registry.host}/gated/app@${manifest}`);
    const { document } = await registry.client.fetchManifest(place, { signal });
    const [layer] = document.kind === 'manifest' ? document.layers : [];
    if (layer === undefined) throw new Error('the signature has no layer');
    const envelope = await registry.client.fetchBlob(place, layer, mebibyte, { signal });
    expect(digestOf(envelope)).toBe(`sha256:${input?.digest.sha256}`);

    expect(await predicatesOf(image, 'svr')).toMatchObject([
      {
        verifier: { id: 'https://plombe.dev/plombe', policies: [{ name: 'build' }] },
        properties: ['PLOMBE_DECISION_ALLOW', 'PLOMBE_PASSED_signatures', 'PLOMBE_PASSED_vulnerabilities'],
      },
    ]);
    expect(await predicatesOf(image, 'vsa', 'other')).toEqual([]);
    expect(await gate()).toMatchObject({ code: 0, decision: 'allow' });
  });

  it('a denied image carries the refusal, and no gate takes it for a pass', async () => {
    const registry = await openTestRegistry(kind);
    const image = await pushAlpine(registry, 'gated/app:1', { libssl: '3.3.1-r3' });
    const refused = await check(image, '--policy', policy('build', '{vulnerabilities: {kev: deny}}'), ...attest());
    expect(refused).toMatchObject({ code: 1, decision: 'deny' });
    expect(await predicatesOf(image, 'vsa')).toMatchObject([
      { verificationResult: 'FAILED', verifiedLevels: ['FAILED'] },
    ]);
    expect(await predicatesOf(image, 'svr')).toMatchObject([{ properties: [] }]);
    const bySummary = policy('deploy', '{attestations: [{type: vsa, key: gate.pub}]}');
    expect(await check(image, '--policy', bySummary)).toMatchObject({
      code: 1,
      reasons: [{ message: expect.stringContaining('does not say PASSED') as unknown }],
    });
    const condition = `{name: allowed, expression: "'PLOMBE_DECISION_ALLOW' in predicate.properties"}`;
    const byResult = policy('deploy2', `{attestations: [{type: svr, key: gate.pub, conditions: [${condition}]}]}`);
    expect(await check(image, '--policy', byResult)).toMatchObject({ code: 1 });
  });
});

describe('what is not attested', () => {
  const nothing = async (image: string): Promise<void> => {
    expect([await predicatesOf(image, 'vsa'), await predicatesOf(image, 'svr')]).toEqual([[], []]);
  };

  it.each([
    ['unknown', '{secrets: {}}', 'unknown', /The decision is unknown/],
    ['unknown that mode audit lets pass', '{mode: audit, secrets: {}}', 'allow', /Mode audit makes allow/],
    ['unknown that mode warn lets pass', '{mode: warn, secrets: {}}', 'warn', /Mode warn makes warn/],
    ['what no policy selects', '{select: {repositories: ["x/**"]}, digestOnly: true}', 'allow', /No policy selects/],
  ])('%s: exit code 3, the decision, the reason, and nothing beside the image', async (_, spec, decision, reason) => {
    const registry = await openTestRegistry('memory');
    const image = await pushAlpine(registry, 'gated/app:1', { musl: '1.2.5-r0' });
    const answer = await check(image, '--policy', policy('build', spec), ...attest(), '-q');
    expect(answer, JSON.stringify(answer)).toMatchObject({ code: 3, decision, attestations: [] });
    expect(answer.stderr).toMatch(/^plombe: not attested: /);
    expect(answer.stderr).toMatch(reason);
    await nothing(image);
  });

  it('an index of which one platform was looked at; all of them are', async () => {
    const registry = await openTestRegistry('memory');
    const layout = join(home, 'layout');
    await writeImages(layout, alpineImage('two', 'amd64'), alpineImage('two', 'arm64'));
    const image = `${registry.host}/gated/two:1`;
    await pushLayout(registry.client, layout, 'two', image);
    const named = ['--policy', policy('build', '{vulnerabilities: {maxSeverity: critical}}'), ...attest()];
    const part = await check(image, ...named);
    expect(part, JSON.stringify(part)).toMatchObject({ code: 3, decision: 'allow', attestations: [] });
    expect(part.stderr).toContain('--all-platforms');
    await nothing(image);
    expect(await check(image, ...named, '--all-platforms')).toMatchObject({ code: 0, attestations: [{}, {}] });
    expect(await predicatesOf(image, 'vsa')).toMatchObject([{ verificationResult: 'PASSED' }]);
    // A platform that is denied denies the index, and says of no check that it passes on the others.
    const denying = policy('deny', '{vulnerabilities: {kev: deny}, configuration: {noLatestTag: true}}');
    expect(await check(image, '--policy', denying, ...attest('other'))).toMatchObject({ code: 1, decision: 'deny' });
    expect(await predicatesOf(image, 'vsa', 'other')).toMatchObject([{ verificationResult: 'FAILED' }]);
    expect(await predicatesOf(image, 'svr', 'other')).toMatchObject([{ properties: [] }]);
  });

  const gate = ['--policy', 'usage.yaml'];
  it.each<[string, readonly string[], string]>([
    ['without a key', ['localhost:1/a', ...gate, '--attest'], '--attest needs a key'],
    ['a key without --attest', ['localhost:1/a', ...gate, '--key', 'gate.key'], '--key belongs to --attest'],
    ['a layout', ['oci:x', ...gate, ...attest()], 'is in no registry'],
    ['a folder', ['dir:/', ...gate, ...attest()], 'is in no registry'],
    ['a dry run', ['--inventory', 'x', ...gate, ...attest()], 'goes without --inventory'],
    ['an answer for restarts', ['localhost:1/a', ...gate, ...attest(), '--running'], 'goes without --running'],
    ['an unknown format', ['localhost:1/a', ...gate, ...attest(), '--format', 'jws'], 'bundle, tag'],
  ])('%s is a mistake of the caller', async (_, args, message) => {
    policy('usage', '{digestOnly: true}');
    const outcome = await plombe('policy', 'check', ...args);
    expect([outcome.code, outcome.stdout]).toEqual([2, '']);
    expect(outcome.stderr).toContain(message);
  });

  it('a key that is not there: the decision is written, then the failure with exit code 4', async () => {
    const registry = await openTestRegistry('memory');
    const image = await pushAlpine(registry, 'gated/app:1', { musl: '1.2.5-r0' });
    const answer = await check(
      image,
      '--policy',
      policy('build', '{vulnerabilities: {kev: deny}}'),
      ...attest('absent'),
    );
    expect(answer).toMatchObject({ code: 4, decision: 'allow', attestations: [] });
    expect(answer.stderr).toContain('[source/not-found]');
  });
});

it.skipIf(!hasProgram('openssl'))(
  'a gate wants a decision of today, by its proved time',
  async () => {
    const registry = await openTestRegistry('memory');
    const image = await pushAlpine(registry, 'gated/app:1', { musl: '1.2.5-r0' });
    const stamps = makeAuthority('CN=Stamp Root');
    const stamper = stamps.timestamper();
    const { url } = await serveTimestamps(stamper);
    writeFileSync(join(home, 'stamp-root.pem'), stamps.root.pem);
    const certificates = [stamper, stamps.root].map(({ certificate }) => ({
      rawBytes: Buffer.from(certificate.bytes).toString('base64'),
    }));
    const root = {
      mediaType: 'application/vnd.dev.sigstore.trustedroot+json;version=0.1',
      tlogs: [],
      certificateAuthorities: [],
      ctlogs: [],
      timestampAuthorities: [{ uri: url, certChain: { certificates }, validFor: { start: '2020-01-01T00:00:00Z' } }],
    };
    writeFileSync(join(home, 'root.json'), JSON.stringify(root));
    const rule = (type: string, expression: string): string =>
      `{type: ${type}, maxAgeDays: 1, key: gate.pub, trustedRoot: root.json, conditions: [{name: production, expression: "${expression}"}]}`;
    const production = `predicate['https://plombe.dev/decision'].place.environment == 'production'`;
    const allowed = `predicate.properties.exists(p, p == 'PLOMBE_DECISION_ALLOW')`;
    const deploy = policy('deploy', `{attestations: [${rule('vsa', production)}, ${rule('svr', allowed)}]}`);
    const decide = (environment: string, kev: string, ...more: readonly string[]) =>
      check(
        image,
        '--policy',
        policy('build', `{vulnerabilities: {kev: deny}, ${kev}}`),
        ...attest(),
        '--environment',
        environment,
        ...more,
      );
    const stamped = ['--timestamp-url', url, '--timestamp-root', 'stamp-root.pem'];
    const second = () => new Promise((resolve) => void setTimeout(resolve, 1100));

    expect(await decide('test', 'digestOnly: false', ...stamped)).toMatchObject({ code: 0 });
    expect(await check(image, '--policy', deploy)).toMatchObject({ code: 1, decision: 'deny' });
    await second();
    expect(await decide('production', 'digestOnly: false', ...stamped)).toMatchObject({ code: 0 });
    expect(await check(image, '--policy', deploy)).toMatchObject({ code: 0, decision: 'allow' });
    await second();
    // The newest one refuses: the older pass cannot stand in for it.
    expect(await decide('production', 'digestOnly: true', ...stamped)).toMatchObject({ code: 1, decision: 'deny' });
    expect(await check(image, '--policy', deploy)).toMatchObject({ code: 1, decision: 'deny' });
  },
  60_000,
);
