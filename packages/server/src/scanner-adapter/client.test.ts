// Both ends real: Plombe's client of scanner adapters asks Plombe's adapter, which scans an image in a registry.
import { describe, expect, it, onTestFinished } from 'vitest';
import { openScannerClient } from '@plombe/connectors';
import { parseDigest, type Digest } from '@plombe/model';
import { networkContext } from '@plombe/oci/testing/context';
import { alpine, pushImage, startTestAdapter, useTestDatabase } from './testing/adapter.ts';

const database = useTestDatabase();
const { signal } = new AbortController();

function open(url: string, token = 't0ken'): ReturnType<typeof openScannerClient> {
  const client = openScannerClient({ url, authorization: `Bearer ${token}`, network: {} }, networkContext());
  onTestFinished(() => client.close());
  return client;
}

const task = ({ host, digest }: { host: string; digest: string }): Parameters<ReturnType<typeof open>['scan']>[0] => ({
  registryUrl: `http://${host}`,
  repository: 'library/app',
  digest: parseDigest(digest) as Digest,
  mediaType: 'application/vnd.oci.image.manifest.v1+json',
});

describe('the client of scanner adapters and the adapter', () => {
  it('agree on metadata, findings and what could not be compared', async () => {
    const image = await pushImage();
    const client = open(await startTestAdapter(database, [`http://${image.host}`]));
    expect(await client.metadata(signal)).toMatchObject({
      scanner: { name: 'Plombe' },
      produces: expect.arrayContaining([]),
    });
    const { findings, incomplete } = await client.scan(task(image), signal);
    expect(incomplete).toBeUndefined();
    expect(findings.map(({ vulnerability, source, severity }) => [vulnerability, source, severity.word])).toEqual([
      ['CVE-2019-10744', 'scanner:Plombe', 'critical'],
      ['CVE-2024-6119', 'scanner:Plombe', 'unknown'],
    ]);
    const partly = await pushImage([{ path: 'etc/os-release', content: 'ID=unheard-of\n' }, ...alpine.slice(2)]);
    const other = open(await startTestAdapter(database, [`http://${partly.host}`]));
    expect(await other.scan(task(partly), signal)).toMatchObject({ incomplete: { state: 'partial' }, findings: [{}] });
  });

  it('agree on refusals', async () => {
    const image = await pushImage();
    const url = await startTestAdapter(database, ['https://harbor.example']);
    await expect(open(url).scan(task(image), signal)).rejects.toMatchObject({
      code: 'scanner/refused',
      message: expect.stringContaining('invalid registry.url'),
    });
    await expect(open(url, 'wrong').scan(task(image), signal)).rejects.toMatchObject({ code: 'registry/unauthorized' });
  });
});
