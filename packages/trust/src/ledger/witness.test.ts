// A witness of its own: an HTTP server that does what tlog-witness asks of one, with the verification of RFC 9162.
import { generateKeyPairSync } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { cosignHead, formatCheckpoint, parseCheckpoint, signatureProblem } from './checkpoint.ts';
import { folderStore } from './folder.ts';
import { nodeHash } from './merkle.ts';
import { signatureTypes, verifierKey, type VerifierKey } from './note.ts';
import { openReader } from './reader.ts';
import { digestOf, exportText, makeLedger, record, temporaryFolder, tickingClock } from './testing/ledgers.ts';
import { verifyExport } from './verify.ts';
import { witnessCheckpoint } from './witness.ts';

const folder = temporaryFolder();
const { privateKey, publicKey } = generateKeyPairSync('ed25519');
const raw = Buffer.from(publicKey.export({ format: 'jwk' }).x ?? '', 'base64url');
const key = verifierKey('witness.example/w1', signatureTypes.ed25519Cosignature, raw);
const ctx = { fetch: globalThis.fetch, signal: new AbortController().signal };
let logKey: VerifierKey;
let server: Server;
let url = '';
let seen: { readonly size: number; readonly root: Buffer } = { size: 0, root: Buffer.alloc(0) };

function answer(body: string): { status: number; text: string } {
  const end = body.indexOf('\n\n');
  const [oldLine = '', ...proof] = body.slice(0, end).split('\n');
  const old = Number(oldLine.replace('old ', ''));
  const checkpoint = parseCheckpoint(body.slice(end + 2));
  if (checkpoint === undefined) return { status: 400, text: '' };
  const own = { ...checkpoint, note: { ...checkpoint.note, signatures: checkpoint.note.signatures.slice(0, 1) } };
  if (signatureProblem(own, [logKey]) !== undefined) return { status: 403, text: '' };
  if (old !== seen.size) return { status: 409, text: `${seen.size}\n` };
  const hashes = proof.map((line) => Buffer.from(line, 'base64'));
  if (old > 0 && !extendsTo(old, checkpoint.size, hashes, [seen.root, checkpoint.root]))
    return { status: 422, text: '' };
  seen = checkpoint;
  const { name, id, signature } = cosignHead(checkpoint, key, privateKey, 1_800_000_000);
  return { status: 200, text: formatCheckpoint(checkpoint, [{ name, id, signature }]).split('\n\n')[1] ?? '' };
}

/** RFC 9162, 2.1.4.2. */
function extendsTo(first: number, second: number, proof: readonly Buffer[], roots: readonly [Buffer, Buffer]): boolean {
  if (first === second) return proof.length === 0 && roots[0].equals(roots[1]);
  const path = (first & (first - 1)) === 0 ? [roots[0], ...proof] : proof;
  let [fn, sn] = [first - 1, second - 1];
  while (fn % 2 === 1) [fn, sn] = [fn >> 1, sn >> 1];
  let [fr, sr] = [path[0] as Buffer, path[0] as Buffer];
  for (const c of path.slice(1)) {
    if (fn % 2 === 1 || fn === sn) {
      [fr, sr] = [nodeHash(c, fr), nodeHash(c, sr)];
      while (fn % 2 === 0 && fn !== 0) [fn, sn] = [fn >> 1, sn >> 1];
    } else sr = nodeHash(sr, c);
    [fn, sn] = [fn >> 1, sn >> 1];
  }
  return sn === 0 && fr.equals(roots[0]) && sr.equals(roots[1]);
}

beforeAll(async () => {
  server = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk: Buffer) => (body += chunk.toString()));
    request.on('end', () => {
      const { status, text } = request.url === '/add-checkpoint' ? answer(body) : { status: 404, text: '' };
      response.writeHead(status, { 'content-type': status === 409 ? 'text/x.tlog.size' : 'text/plain' }).end(text);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});

afterAll(() => {
  server.close();
  folder.end();
});

const judge = (text: string, witnesses: readonly VerifierKey[]) =>
  verifyExport(
    (async function* () {
      yield Buffer.from(text);
    })(),
    { logKey, witnesses },
  );

describe('a witness', () => {
  test('cosigns, first without and then with a proof, and its cosignature is kept and required', async () => {
    const clock = tickingClock();
    const store = await makeLedger(folder.path, [[{ digest: digestOf(1), kind: 'build' }]], { clock });
    logKey = (await openReader(store)).keys.log;
    expect(await witnessCheckpoint(store, { url, key }, ctx)).toEqual({ size: 4, timeMs: 1_800_000_000_000 });
    await record(store, [Array.from({ length: 20 }, () => ({ digest: digestOf(1), kind: 'run' as const }))], clock);
    await expect(exportText(store, [digestOf(1)], { witnesses: [key] })).rejects.toMatchObject({
      code: 'ledger/witness',
    });
    expect(await witnessCheckpoint(store, { url: `${url}/`, key }, ctx)).toMatchObject({ size: 25 });
    expect(await witnessCheckpoint(store, { url, key }, ctx)).toMatchObject({ size: 25 });
    expect((await openReader(store)).checkpoint.note.signatures).toHaveLength(3);
    const witnessed = await exportText(store, [digestOf(1)], { witnesses: [key] });
    expect((await judge(witnessed, [key])).verdict).toBe('verified');
    expect((await judge(witnessed, [])).verdict).toBe('rejected');
    expect((await judge(await exportText(store, [digestOf(1)]), [])).verdict).toBe('verified');
    expect((await judge(await exportText(store, [digestOf(1)]), [key])).verdict).toBe('rejected');
    await record(store, [[{ digest: digestOf(1), kind: 'retire' }]], clock);
  });

  test('T70 that has seen more than there is says that the folder was put back', async () => {
    const other = temporaryFolder();
    try {
      const store = await makeLedger(other.path, []);
      logKey = (await openReader(store)).keys.log;
      await expect(witnessCheckpoint(store, { url, key }, ctx)).rejects.toMatchObject({
        code: 'ledger/witness',
        message: expect.stringContaining('put back to an older state') as string,
      });
    } finally {
      other.end();
    }
  });

  test.each([
    ['nobody is there', 'http://127.0.0.1:9', 'cannot be reached'],
    ['another path', '/elsewhere', 'answered 404'],
  ])('%s', async (_, address, message) => {
    const store = folderStore(folder.path);
    await expect(
      witnessCheckpoint(store, { url: address.startsWith('/') ? url + address : address, key }, ctx),
    ).rejects.toMatchObject({ code: 'ledger/witness', message: expect.stringContaining(message) as string });
  });
});
