// Addresses of object stores: what is read, and what is refused.
import { describe, expect, test } from 'vitest';
import { parseBlobAddress } from './address.ts';

describe('an address of blobs', () => {
  test.each([
    [
      'azure://acct/images',
      { kind: 'azure', prefix: '', place: 'azure://acct/images/', host: 'acct.blob.core.windows.net' },
    ],
    ['azure://acct/images/a/b/', { kind: 'azure', prefix: 'a/b/', place: 'azure://acct/images/a/b/' }],
    [
      'azure://acct/images?endpoint=https://acct.blob.core.usgovcloudapi.net',
      { host: 'acct.blob.core.usgovcloudapi.net' },
    ],
    [
      's3://bucket?region=eu-central-1',
      { kind: 's3', prefix: '', isInPath: false, host: 's3.eu-central-1.amazonaws.com' },
    ],
    ['s3://my.bucket/x?region=eu-central-1', { isInPath: true, prefix: 'x/', place: 's3://my.bucket/x/' }],
    ['s3://bucket?endpoint=http://127.0.0.1:9000', { region: 'us-east-1', isInPath: true, host: '127.0.0.1:9000' }],
  ])('%s', (text, { host, ...wanted }: Record<string, unknown>) => {
    const address = parseBlobAddress(text);
    expect(address).toMatchObject(wanted);
    if (host !== undefined) expect(address.endpoint.host).toBe(host);
  });

  test('the region of the environment', () => {
    expect(parseBlobAddress('s3://bucket', { region: 'eu-west-1' })).toMatchObject({ region: 'eu-west-1' });
  });

  test.each([
    ['', 'is no address'],
    ['gs://bucket', 'is no address'],
    ['azure://acct', 'names no container'],
    ['azure://ACCT/images', 'names no storage account'],
    ['azure://acct.evil.example/images', 'names no storage account'],
    ['azure://acct/images/../other', 'has a prefix'],
    ['azure://acct/images//x', 'has a prefix'],
    ['azure://acct/images?sv=2024&sig=secret', 'has the parameter sv'],
    ['s3://bucket', 'names no region'],
    ['s3://bucket?region=eu/../x', 'names no region'],
    ['s3://a..b?region=eu-west-1', 'names no bucket'],
    ['s3://bucket?endpoint=http://store.example', 'no https address'],
    ['s3://bucket?endpoint=https://key:secret@store.example', 'no https address'],
    ['s3://bucket?endpoint=file:///etc', 'no https address'],
  ])('%s is refused', (text, reason) => {
    expect(() => parseBlobAddress(text)).toThrow(reason);
    expect(() => parseBlobAddress(text)).not.toThrow(/secret/);
  });
});
