// Policies through the program: a gate that opens when what it demands is there, and everything it must not open for.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { writeFeeds } from './support/feeds.ts';
import { pushAlpine } from './support/alpine.ts';
import { installed, temporaryFolder, type Outcome } from './support/plombe.ts';
import { openTestRegistry } from './support/registry.ts';

const home = temporaryFolder();
const run = installed(home);
const env = { PLOMBE_KEY_PASSWORD: '' };
const database = join(home, 'db');

interface Answer {
  readonly decision: string;
  readonly subject: { readonly reference: string; readonly digest?: string };
  readonly reasons: readonly { check: string; outcome: string; message: string; remedy: string }[];
  readonly databaseDigest?: string;
}

const plombe = (...args: readonly string[]): Promise<Outcome> => run(args, { env });

/** Runs `policy check` and returns the one document on standard output with the exit code. */
async function check(...args: readonly string[]): Promise<Answer & { readonly code: number | undefined }> {
  const { code, stdout, stderr } = await plombe('policy', 'check', ...args, '--plain-http', '-o', 'json');
  if (stdout === '') throw new Error(`exit code ${code}: ${stderr}`);
  return { ...(JSON.parse(stdout) as Answer), code };
}

function file(name: string, text: string): string {
  writeFileSync(join(home, name), text);
  return join(home, name);
}

function policy(name: string, spec: string): string {
  return file(`${name}.yaml`, `apiVersion: plombe/v1\nkind: Policy\nmetadata: {name: ${name}}\nspec: ${spec}\n`);
}

const rejects = (name: string): Answer['reasons'][number] =>
  expect.objectContaining({ check: name, outcome: 'fail' }) as never;

beforeAll(async () => {
  mkdirSync(home, { recursive: true });
  writeFeeds(join(home, 'feeds'));
  expect(await plombe('db', 'build', '--from', join(home, 'feeds'), '--db', database)).toMatchObject({ code: 0 });
  for (const name of ['cosign', 'other']) expect((await plombe('keys', 'generate', '--out', name)).code).toBe(0);
  writeFileSync(
    join(home, 'slsa.json'),
    JSON.stringify({ runDetails: { builder: { id: 'https://builder.example.com' } } }),
  );
});

