// Approvals that a policy wants: asked for, granted by another, counted by the gate, taken back.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { pushAlpine } from './support/alpine.ts';
import { writeFeeds } from './support/feeds.ts';
import { installed, temporaryFolder, type Outcome } from './support/plombe.ts';
import { openTestRegistry } from './support/registry.ts';

const home = temporaryFolder();
const run = installed(home);
const database = join(home, 'db');
const plombe = (...args: readonly string[]): Promise<Outcome> => run(args, { env: { PLOMBE_KEY_PASSWORD: '' } });

interface Answer {
  readonly decision: string;
  readonly reasons: readonly { check: string; outcome: string; message: string; remedy: string }[];
}

async function check(...args: readonly string[]): Promise<Answer & { readonly code: number | undefined }> {
  const { code, stdout, stderr } = await plombe('policy', 'check', ...args, '--plain-http', '-o', 'json');
  if (stdout === '') throw new Error(`exit code ${code}: ${stderr}`);
  return { ...(JSON.parse(stdout) as Answer), code };
}

function policy(name: string, spec: string): string {
  const path = join(home, `${name}.yaml`);
  writeFileSync(path, `apiVersion: plombe/v1\nkind: Policy\nmetadata: {name: ${name}}\nspec: ${spec}\n`);
  return path;
}

const rejects = (name: string): Answer['reasons'][number] =>
  expect.objectContaining({ check: name, outcome: 'fail' }) as never;

beforeAll(async () => {
  writeFeeds(join(home, 'feeds'));
  expect(await plombe('db', 'build', '--from', join(home, 'feeds'), '--db', database)).toMatchObject({ code: 0 });
  for (const name of ['cosign', 'other']) expect((await plombe('keys', 'generate', '--out', name)).code).toBe(0);
});

describe('approvals', () => {
  const rule =
    '{approvals: {atLeast: 1, approvers: [{key: cosign.pub}, {key: other.pub}], requesters: [{key: cosign.pub}]}';
  const approve = async (
    ...args: readonly string[]
  ): Promise<{ code: number | undefined; answer: Record<string, unknown> }> => {
    const { code, stdout, stderr } = await plombe('approve', ...args, '--plain-http', '-o', 'json');
    if (stdout === '') throw new Error(`exit code ${code}: ${stderr}`);
    return { code, answer: JSON.parse(stdout) as Record<string, unknown> };
  };

  it('open the gate after a request, by another one, until they are taken back', async () => {
    const registry = await openTestRegistry('memory');
    const image = await pushAlpine(registry, 'gated/app:1', { musl: '1.2.5-r0' });
    const named = ['--policy', policy('approved', `${rule}, vulnerabilities: {kev: deny}}`)];
    const gate = () => check(image, ...named, '--db', database, '--environment', 'prod');
    expect(await gate()).toMatchObject({ code: 1, reasons: [rejects('approvals'), { check: 'vulnerabilities' }] });
    const ask = ['request', image, ...named, '--db', database, '--reason', 'release 1'];
    const requested = await approve(...ask, '--key', 'cosign.key', '--environment', 'prod');
    expect(requested).toMatchObject({
      code: 0,
      answer: { requester: expect.stringMatching(/^key:sha256:/) as unknown },
    });
    const grant = ['grant', image, ...named, '--expires', '2099-01-01'];
    expect(await approve(...grant, '--key', 'cosign.key')).toMatchObject({
      code: 1,
      answer: { granted: false, message: 'Nobody approves his own request.' },
    });
    expect(await approve(...grant, '--key', 'other.key', '--environment', 'test')).toMatchObject({
      code: 1,
      answer: { granted: false },
    });
    const granted = await approve(...grant, '--key', 'other.key');
    expect(granted).toMatchObject({ code: 0, answer: { granted: true, request: requested.answer['id'] } });
    expect(await gate()).toMatchObject({ code: 0, decision: 'allow' });
    expect(await check(image, ...named, '--db', database, '--environment', 'test')).toMatchObject({ code: 1 });
    const list = await approve('list', image, ...named, '--environment', 'prod');
    expect(list).toMatchObject({
      code: 0,
      answer: { required: 1, approvals: [{ state: 'counts', id: granted.answer['id'] }] },
    });
    const revoked = await approve(
      'revoke',
      image,
      '--key',
      'cosign.key',
      '--id',
      String(granted.answer['id']),
      '--reason',
      'wrong one',
    );
    expect(revoked.code).toBe(0);
    expect(await gate()).toMatchObject({
      code: 1,
      reasons: [{ check: 'approvals', message: expect.stringContaining('was taken back') as unknown }, {}],
    });
  });

  it('are not asked for what an automatic check refuses', async () => {
    const registry = await openTestRegistry('memory');
    const image = await pushAlpine(registry, 'gated/app:1', { libssl: '3.3.1-r3' });
    const named = ['--policy', policy('approved2', `${rule}, vulnerabilities: {kev: deny}}`)];
    const refused = await approve('request', image, ...named, '--db', database, '--reason', 'r', '--key', 'cosign.key');
    expect(refused).toMatchObject({ code: 1, answer: { decision: 'deny' } });
    expect(await approve('list', image, ...named)).toMatchObject({ code: 1, answer: { requests: [], approvals: [] } });
    expect(
      (
        await plombe(
          'approve',
          'grant',
          image,
          ...named,
          '--key',
          'other.key',
          '--expires',
          '2020-01-01',
          '--plain-http',
        )
      ).code,
    ).toBe(2);
  });
});
