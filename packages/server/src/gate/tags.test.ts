// Tags beside digests: what waits in quarantine under a name does not come out because the digest came by another.
import { digestOf } from '@plombe/oci';
import { expect, test } from 'vitest';
import { policyText, sign, statusOf } from './testing/policies.ts';
import { imageWith, push } from './testing/push.ts';
import { startStage } from './testing/stage.ts';

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