describe('a gate', () => {
  const gate = `
  mode: deny
  select: {repositories: ["gated/**"]}
  signatures: {atLeast: 1, anyOf: [{cosign: {key: cosign.pub}}]}
  attestations: [{type: slsaprovenance1, key: cosign.pub, conditions: [{name: builder, expression: "predicate.runDetails.builder.id == 'https://builder.example.com'"}]}]
  vulnerabilities: {maxSeverity: medium, kev: deny}`;

  it('opens once an image is signed, attested and free of what is known', async () => {
    const registry = await openTestRegistry('memory');
    const gated = policy('gate', gate);
    const image = await pushAlpine(registry, 'gated/app:1', { musl: '1.2.5-r0' });
    const asked = () => check(image, '--policy', gated, '--db', database);
    expect(await asked()).toMatchObject({
      code: 1,
      decision: 'deny',
      reasons: [
        rejects('signatures'),
        rejects('attestations/slsaprovenance1'),
        { check: 'vulnerabilities', outcome: 'pass', remedy: '' },
      ],
    });
    expect((await plombe('sign', image, '--key', 'other.key', '--plain-http')).code).toBe(0);
    expect((await asked()).decision).toBe('deny');
    expect((await plombe('sign', image, '--key', 'cosign.key', '--plain-http')).code).toBe(0);
    expect(await asked()).toMatchObject({
      code: 1,
      reasons: [rejects('attestations/slsaprovenance1'), { check: 'signatures' }, {}],
    });
    const attested = await plombe(
      'attest',
      image,
      '--key',
      'cosign.key',
      '--type',
      'slsaprovenance1',
      '--predicate',
      'slsa.json',
      '--plain-http',
    );
    expect(attested.code).toBe(0);
    const open = await asked();
    expect(open).toMatchObject({ code: 0, decision: 'allow', subject: { reference: image } });
    expect(open.subject.digest).toMatch(/^sha256:[0-9a-f]{64}$/);
    expect(open.databaseDigest).toMatch(/^sha256:/);
  });

  it('stays closed for a vulnerability, and opens by an exception until it ends', async () => {
    const registry = await openTestRegistry('memory');
    const image = await pushAlpine(registry, 'gated/app:1', { musl: '1.2.5-r0', libssl: '3.3.1-r3' });
    const spec = (extra: string): string => `{vulnerabilities: {kev: deny}${extra}}`;
    const waiver = (expires: string): string =>
      `, exceptions: [{check: vulnerabilities, vulnerability: CVE-2024-6119, owner: a, ticket: T-1, expires: ${expires}, reason: r}]`;
    expect(await check(image, '--policy', policy('kev', spec('')), '--db', database)).toMatchObject({
      code: 1,
      reasons: [
        {
          check: 'vulnerabilities',
          message: expect.stringContaining('CVE-2024-6119') as unknown,
          remedy: expect.stringContaining('plombe scan') as unknown,
        },
      ],
    });
    expect(await check(image, '--policy', policy('kev2', spec(waiver('2099-01-01'))), '--db', database)).toMatchObject({
      code: 0,
    });
    expect(await check(image, '--policy', policy('kev3', spec(waiver('2020-01-01'))), '--db', database)).toMatchObject({
      code: 1,
    });
  });

  it('asks several policies, of which the strictest counts, and leaves alone what none selects', async () => {
    const registry = await openTestRegistry('memory');
    const [strict, lenient, elsewhere] = [
      policy('strict', '{select: {repositories: ["gated/**"]}, digestOnly: true}'),
      policy('lenient', '{mode: warn, digestOnly: true}'),
      policy('elsewhere', '{select: {repositories: ["other/**"]}, digestOnly: true}'),
    ];
    const image = await pushAlpine(registry, 'gated/app:1', {});
    expect(await check(image, '--policy', lenient, '--policy', strict)).toMatchObject({ code: 1, decision: 'deny' });
    expect(await check(image, '--policy', lenient)).toMatchObject({ code: 0, decision: 'warn' });
    expect(await check(image, '--policy', elsewhere)).toMatchObject({ code: 0, decision: 'allow', reasons: [] });
    expect(await check(image, '--policy', strict, '--running')).toMatchObject({ code: 0, decision: 'warn' });
  });

  it('does not know what it has no evidence for', async () => {
    const registry = await openTestRegistry('memory');
    const image = await pushAlpine(registry, 'gated/app:1', {});
    expect(await check(image, '--policy', policy('secret', '{secrets: {}}'))).toMatchObject({
      code: 3,
      decision: 'unknown',
      reasons: [{ check: 'secrets', outcome: 'unknown' }],
    });
    expect(await check(image, '--policy', policy('secret2', '{secrets: {}, onUnknown: deny}'))).toMatchObject({
      code: 1,
    });
    expect(await check(image, '--policy', policy('secret3', '{secrets: {}, onUnknown: warn}'))).toMatchObject({
      code: 0,
      decision: 'warn',
    });
  });

  it('reads the config: user and labels', async () => {
    const registry = await openTestRegistry('memory');
    const image = await pushAlpine(registry, 'gated/app:1', {});
    const spec = '{configuration: {userNotRoot: true, requiredLabels: [owner], noLatestTag: true}}';
    expect(await check(image, '--policy', policy('config', spec), '--db', database)).toMatchObject({ code: 0 });
  });

  it('calls no registry that it does not need', async () => {
    const spec = '{allowedRegistries: [registry.example.com], digestOnly: true}';
    const reference = `nowhere.invalid/app@sha256:${'0'.repeat(64)}`;
    expect(await check(reference, '--policy', policy('names', spec))).toMatchObject({
      code: 1,
      reasons: [rejects('registries'), { check: 'digest-only' }],
    });
  });

  it.each([
    ['an unknown field', '{vulnerabilites: {}}', 2, 'did you mean vulnerabilities? ['],
    ['every problem', '{vulnerabilites: {}, mode: x}', 2, 'did you mean vulnerabilities? /'],
    ['a type of attestation', '{attestations: [{type: slsaprovenence1, key: cosign.pub}]}', 2, 'slsaprovenence1'],
    [
      'an expression that does not compile',
      '{conditions: [{name: a, expression: "http(1)"}]}',
      2,
      'there is no function http',
    ],
    ['a key that is not there', '{signatures: {anyOf: [{cosign: {key: absent.pub}}]}}', 4, 'absent.pub'],
  ])('says what is wrong: %s', async (_, spec, code, message) => {
    const registry = await openTestRegistry('memory');
    const image = await pushAlpine(registry, 'gated/app:1', {});
    const outcome = await plombe(
      'policy',
      'check',
      image,
      '--policy',
      policy('wrong', spec),
      '--plain-http',
      '-o',
      'json',
    );
    expect(outcome).toMatchObject({ code, stdout: '' });
    expect(outcome.stderr).toContain(message);
  });

  it('exits 4 for a registry or file that cannot be read and 2 for usage', async () => {
    const named = policy('any', '{signatures: {anyOf: [{cosign: {key: cosign.pub}}]}}');
    expect((await plombe('policy', 'check', '127.0.0.1:1/a/b', '--policy', named, '--plain-http')).code).toBe(4);
    expect((await plombe('policy', 'check', 'a/b', '--policy', 'absent.yaml')).code).toBe(4);
    expect((await plombe('policy', 'check', 'a/b')).code).toBe(2);
    expect((await plombe('policy', 'check', '--policy', named)).code).toBe(2);
    expect((await plombe('policy', 'check', 'a/B', '--policy', named)).code).toBe(2);
  });
});

