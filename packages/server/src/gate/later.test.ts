// What changes after a push: policies, the database, exceptions that two people make, what runs, and a gate that cannot judge.
import { renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { digestOf } from '@plombe/oci';
import { breakGlassType } from '@plombe/policy';
import { describe, expect, it } from 'vitest';
import { outcome } from '../../../oci/src/testing/client.ts';
import { attest, policyText, scannedPolicy, sign, signedPolicy, statusOf, tagsOf } from './testing/policies.ts';
import { imageWith, push } from './testing/push.ts';
import { openWriterNow, startStage, type Stage } from './testing/stage.ts';

const clean = imageWith('4.17.21');
const bad = imageWith('4.17.11');
const lenient = policyText('gate', '{mode: audit, vulnerabilities: {maxSeverity: medium}}');
const hourMs = 3_600_000;

async function changePolicy(stage: Stage, text: string): Promise<void> {
  stage.writePolicy('gate.yaml', text);
  await stage.gate.reload();
  await stage.gate.settled();
}

describe('a policy that becomes stricter', () => {
  it('refuses pulls and says why; signers still see the image', async () => {
    const stage = await startStage({ policies: { 'gate.yaml': lenient } });
    const digest = await push(stage.client('pusher'), stage.host, 'prod/app', bad, '1');
    expect(await statusOf(stage, 'prod/app', '1')).toBe(200);
    await changePolicy(stage, scannedPolicy);
    const answer = await stage.get('/v2/prod/app/manifests/1', 'reader');
    expect(answer.status).toBe(403);
    const message = expect.stringMatching(/^plombe: vulnerabilities: .*lodash/) as string;
    expect(await answer.json()).toMatchObject({ errors: [{ code: 'DENIED', message, detail: { decision: 'deny' } }] });
    expect(await statusOf(stage, 'prod/app', digest, 'signer')).toBe(200);
    expect([await tagsOf(stage, 'prod/app'), await tagsOf(stage, 'prod/app', 'signer')]).toEqual([[], ['1']]);
    const layer = `/v2/prod/app/blobs/${digestOf(bad.blobs[1] ?? new Uint8Array())}`;
    expect((await stage.get(layer, 'reader')).status).toBe(404);
    expect((await stage.get(layer, 'signer')).status).toBe(200);
    await changePolicy(stage, lenient);
    expect((await stage.get(layer, 'reader')).status).toBe(200);
    expect(await statusOf(stage, 'prod/app', '1')).toBe(200);
    expect(await tagsOf(stage, 'prod/app')).toEqual(['1']);
  });

  it('offers whole pages of what is left', async () => {
    const stage = await startStage({ policies: { 'gate.yaml': lenient } });
    const client = stage.client('pusher');
    for (const [tag, version] of Object.entries({
      a: '4.17.21',
      b: '4.17.11',
      c: '4.17.11',
      d: '4.17.21',
      e: '4.17.21',
    }))
      await push(client, stage.host, 'prod/app', imageWith(version, tag), tag);
    await changePolicy(stage, scannedPolicy);
    const page = async (query: string) => {
      const answer = await stage.get(`/v2/prod/app/tags/list?${query}`, 'reader');
      return [((await answer.json()) as { tags: string[] }).tags, answer.headers.get('link')];
    };
    expect(await page('n=2')).toEqual([['a', 'd'], expect.stringContaining('last=d')]);
    expect(await page('n=2&last=d')).toEqual([['e'], null]);
    expect(await page('n=3')).toEqual([['a', 'd', 'e'], null]);
    expect(await page('n=0')).toEqual([[], null]);
  });

  it('is noticed without being told', async () => {
    const stage = await startStage({ policies: { 'gate.yaml': lenient }, refreshEveryMs: 20 });
    await push(stage.client('pusher'), stage.host, 'prod/app', bad, '1');
    stage.writePolicy('gate.yaml', scannedPolicy);
    await expect.poll(() => statusOf(stage, 'prod/app', '1'), { timeout: 10_000 }).toBe(403);
  });

  it('lets restarts of what is recorded to run go on', async () => {
    const stage = await startStage({ policies: { 'gate.yaml': lenient } });
    const digest = await push(stage.client('pusher'), stage.host, 'prod/app', bad, '1');
    const other = await push(stage.client('pusher'), stage.host, 'prod/app', imageWith('4.17.11', 'other'), '2');
    await stage.gate.settled();
    // The gate lets go of the ledger when it has nothing to say.
    const writer = await openWriterNow(stage);
    await writer.append([{ digest, kind: 'run', content: { cluster: 'eu' } }]);
    await writer.close();
    await changePolicy(stage, scannedPolicy);
    expect(await statusOf(stage, 'prod/app', digest)).toBe(200);
    expect(await statusOf(stage, 'prod/app', other)).toBe(403);
  });
});

describe('break-glass', () => {
  const text = policyText(
    'gate',
    '{select: {repositories: ["prod/**"]}, vulnerabilities: {maxSeverity: medium}, onViolation: quarantine, breakGlass: {approvers: [{key: anna.pub}, {key: bert.pub}], maxHours: 4}}',
  );
  const signers = ['anna', 'bert', 'carl'];
  const statement = (stage: Stage, by: string, hours = 1, repository = 'prod/app') => ({
    by,
    predicateType: breakGlassType,
    predicate: {
      repository,
      reason: 'production is down',
      requested: new Date(stage.ctx.clock.nowMs()).toISOString(),
      expires: new Date(stage.ctx.clock.nowMs() + hours * hourMs).toISOString(),
    },
  });

  it('takes two people, is recorded, and ends by itself', async () => {
    const stage = await startStage({ policies: { 'gate.yaml': text }, signers });
    const digest = await push(stage.client('pusher'), stage.host, 'prod/app', bad, '1');
    await attest(stage, 'prod/app', digest, statement(stage, 'anna'));
    await attest(stage, 'prod/app', digest, statement(stage, 'anna', 2));
    await attest(stage, 'prod/app', digest, statement(stage, 'carl'));
    expect(await statusOf(stage, 'prod/app', '1')).toBe(404);
    await attest(stage, 'prod/app', digest, statement(stage, 'bert'));
    expect(await statusOf(stage, 'prod/app', '1')).toBe(200);
    await stage.gate.settled();
    const records = await stage.records(digest);
    expect(records.slice(records.indexOf('exception break-glass'))).toEqual([
      'exception break-glass',
      'push released',
      'inventory',
      'scan',
    ]);
    expect(await tagsOf(stage, 'prod/app')).toEqual(['1']);
    stage.advance(hourMs + 1000);
    for (const when of ['at once', 'when it was judged anew']) {
      expect(await tagsOf(stage, 'prod/app'), when).toEqual([]);
      for (const name of ['1', digest]) expect(await statusOf(stage, 'prod/app', name), when).toBe(403);
      await stage.gate.settled();
    }
  });

  it.each([
    ['lasts too long', 5, 'prod/app'],
    ['is about another repository', 1, 'prod/other'],
  ])('counts no statement that %s', async (_, hours, repository) => {
    const stage = await startStage({ policies: { 'gate.yaml': text }, signers });
    const digest = await push(stage.client('pusher'), stage.host, 'prod/app', bad, '1');
    for (const by of ['anna', 'bert']) await attest(stage, 'prod/app', digest, statement(stage, by, hours, repository));
    expect(await statusOf(stage, 'prod/app', '1')).toBe(404);
  });
});

describe('a gate that cannot judge', () => {
  const broken = 'kind: Policy\n';

  it('refuses pushes with 503, and pulls unless the policy chose otherwise', async () => {
    const kept = policyText(
      'kept',
      '{select: {repositories: ["kept/**"]}, onOutage: last-decision, vulnerabilities: {maxSeverity: medium}}',
    );
    const stage = await startStage({ policies: { 'gate.yaml': scannedPolicy, 'kept.yaml': kept } });
    const client = stage.client('pusher');
    await push(client, stage.host, 'prod/app', clean, '1');
    await push(client, stage.host, 'kept/app', clean, '1');
    await push(client, stage.host, 'free/app', clean, '1');
    stage.writePolicy('kept.yaml', broken);
    await stage.gate.reload();
    expect(await outcome(push(client, stage.host, 'prod/app', imageWith('4.17.21', 'new'), '2'))).toContain(
      'registry/unreachable',
    );
    const answer = await stage.get('/v2/prod/app/manifests/1', 'reader');
    expect([answer.status, await answer.text()]).toEqual([403, expect.stringContaining('cannot judge') as string]);
    expect(await statusOf(stage, 'kept/app', '1')).toBe(200);
    expect(await statusOf(stage, 'free/app', '1')).toBe(200);
    // What copies lists would delete what they leave out.
    for (const repository of ['prod/app', 'kept/app']) expect(await tagsOf(stage, repository)).toEqual(['1']);
    stage.writePolicy('kept.yaml', kept);
    await stage.gate.reload();
    expect(await statusOf(stage, 'prod/app', '1')).toBe(200);
    const [database, away] = ['db', 'away'].map((name) => join(stage.folder, name)) as [string, string];
    renameSync(database, away);
    await stage.gate.reload();
    expect([await statusOf(stage, 'prod/app', '1'), await statusOf(stage, 'kept/app', '1')]).toEqual([403, 200]);
    renameSync(away, database);
    await stage.gate.reload();
    expect(await statusOf(stage, 'prod/app', '1')).toBe(200);
  });

  it('accepts nothing that it cannot record', async () => {
    const stage = await startStage({ policies: { 'gate.yaml': scannedPolicy } });
    rmSync(join(stage.folder, 'ledger', 'record.key'));
    expect(await outcome(push(stage.client('pusher'), stage.host, 'prod/app', clean, '1'))).toContain(
      'registry/unreachable',
    );
    for (const reference of ['1', clean.digest])
      expect(await statusOf(stage, 'prod/app', reference, 'signer')).toBe(404);
  });

  it('serves nothing that a signature let in which was deleted meanwhile, and puts it away when it can', async () => {
    const stage = await startStage({ policies: { 'gate.yaml': signedPolicy }, signers: ['ops'] });
    const digest = await push(stage.client('pusher'), stage.host, 'prod/app', clean, '1');
    const signature = await sign(stage, 'prod/app', digest);
    await stage.gate.settled();
    const key = join(stage.folder, 'ledger', 'record.key');
    renameSync(key, `${key}.away`);
    const url = `http://${stage.host}/v2/prod/app/manifests/${signature}`;
    const headers = { authorization: `Basic ${Buffer.from('cleaner:x').toString('base64')}` };
    // The gate keeps the ledger open for a while after it has written.
    await new Promise((resolve) => setTimeout(resolve, 700));
    expect((await fetch(url, { method: 'DELETE', headers })).status).toBe(202);
    expect(await statusOf(stage, 'prod/app', '1')).toBe(403);
    renameSync(`${key}.away`, key);
    await stage.gate.reload();
    await stage.gate.settled();
    expect(await statusOf(stage, 'prod/app', '1')).toBe(404);
    expect(await stage.records(digest)).toContain('push withdrawn');
  });

  it('does not start with a policy that is none', async () => {
    await expect(startStage({ policies: { 'gate.yaml': broken } })).rejects.toThrow('gate.yaml');
  });

  it('fails closed where a blob vanishes while it is judged (T36)', async () => {
    const stage = await startStage({ policies: { 'gate.yaml': scannedPolicy } });
    const client = stage.client('pusher');
    const image = imageWith('4.17.21', 'vanishing');
    await push(client, stage.host, 'free/app', image, '1');
    const layer = JSON.parse(image.bytes.toString()) as { layers: { digest: string }[] };
    rmSync(join(stage.folder, 'data', 'layout', 'blobs', ...(layer.layers[0]?.digest ?? '').split(':')));
    expect(await outcome(push(client, stage.host, 'prod/app', { ...image, blobs: [] }, '1'))).not.toBe('done');
    expect(await statusOf(stage, 'prod/app', '1', 'signer')).toBe(404);
  });
});

describe('a signature that is collected', () => {
  it('is missed without being told', async () => {
    const stage = await startStage({ policies: { 'gate.yaml': signedPolicy }, signers: ['ops'] });
    const digest = await push(stage.client('pusher'), stage.host, 'prod/app', clean, '1');
    const signature = await sign(stage, 'prod/app', digest);
    await stage.gate.settled();
    const { DatabaseSync } = await import('node:sqlite');
    const state = new DatabaseSync(join(stage.folder, 'data', 'state.db'));
    state.prepare('DELETE FROM manifests WHERE digest = ?').run(signature);
    state.close();
    stage.advance(120_000);
    await stage.gate.reload();
    await stage.gate.settled();
    expect(await statusOf(stage, 'prod/app', '1')).toBe(404);
  });
});

describe('what was there before the gate', () => {
  it('is judged before it is served', async () => {
    const stage = await startStage({ policies: { 'gate.yaml': signedPolicy }, signers: ['ops'] });
    const digest = await push(stage.client('pusher'), stage.host, 'prod/app', clean, '1');
    await sign(stage, 'prod/app', digest);
    await stage.gate.settled();
    await stage.stop();
    const { DatabaseSync } = await import('node:sqlite');
    const state = new DatabaseSync(join(stage.folder, 'data', 'state.db'));
    state.exec('DELETE FROM gate_decisions');
    state.close();
    writeFileSync(join(stage.folder, 'gate.yaml'), signedPolicy);
    await stage.restart();
    await stage.gate.settled();
    expect(await statusOf(stage, 'prod/app', '1')).toBe(200);
    const list = (await (await stage.get(`/v2/prod/app/referrers/${digest}`, 'reader')).json()) as {
      manifests: { digest: string }[];
    };
    expect(list.manifests.length).toBe(3);
    for (const one of list.manifests) await expect.poll(() => statusOf(stage, 'prod/app', one.digest)).toBe(200);
  });
});
