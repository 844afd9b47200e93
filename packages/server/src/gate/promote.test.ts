// Promotion: what is allowed in one repository appears in another with what refers to it, and only where that one's policies hold.
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { describe, expect, it } from 'vitest';
import { policyText, sign, statusOf } from './testing/policies.ts';
import { promotionTarget } from '@plombe/policy';
import { imageWith, indexOf, push } from './testing/push.ts';
import { startStage } from './testing/stage.ts';

const clean = imageWith('4.17.21');
const incoming = policyText(
  'incoming',
  '{select: {repositories: ["quarantine/**"]}, signatures: {anyOf: [{cosign: {key: ops.pub}}]}, onViolation: quarantine, promote: {from: "quarantine/**", to: "prod/$1"}}',
);
const production = policyText(
  'production',
  '{select: {repositories: ["prod/**"]}, signatures: {anyOf: [{cosign: {key: ops.pub}}]}, vulnerabilities: {maxSeverity: medium}, onViolation: quarantine}',
);
const stageOf = () => startStage({ policies: { 'in.yaml': incoming, 'prod.yaml': production }, signers: ['ops'] });

describe('the target of a rule', () => {
  it.each([
    ['quarantine/**', 'prod/$1', 'quarantine/team/app', 'prod/team/app'],
    ['in/*/app', '$1/out', 'in/team/app', 'team/out'],
    ['in/*/*', 'out/$2/$1', 'in/a/b', 'out/b/a'],
    ['quarantine/**', 'prod/$1', 'other/app', undefined],
    ['quarantine/**', 'quarantine/$1', 'quarantine/app', undefined],
    ['quarantine/**', 'PROD/$1', 'quarantine/app', undefined],
    ['quarantine/**', 'prod/$2', 'quarantine/app', undefined],
    ['a.b/**', 'prod/$1', 'aXb/app', undefined],
  ])('%s → %s of %s is %s', (from, to, repository, target) => {
    expect(promotionTarget({ from, to }, repository)).toBe(target);
  });
});

describe('promotion', () => {
  it('copies what is allowed with its signatures, and records it', async () => {
    const stage = await stageOf();
    const digest = await push(stage.client('pusher'), stage.host, 'quarantine/team/app', clean, '1');
    await stage.gate.settled();
    expect(await statusOf(stage, 'prod/team/app', '1', 'signer')).toBe(404);
    const signature = await sign(stage, 'quarantine/team/app', digest);
    await stage.gate.settled();
    for (const reference of ['1', digest, signature])
      expect(await statusOf(stage, 'prod/team/app', reference)).toBe(200);
    expect(await stage.records(digest)).toContain('promote promoted');
  });

  it('copies an index with its platforms', async () => {
    const stage = await stageOf();
    const client = stage.client('pusher');
    await push(client, stage.host, 'quarantine/app', clean);
    const index = indexOf([clean]);
    await push(client, stage.host, 'quarantine/app', index, 'multi');
    await sign(stage, 'quarantine/app', index.digest);
    await stage.gate.settled();
    for (const reference of ['multi', index.digest, clean.digest])
      expect(await statusOf(stage, 'prod/app', reference)).toBe(200);
  });

  it('shows nothing that the policies of the target refuse', async () => {
    const stage = await stageOf();
    const bad = imageWith('4.17.11');
    const digest = await push(stage.client('pusher'), stage.host, 'quarantine/app', bad, '1');
    await sign(stage, 'quarantine/app', digest);
    await stage.gate.settled();
    expect(await statusOf(stage, 'quarantine/app', '1')).toBe(200);
    expect(await statusOf(stage, 'prod/app', '1')).toBe(404);
    expect(await stage.records(digest)).not.toContain('promote promoted');
  });

  it('leaves what its own policies refuse where it is, also when a statement about it comes', async () => {
    const loose = '{select: {repositories: ["quarantine/**"]}, vulnerabilities: {maxSeverity: critical}}';
    const strict = loose.replace('critical}', 'medium}, promote: {from: "quarantine/**", to: "open/$1"}');
    const stage = await startStage({ policies: { 'in.yaml': policyText('incoming', loose) }, signers: ['ops'] });
    const digest = await push(stage.client('pusher'), stage.host, 'quarantine/app', imageWith('4.17.11'), '1');
    stage.writePolicy('in.yaml', policyText('incoming', strict));
    await stage.gate.reload();
    await stage.gate.settled();
    expect(await statusOf(stage, 'quarantine/app', '1')).toBe(403);
    await sign(stage, 'quarantine/app', digest);
    await stage.gate.settled();
    expect(await statusOf(stage, 'open/app', '1')).toBe(404);
    expect(await stage.records(digest)).not.toContain('promote promoted');
  });

  it('is made up for after a sudden end', async () => {
    const spec = '{select: {repositories: ["quarantine/**"]}';
    const stage = await startStage({ policies: { 'in.yaml': policyText('incoming', `${spec}}`) } });
    const digest = await push(stage.client('pusher'), stage.host, 'quarantine/app', clean, '1');
    await stage.stop();
    stage.writePolicy('in.yaml', policyText('incoming', `${spec}, promote: {from: "quarantine/**", to: "open/$1"}}`));
    const database = new DatabaseSync(join(stage.folder, 'data', 'state.db'));
    database.prepare('INSERT INTO gate_promotions (repository, digest) VALUES (?, ?)').run('quarantine/app', digest);
    database.close();
    await stage.restart();
    await stage.gate.settled();
    expect(await statusOf(stage, 'open/app', '1')).toBe(200);
    expect(await stage.records(digest)).toContain('promote promoted');
  });
});