describe('policy explain', () => {
  it('shows each check, what was looked at, and the way to allow', async () => {
    const registry = await openTestRegistry('memory');
    const image = await pushAlpine(registry, 'gated/app:1', { libssl: '3.3.1-r3' });
    const spec = '{digestOnly: true, vulnerabilities: {kev: deny}, allowedRepositories: ["gated/**"]}';
    const outcome = await plombe(
      'policy',
      'explain',
      image,
      '--policy',
      policy('explained', spec),
      '--db',
      database,
      '--plain-http',
    );
    expect(outcome.code).toBe(1);
    expect(outcome.stdout).toMatch(/^DENY {2}/);
    expect(outcome.stdout).toContain('✓ repositories: Repository gated/app is allowed.');
    expect(outcome.stdout).toContain('looked at: the repository of the reference');
    expect(outcome.stdout).toMatch(/To get to allow:\n {2}1\. Refer to the image by its digest: @sha256:/);
    expect(outcome.stdout).toMatch(/2\. Upgrade what is named, .*plombe scan\s/);
  });
});

describe('policy test', () => {
  const policyText =
    '{signatures: {atLeast: 2, anyOf: [{cosign: {key: cosign.pub}}, {notation: {trustPolicy: t.json, trustStore: s}}]}, vulnerabilities: {maxSeverity: low}}';
  const cases = (wrong: string): string => `policy: tested.yaml
cases:
  - name: both signed
    subject: registry.example.com/gated/app:1
    evidence:
      signatures: [{anchor: cosign.pub}, {anchor: t.json}]
      scan: {findings: [{vulnerability: CVE-2026-1, severity: low}]}
    expect: allow
  - name: one signed
    subject: registry.example.com/gated/app:1
    evidence: {signatures: [{anchor: cosign.pub}], scan: {}}
    expect: deny
  - name: nothing known
    subject: registry.example.com/gated/app:1
    expect: ${wrong}
`;

  it('closes with the counts', async () => {
    policy('tested', policyText);
    const good = await plombe('policy', 'test', file('good.yaml', cases('unknown')));
    expect(good).toMatchObject({ code: 0, stderr: '' });
    expect(good.stdout).toMatch(/\n3 passed, 0 failed\n$/);
    const bad = await plombe('policy', 'test', file('bad.yaml', cases('deny')), join(home, 'good.yaml'));
    expect(bad.code).toBe(1);
    expect(bad.stdout).toContain('FAIL  nothing known: expected deny, got unknown');
    expect(bad.stdout).toMatch(/\n5 passed, 1 failed\n$/);
    const json = await plombe('policy', 'test', join(home, 'bad.yaml'), '-o', 'json');
    expect(JSON.parse(json.stdout)).toMatchObject({ passed: 2, failed: 1 });
  });

  it('exits 2 for a file that is no policy test', async () => {
    expect(await plombe('policy', 'test', file('none.yaml', 'policy: tested.yaml\n'))).toMatchObject({
      code: 2,
      stdout: '',
    });
  });
});

