// Tags beside digests: what waits in quarantine under a name does not come out because the digest came by another.
import { digestOf } from '@plombe/oci';
import { expect, test } from 'vitest';
import { outcome } from '../../../oci/src/testing/client.ts';
import { policyText, scannedPolicy, sign, statusOf } from './testing/policies.ts';
import { imageWith, push } from './testing/push.ts';
import { openWriterNow, startStage } from './testing/stage.ts';

const clean = imageWith('4.17.21');
const noLatest = policyText(
  'gate',
  '{select: {repositories: ["prod/**"]}, onViolation: quarantine, configuration: {noLatestTag: true}, signatures: {anyOf: [{cosign: {key: ops.pub}}]}}',
);

test('a tag that a policy refuses stays where it is when its digest is let in', async () => {
  const stage = await startStage({ policies: { 'gate.yaml': noLatest }, signers: ['ops'] });
  const client = stage.client('pusher');
  const digest = await push(client, stage.host, 'prod/app', clean, 'latest');
  await sign(stage, 'prod/app', digest);
  expect(await statusOf(stage, 'prod/app', 'latest')).toBe(404);
  await push(client, stage.host, 'prod/app', clean).catch(() => undefined);
  await push(client, stage.host, 'prod/app', clean, '1').catch(() => undefined);
  expect(await statusOf(stage, 'prod/app', 'latest')).toBe(404);
  expect(await statusOf(stage, 'prod/app', '1')).toBe(200);
  expect(await statusOf(stage, 'prod/app', digestOf(clean.bytes))).toBe(200);
  const tags = (await (await stage.get('/v2/prod/app/tags/list', 'reader')).json()) as { tags: string[] };
  expect(tags.tags).toEqual(['1']);
});

test('a push takes nothing away that is visible', async () => {
  const stage = await startStage({ policies: { 'gate.yaml': policyText('gate', '{mode: audit}') } });
  const client = stage.client('pusher');
  const bad = imageWith('4.17.11');
  const digest = await push(client, stage.host, 'prod/app', bad, '1');
  await stage.gate.settled();
  const writer = await openWriterNow(stage);
  await writer.append([{ digest, kind: 'run', content: { cluster: 'eu' } }]);
  await writer.close();
  stage.writePolicy(
    'gate.yaml',
    scannedPolicy.replace('maxSeverity: medium}', 'maxSeverity: medium}, onViolation: quarantine'),
  );
  await stage.gate.reload();
  await stage.gate.settled();
  expect(await statusOf(stage, 'prod/app', '1')).toBe(200);
  expect(await outcome(push(client, stage.host, 'prod/app', bad, '2'))).toContain('registry/forbidden');
  expect(await statusOf(stage, 'prod/app', '1')).toBe(200);
  expect(await statusOf(stage, 'prod/app', '2')).toBe(404);
});

test('promotion brings no tag that the target refuses to what is there already', async () => {
  const incoming = policyText(
    'incoming',
    '{select: {repositories: ["in/**"]}, promote: {from: "in/**", to: "prod/$1"}}',
  );
  const stage = await startStage({ policies: { 'in.yaml': incoming, 'prod.yaml': noLatest }, signers: ['ops'] });
  const client = stage.client('pusher');
  const digest = await push(client, stage.host, 'prod/app', clean, '1');
  await sign(stage, 'prod/app', digest);
  await push(client, stage.host, 'in/app', clean, 'latest');
  await push(client, stage.host, 'in/app', clean, '2');
  await stage.gate.settled();
  expect(await statusOf(stage, 'prod/app', '2')).toBe(200);
  expect(await statusOf(stage, 'prod/app', 'latest')).toBe(404);
});
