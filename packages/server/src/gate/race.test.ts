// A thousand pushes against pulls that never stop: nothing is ever served that was not judged and let in.
import { setTimeout as sleep } from 'node:timers/promises';
import type { Digest } from '@plombe/model';
import { digestOf } from '@plombe/oci';
import { expect, it } from 'vitest';
import { scannedPolicy } from './testing/policies.ts';
import { imageWith, type MadeManifest } from './testing/push.ts';
import { startStage } from './testing/stage.ts';

const pushes = 1000;
const clients = 8;

it('serves no digest that was not judged', { timeout: 600_000 }, async () => {
  const stage = await startStage({ policies: { 'gate.yaml': scannedPolicy }, ledger: false });
  const images = Array.from({ length: pushes }, (_, n) => ({
    image: imageWith(n % 2 === 0 ? '4.17.21' : '4.17.11', `${n}`),
    isBad: n % 2 === 1,
  }));
  const queue = [...images];
  const accepted = new Set<Digest>();
  const served: string[] = [];
  let pulls = 0;
  let over = false;
  const headers = { authorization: `Basic ${Buffer.from('pusher:x').toString('base64')}` };
  /** One request for each blob, as the specification offers. */
  const pushOne = async ({ blobs, bytes, mediaType }: MadeManifest, tag: string): Promise<number> => {
    const base = `http://${stage.host}/v2/prod/app`;
    for (const blob of blobs) {
      const url = `${base}/blobs/uploads/?digest=${digestOf(blob)}`;
      const type = { 'content-type': 'application/octet-stream' };
      const { status } = await fetch(url, {
        method: 'POST',
        headers: { ...headers, ...type },
        body: new Uint8Array(blob),
      });
      if (status !== 201) throw new Error(`The blob was answered with ${status}.`);
    }
    const type = { 'content-type': mediaType };
    const answer = await fetch(`${base}/manifests/${tag}`, {
      method: 'PUT',
      headers: { ...headers, ...type },
      body: new Uint8Array(bytes),
    });
    await answer.arrayBuffer();
    return answer.status;
  };
  const pushAll = async (): Promise<void> => {
    for (let next = queue.pop(); next !== undefined; next = queue.pop()) {
      const { image } = next;
      if ((await pushOne(image, `t${queue.length}`)) === 201) accepted.add(image.digest);
    }
  };
  const look = async ({ image, isBad }: { readonly image: MadeManifest; readonly isBad: boolean }): Promise<void> => {
    const answer = await stage.get(`/v2/prod/app/manifests/${image.digest}`, 'reader');
    await answer.arrayBuffer();
    pulls += 1;
    if (answer.status === 200 && isBad) served.push(image.digest);
    if (![200, 404].includes(answer.status)) served.push(`${answer.status}`);
  };
  const pullAll = async (start: number): Promise<void> => {
    for (let n = start; !over; n = (n + 7) % pushes) {
      await look(images[n] as (typeof images)[number]);
      await sleep(2);
    }
  };
  const pulling = [0, 1].map((start) => pullAll(start * 500));
  await Promise.all(Array.from({ length: clients }, pushAll));
  over = true;
  await Promise.all(pulling);
  expect(served).toEqual([]);
  expect(accepted.size).toBe(pushes / 2);
  expect(pulls).toBeGreaterThan(100);
  for (const { image, isBad } of images) if (isBad) expect(accepted.has(image.digest)).toBe(false);
});