describe('a dry run', () => {
  it('says who would break, of references and saved reports', async () => {
    const registry = await openTestRegistry('memory');
    const good = await pushAlpine(registry, 'gated/good:1', { musl: '1.2.5-r0' });
    const bad = await pushAlpine(registry, 'gated/bad:1', { libssl: '3.3.1-r3' });
    const scanned = await plombe(
      'scan',
      bad,
      '--db',
      database,
      '--plain-http',
      registry.host,
      '-o',
      `json=${join(home, 'bad.json')}`,
    );
    expect(scanned.code).toBe(0);
    const list = file(
      'list.txt',
      `# images\n${good}\n\n${bad} # the other\nbad.json\n${registry.host}/gated/absent:1\n`,
    );
    const audit = policy('audit', '{mode: audit, vulnerabilities: {kev: deny}}');
    const outcome = await plombe(
      'policy',
      'check',
      '--inventory',
      list,
      '--policy',
      audit,
      '--db',
      database,
      '--plain-http',
      '-o',
      'json',
    );
    expect(outcome.stderr).toBe('');
    const { decision, ifEnforced, subjects } = JSON.parse(outcome.stdout) as {
      decision: string;
      ifEnforced: object;
      subjects: { subject: string; strict: string; decision: string }[];
    };
    expect({ code: outcome.code, decision, ifEnforced }).toEqual({
      code: 3,
      decision: 'unknown',
      ifEnforced: { allow: 1, warn: 0, deny: 2, unknown: 1 },
    });
    expect(subjects.map(({ strict, decision: word }) => [strict, word])).toEqual([
      ['allow', 'allow'],
      ['deny', 'allow'],
      ['deny', 'allow'],
      ['unknown', 'unknown'],
    ]);
    const text = await plombe(
      'policy',
      'check',
      '--inventory',
      list,
      '--policy',
      audit,
      '--db',
      database,
      '--plain-http',
    );
    expect(text.stdout).toMatch(/^IF ENFORCED/);
    mkdirSync(join(home, 'no-reports'), { recursive: true });
    for (const empty of [file('empty.txt', '# none\n'), join(home, 'no-reports')]) {
      const none = await plombe('policy', 'check', '--inventory', empty, '--policy', audit, '-o', 'json');
      expect(none).toMatchObject({
        code: 4,
        stdout: '',
        stderr: expect.stringContaining('names no subject') as string,
      });
    }
    expect(text.stdout).toContain('4 subjects if enforced: 2 deny, 1 unknown, 0 warn, 1 allow');
  });
});

describe('policy schema', () => {
  it.each(['policy', 'policy-test'])('prints the published schema of %s', async (kind) => {
    const { code, stdout } = await plombe('policy', 'schema', '--kind', kind);
    const published = new URL(`../docs/schemas/${kind}-1.schema.json`, import.meta.url);
    expect({ code, schema: JSON.parse(stdout) as unknown }).toEqual({
      code: 0,
      schema: JSON.parse(readFileSync(published, 'utf8')),
    });
  });
});
