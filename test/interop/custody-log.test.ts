// The log of a custody export in cosign's eyes: with its proof, each record verifies as if a Rekor had logged it.
import { createHash, createPublicKey } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { temporaryFolder } from '../support/plombe.ts';
import { done, missingPeers, peer } from './support/peers.ts';
import { openProgram } from './support/program.ts';

const home = temporaryFolder();
const { run } = openProgram(home);
const missing = missingPeers('cosign');
const hex = createHash('sha256').update('an image').digest('hex');
const origin = 'log.example.test';
const file = (name: string): string => join(home, name);

/** Lines of an export, each with its `type`. */
interface Line {
  readonly type: string;
  readonly recordKey: string;
  readonly logKey: string;
  readonly note: string;
  readonly index: number;
  readonly hashes: readonly string[];
  readonly bundle: Bundle;
}

interface Bundle {
  readonly dsseEnvelope: {
    readonly payloadType: string;
    readonly payload: string;
    readonly signatures: readonly { readonly sig: string }[];
  };
  readonly verificationMaterial: object;
}

let lines: readonly Line[] = [];
const lineOf = (type: string): Line => {
  const found = lines.find((line) => line.type === type);
  if (found === undefined) throw new Error(`the export has no ${type}`);
  return found;
};
/** Each record with the bundle and the proof that follow it. */
const records = (): readonly (readonly [Bundle, Line])[] =>
  lines.flatMap(({ type }, i) => {
    const [bundle, proof] = [lines[i + 1]?.bundle, lines[i + 2]];
    return type === 'record' && bundle !== undefined && proof !== undefined ? [[bundle, proof] as const] : [];
  });

const cosign = peer('cosign', file('cosign'));

/** What cosign says about a bundle: its exit code. */
async function cosignCode(bundle: object, ...flags: readonly string[]): Promise<number | undefined> {
  writeFileSync(file('bundle.json'), JSON.stringify(bundle));
  const about = ['--type', 'https://plombe.dev/custody/v1', '--digest', hex, '--digestAlg', 'sha256'];
  const key = ['--bundle', file('bundle.json'), '--key', file('record.pub')];
  return (await cosign(['verify-blob-attestation', ...key, ...about, ...flags])).code;
}

beforeAll(async () => {
  if (missing.length > 0) return;
  const ledger = ['--ledger', file('ledger')];
  await done(run('ledger', 'init', ...ledger, '--origin', origin));
  writeFileSync(file('predicate.json'), JSON.stringify({ ticket: 'X-1' }));
  for (const kind of ['build', 'approve', 'deploy']) {
    const predicate = ['--predicate', file('predicate.json')];
    await done(run('custody', 'record', `sha256:${hex}`, '--kind', kind, ...predicate, ...ledger));
  }
  await done(run('custody', 'export', `sha256:${hex}`, ...ledger, '--file', file('export.jsonl')));
  lines = readFileSync(file('export.jsonl'), 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Line);
  writeFileSync(file('record.pub'), lineOf('trustRoot').recordKey);
});

/** The parts of a verifier key (C2SP signed-note): name, algorithm and raw key. */
function verifierKey(): { readonly name: string; readonly algorithm: number; readonly key: Buffer } {
  const text = lineOf('trustRoot').logKey;
  const [name = '', , ...rest] = text.split('+');
  const bytes = Buffer.from(rest.join('+'), 'base64');
  return { name, algorithm: bytes[0] ?? 0, key: bytes.subarray(1) };
}

/** PEM of a raw Ed25519 key (RFC 8410). */
function ed25519Pem(raw: Uint8Array): string {
  const spki = Buffer.concat([Buffer.from('302a300506032b6570032100', 'hex'), raw]);
  return `-----BEGIN PUBLIC KEY-----\n${spki.toString('base64')}\n-----END PUBLIC KEY-----\n`;
}

/** The leaf of a record: Rekor v2's `hashedrekord` 0.0.2 over the envelope's pre-authentication encoding, canonical. */
function leafOf({ dsseEnvelope: { payload, payloadType, signatures } }: Bundle): string {
  const bytes = Buffer.from(payload, 'base64');
  const head = `DSSEv1 ${payloadType.length} ${payloadType} ${bytes.length} `;
  const digest = createHash('sha256').update(head).update(bytes).digest('base64');
  const spki = createPublicKey(lineOf('trustRoot').recordKey).export({ format: 'der', type: 'spki' });
  const verifier = `{"keyDetails":"PKIX_ECDSA_P256_SHA_256","publicKey":{"rawBytes":"${spki.toString('base64')}"}}`;
  const signature = `{"content":"${signatures[0]?.sig}","verifier":${verifier}}`;
  const data = `{"algorithm":"SHA2_256","digest":"${digest}"}`;
  return `{"apiVersion":"0.0.2","kind":"hashedrekord","spec":{"hashedRekordV002":{"data":${data},"signature":${signature}}}}`;
}

/** The record's bundle with its place in the log, as Rekor would have answered. */
function logged(bundle: Bundle, proof: Line): Bundle {
  const { name, algorithm, key } = verifierKey();
  const { note } = lineOf('checkpoint');
  const [, treeSize, rootHash] = note.split('\n');
  const id = createHash('sha256').update(`${name}\n`).update(Uint8Array.of(algorithm)).update(key).digest('base64');
  const entry = {
    logIndex: `${proof.index}`,
    logId: { keyId: id },
    kindVersion: { kind: 'hashedrekord', version: '0.0.2' },
    integratedTime: '0',
    inclusionProof: {
      logIndex: `${proof.index}`,
      rootHash,
      treeSize,
      hashes: proof.hashes,
      checkpoint: { envelope: note },
    },
    canonicalizedBody: Buffer.from(leafOf(bundle)).toString('base64'),
  };
  return { ...bundle, verificationMaterial: { ...bundle.verificationMaterial, tlogEntries: [entry] } };
}

describe.skipIf(missing.length > 0)('a custody export', () => {
  it('has proofs that cosign follows into the log, as into a Rekor', async () => {
    writeFileSync(file('log.pub'), ed25519Pem(verifierKey().key));
    const log = `url=https://${origin},public-key=${file('log.pub')},start-time=2025-01-01T00:00:00Z,origin=${origin}`;
    await done(cosign(['trusted-root', 'create', `--rekor=${log}`, '--out', file('root.json')]));
    const flags = ['--trusted-root', file('root.json')];
    for (const [bundle, proof] of records()) {
      expect(await cosignCode(logged(bundle, proof), ...flags)).toBe(0);
      const { code } = await run(
        'verify',
        `sha256:${hex}`,
        '--bundle',
        file('bundle.json'),
        '--key',
        file('record.pub'),
        ...flags,
        '--require-log',
      );
      expect(code).toBe(0);
    }
    const [[, proof], [other]] = records() as [[Bundle, Line], [Bundle, Line]];
    expect(await cosignCode(logged(other, proof), ...flags)).not.toBe(0);
  });
});
