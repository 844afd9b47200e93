// Trust stores on disk: what is read, what is ignored, and what makes a store useless.
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { issue } from '@plombe/pki/testing';
import { trustStoreOnDisk } from './disk.ts';
import { readTrustStore, type NamedStore } from './store.ts';

const root = issue({ subject: ['CN=root'], ca: true });
const other = issue({ subject: ['CN=other'], ca: true });
const middle = issue({ subject: ['CN=middle'], ca: true, issuer: root });
const alone = issue({ subject: ['CN=alone'] });

describe('a trust store', () => {
  let folder = '';
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'plombe-store-'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  function put(path: string, content: string | Uint8Array): void {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), content);
  }

  async function read(name: string): Promise<NamedStore | undefined> {
    return (await readTrustStore(trustStoreOnDisk(folder))).get(name);
  }

  const names = (store: NamedStore | undefined) =>
    store?.kind === 'read' ? store.certificates.map(({ subject }) => subject.text) : store?.message;

  it('reads PEM and DER by their extensions, several in one file', async () => {
    put('x509/ca/acme/a.pem', root.pem + other.pem);
    put('x509/ca/acme/b.crt', alone.pem);
    put('x509/ca/acme/c.der', root.certificate.bytes);
    put('x509/ca/acme/d.cer', root.certificate.bytes);
    put('x509/signingAuthority/sa/a.pem', root.pem);
    put('x509/tsa/stamp/a.pem', root.pem);
    expect(names(await read('ca:acme'))).toEqual(['CN=root', 'CN=other', 'CN=alone', 'CN=root', 'CN=root']);
    expect(names(await read('signingAuthority:sa'))).toEqual(['CN=root']);
    expect(names(await read('tsa:stamp'))).toEqual(['CN=root']);
    expect(await read('ca:sa')).toBeUndefined();
  });

  it('ignores sub-folders and other files, and says so', async () => {
    put('x509/ca/acme/a.pem', root.pem);
    put('x509/ca/acme/README.txt', 'x');
    put('x509/ca/acme/sub/b.pem', other.pem);
    const store = await read('ca:acme');
    expect(names(store)).toEqual(['CN=root']);
    expect(store).toMatchObject({ warnings: [expect.stringContaining('README.txt'), expect.stringContaining('sub')] });
  });

  it('trusts only roots; for time stamps only those of authorities', async () => {
    put('x509/ca/acme/a.pem', middle.pem + root.pem);
    put('x509/tsa/acme/a.pem', alone.pem);
    const store = await read('ca:acme');
    expect(names(store)).toEqual(['CN=root']);
    expect(store).toMatchObject({ warnings: [expect.stringContaining('no root certificate')] });
    expect(names(await read('tsa:acme'))).toEqual([]);
  });

  it('with a symbolic link is not used at all', async () => {
    put('x509/ca/acme/a.pem', root.pem);
    put('outside/b.pem', other.pem);
    symlinkSync(join(folder, 'outside/b.pem'), join(folder, 'x509/ca/acme/b.pem'));
    symlinkSync(join(folder, 'outside'), join(folder, 'x509/ca/linked'));
    expect(names(await read('ca:acme'))).toContain('b.pem is a symbolic link');
    expect(names(await read('ca:linked'))).toContain('symbolic link');
  });

  it.each([
    ['text that is no certificate', 'hello', 'holds no certificate'],
    ['damaged PEM', root.pem.replace('MII', 'MIA'), 'cannot be read'],
    ['damaged DER', root.certificate.bytes.subarray(0, 100), 'cannot be read'],
    ['nothing', '', 'holds no certificate'],
  ])('with a file that holds %s is not used', async (_name, content, message) => {
    put('x509/ca/acme/a.pem', root.pem);
    put('x509/ca/acme/b.pem', content);
    put('x509/ca/fine/a.pem', root.pem);
    expect(names(await read('ca:acme'))).toContain(message);
    expect(names(await read('ca:fine'))).toEqual(['CN=root']);
  });

  it('T48 with a file of 50 MB is not used', async () => {
    put('x509/ca/acme/a.pem', new Uint8Array(50_000_000));
    expect(names(await read('ca:acme'))).toContain('larger than');
  });

  it('without x509, or with a file in place of a folder, is an error', async () => {
    await expect(readTrustStore(trustStoreOnDisk(folder))).rejects.toMatchObject({ code: 'notation/trust-store' });
    mkdirSync(join(folder, 'x509'));
    expect((await readTrustStore(trustStoreOnDisk(folder))).size).toBe(0);
    put('x509/ca', 'a file');
    await expect(readTrustStore(trustStoreOnDisk(folder))).rejects.toMatchObject({ code: 'notation/trust-store' });
  });
});
