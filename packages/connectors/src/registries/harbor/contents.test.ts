// What is in a Harbor, over pages, throttling and nonsense; the double is held to Harbor's own description.
import { describe, expect, it } from 'vitest';
import { openHarbor } from '../../testing/harbor/open.ts';
import { description, startHarbor } from '../../testing/harbor/server.ts';
import { digestOf, put } from '../../testing/harbor/state.ts';

const { signal } = new AbortController();
const call = { signal };

describe.skipIf(description === undefined)('the Harbor connector', () => {
  it('lists repositories and artifacts over many pages, through throttling', async () => {
    const harbor = await startHarbor();
    for (let n = 0; n < 230; n++) put(harbor.state, `library/app-${String(n).padStart(3, '0')}`, `a${n}`);
    put(harbor.state, 'library/deep/er/app', 'deep', {
      tags: ['1.0', 'latest'],
      labels: ['checked'],
      accessories: [{ digest: digestOf('sig'), type: 'signature.cosign' }],
      scan: { severity: 'High', total: 3 },
    });
    harbor.state.projects[0]?.immutable.push({ pattern: '1.*' });
    harbor.faults.push({ on: /repositories$/, status: 429, headers: { 'retry-after': '0' }, times: 2 });
    const connector = openHarbor(harbor);
    const names = (await Array.fromAsync(connector.repositories(call))).map(({ name }) => name);
    expect(names).toHaveLength(231);
    expect(harbor.asked.filter((line) => line.startsWith('GET /repositories'))).toHaveLength(5);
    const [artifact] = await Array.fromAsync(connector.artifacts('library/deep/er/app', call));
    expect(artifact).toEqual({
      repository: 'library/deep/er/app',
      digest: digestOf('deep'),
      mediaType: 'application/vnd.oci.image.manifest.v1+json',
      tags: ['1.0', 'latest'],
      state: 'locked',
      sizeBytes: 3_370_000,
      pushedAt: '2026-11-01T08:00:00.000Z',
      labels: ['checked'],
      referrers: [{ digest: digestOf('sig'), type: 'signature.cosign' }],
      scan: { status: 'Success', severity: 'High', scanner: 'Trivy', scannedAt: '2026-01-01T00:00:00.000Z' },
    });
  });

  it('gives up where it is told to wait longer than it may, and says so', async () => {
    const harbor = await startHarbor();
    harbor.faults.push({ on: /repositories/, status: 429, headers: { 'retry-after': '315360000' }, times: 9 });
    await expect(Array.fromAsync(openHarbor(harbor).repositories(call))).rejects.toMatchObject({
      code: 'registry/rate-limited',
    });
    expect(harbor.asked).toHaveLength(1);
    harbor.faults.splice(0);
    harbor.faults.push({ on: /repositories/, status: 503, times: 9 });
    await expect(Array.fromAsync(openHarbor(harbor).repositories(call))).rejects.toMatchObject({
      code: 'registry/unreachable',
    });
    expect(harbor.asked).toHaveLength(4);
  });

  it('takes neither a redirect nor a list without end nor text for an answer (T28, T33)', async () => {
    const harbor = await startHarbor();
    const link = '<http://169.254.169.254/?page=2>; rel="next"';
    const answers: readonly [number, Record<string, string>, string][] = [
      [302, { location: 'http://169.254.169.254/' }, ''],
      [200, {}, '<html>'],
      [200, {}, '{"a":1}'],
    ];
    for (const [status, headers, body] of answers) {
      harbor.faults.splice(0, harbor.faults.length, { on: /repositories/, status, headers, body, times: 1 });
      await expect(Array.fromAsync(openHarbor(harbor).repositories(call))).rejects.toMatchObject({
        code: 'registry/invalid-answer',
      });
    }
    harbor.asked.splice(0);
    harbor.faults.splice(0, harbor.faults.length, {
      on: /repositories/,
      status: 200,
      headers: { link },
      body: '[{"name":"a/b"}]',
      times: 3,
    });
    harbor.faults.push({ on: /repositories/, status: 200, headers: { link }, body: '[]', times: 9 });
    expect(await Array.fromAsync(openHarbor(harbor).repositories(call))).toHaveLength(3);
    expect(harbor.asked.map((line) => line.replace(/.*page=(\d+).*/, '$1'))).toEqual(['1', '2', '3', '4']);
  });

  it('refuses names that are none before anything is asked (T60)', async () => {
    const harbor = await startHarbor();
    const connector = openHarbor(harbor);
    for (const name of ['library', '../users', 'library/..', 'library/a//b', "library/a' OR 1=1", 'library/a?x=1']) {
      await expect(Array.fromAsync(connector.artifacts(name, call)), name).rejects.toMatchObject({
        code: 'reference/invalid',
      });
    }
    expect(harbor.asked).toEqual([]);
  });
});
