// What others say of a ledger: cosign of its bundles, openssl of its checkpoint, Tessera's fsck of its tiles.
import { execFile } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { beforeAll, describe, expect, it } from 'vitest';
import { hasProgram, installed, temporaryFolder } from '../support/plombe.ts';
import { findPeer, missingPeers, peerEnvironment } from './support/peers.ts';

const home = temporaryFolder();
const plombe = installed(home);
const run = promisify(execFile);
const image = 'a'.repeat(64);
const cosign = findPeer('cosign');
const fsck = findPeer('tessera-fsck');
missingPeers('cosign', 'tessera-fsck');

interface Line {
  readonly type: string;
  readonly recordKey?: string;
  readonly note?: string;
  readonly bundle?: { dsseEnvelope: { payload: string; signatures: { sig: string }[] } };
}

let lines: readonly Line[] = [];

beforeAll(async () => {
  const args = ['--ledger', 'ledger'];
  expect((await plombe(['ledger', 'init', ...args, '--origin', 'example.com/interop'])).code).toBe(0);
  const records = Array.from(
    { length: 300 },
    (_, i) => `{"digest":"sha256:${image}","kind":"scan","predicate":{"i":${i}}}\n`,
  );
  expect((await plombe(['custody', 'record', '--from', '-', ...args], { stdin: records.join('') })).code).toBe(0);
  expect((await plombe(['custody', 'export', `sha256:${image}`, ...args, '--file', 'out.jsonl'])).code).toBe(0);
  const text = readFileSync(join(home, 'out.jsonl'), 'utf8').trim();
  lines = text.split('\n').map((line) => JSON.parse(line) as Line);
});

async function judge(program: string, args: readonly string[]): Promise<boolean> {
  // Tessera's fsck says what differs and then, sometimes, does not end: that is no consent either.
  return run(program, args, { cwd: home, env: peerEnvironment(home), timeout: 10_000, killSignal: 'SIGKILL' }).then(
    () => true,
    () => false,
  );
}

describe.skipIf(cosign === undefined)('cosign', () => {
  const verify = (digest: string, type = 'https://plombe.dev/custody/v1'): Promise<boolean> =>
    judge(cosign ?? '', [
      'verify-blob-attestation',
      '--key=record.pub',
      '--bundle=record.sigstore.json',
      '--insecure-ignore-tlog',
      `--type=${type}`,
      `--digest=${digest}`,
      '--digestAlg=sha256',
    ]);

  it('verifies a record of an export, and neither another digest nor another payload', async () => {
    writeFileSync(join(home, 'record.pub'), lines.find(({ type }) => type === 'trustRoot')?.recordKey ?? '');
    const bundle = lines.filter(({ type }) => type === 'bundle')[2]?.bundle;
    if (bundle === undefined) throw new Error('no bundle');
    writeFileSync(join(home, 'record.sigstore.json'), JSON.stringify(bundle));
    expect(await verify(image)).toBe(true);
    expect(await verify('b'.repeat(64))).toBe(false);
    expect(await verify(image, 'https://plombe.dev/other/v1')).toBe(false);
    const payload = Buffer.from(bundle.dsseEnvelope.payload, 'base64').toString().replace('"scan"', '"sign"');
    bundle.dsseEnvelope.payload = Buffer.from(payload).toString('base64');
    writeFileSync(join(home, 'record.sigstore.json'), JSON.stringify(bundle));
    expect(await verify(image)).toBe(false);
  });
});

describe.skipIf(!hasProgram('openssl'))('openssl', () => {
  it("verifies the log's signature of the checkpoint by the rules of signed-note", async () => {
    const note = lines.find(({ type }) => type === 'checkpoint')?.note ?? '';
    const end = note.indexOf('\n\n');
    const [signature = ''] = note.slice(end + 2).split('\n');
    const vkey = readFileSync(join(home, 'ledger/ledger.vkey'), 'utf8').trim();
    const raw = Buffer.from(vkey.split('+').slice(2).join('+'), 'base64').subarray(1);
    writeFileSync(join(home, 'log.der'), Buffer.concat([Buffer.from('302a300506032b6570032100', 'hex'), raw]));
    writeFileSync(join(home, 'signature'), Buffer.from(signature.split(' ')[2] ?? '', 'base64').subarray(4));
    const args = [
      'pkeyutl',
      '-verify',
      '-pubin',
      '-keyform',
      'DER',
      '-inkey',
      'log.der',
      '-rawin',
      '-in',
      'text',
      '-sigfile',
      'signature',
    ];
    writeFileSync(join(home, 'text'), note.slice(0, end + 1));
    expect(await judge('openssl', args)).toBe(true);
    writeFileSync(
      join(home, 'text'),
      note
        .slice(0, end + 1)
        .replace('\n302\n', '\n303\n')
        .replace(/\n\d+\n/, '\n7\n'),
    );
    expect(await judge('openssl', args)).toBe(false);
  });
});

describe.skipIf(fsck === undefined)('Tessera', () => {
  it('recomputes the tiles from the entries, and finds an entry that was changed', async () => {
    const args = [`--storage_url=file://${home}/ledger/`, '--public_key=ledger/ledger.vkey', '--ui=false'];
    expect(await judge(fsck ?? '', args)).toBe(true);
    const path = join(home, 'ledger/tile/entries/000');
    const bytes = readFileSync(path);
    writeFileSync(path, bytes.with(1000, (bytes[1000] as number) ^ 1));
    expect(await judge(fsck ?? '', args)).toBe(false);
    writeFileSync(path, bytes);
  });
});
