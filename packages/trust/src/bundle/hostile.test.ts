// Bundles that lie, are empty, huge or changed in one place: never verified, never thrown.
import { issue, testKey, testNowMs } from '@plombe/pki/testing';
import { issueTimestamper } from '@plombe/pki/testing/timestamp';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { publicKeyOf, publicKeyPem } from '../keys/public-key.ts';
import { signerOf } from '../keys/signer.ts';
import type { LogEntry } from '../log/entry.ts';
import { flip, hashedRekordBody, issueSigner, stamp, testAuthorities, TestLog, testRoot } from '../testing/sigstore.ts';
import type { Trust } from '../verify/trust.ts';
import { parseBundle } from './bundle.ts';
import { verifyBundle, type SigstoreResult } from './verify.ts';
import { writeBundle } from './write.ts';
import {
  artifact,
  digest,
  key,
  publicKey,
  rekor1,
  rekor2,
  root,
  keyed,
  keyless,
  verify,
  failed,
  keyedMessage,
  keyedEnvelope,
  keylessEnvelope,
  signatureOf,
} from '../testing/bundles.ts';

describe('T40 log entries of something else', () => {
  it('are rejected, with a trusted root and without', async () => {
    const bundle = await keyedMessage();
    const { signature } = bundle.content as { readonly signature: Uint8Array };
    const pem = publicKeyPem(publicKey);
    const again = await signerOf(key).sign(artifact);
    const bodies: readonly (readonly [string, object])[] = [
      ['another artifact', hashedRekordBody(Buffer.from('other'), signature, pem)],
      ['another signature', hashedRekordBody(artifact, again, pem)],
      ['another key', hashedRekordBody(artifact, signature, publicKeyPem(publicKeyOf(testKey('p256'))))],
      ['a certificate', hashedRekordBody(artifact, signature, issueSigner().pem)],
      ['another kind', { ...hashedRekordBody(artifact, signature, pem), kind: 'rpm' }],
      ['no content', { apiVersion: '0.0.1', kind: 'hashedrekord', spec: {} }],
    ];
    for (const [what, body] of bodies) {
      const entries = [await rekor1.add(body)];
      for (const trust of [keyed, { ...keyed, trustedRoot: root }]) {
        expect([what, failed(verify({ ...bundle, entries }, trust))]).toEqual([what, ['log-entry']]);
      }
    }
  });

  it('a changed index, size, hash or checkpoint is rejected without any trusted root', async () => {
    const bundle = await keyedMessage();
    const { signature } = bundle.content as { readonly signature: Uint8Array };
    const entry = await rekor1.add(hashedRekordBody(artifact, signature, publicKeyPem(publicKey)));
    const proof = entry.proof as NonNullable<LogEntry['proof']>;
    expect(verify({ ...bundle, entries: [entry] }, keyed).verdict).toBe('verified');
    const changes: readonly Partial<typeof proof>[] = [
      ...[0, 1, 2, 4, 5, 6, 7, 1003].map((logIndex) => ({ logIndex })),
      ...[1, 3, 6, 8].map((treeSize) => ({ treeSize })),
      { rootHash: Buffer.alloc(32) },
      { hashes: proof.hashes.slice(1) },
      { hashes: [...proof.hashes, Buffer.alloc(32)] },
      { checkpoint: (proof.checkpoint ?? '').replace('\n7\n', '\n8\n') },
      { checkpoint: 'x' },
    ];
    for (const change of changes) {
      const changed = { ...entry, proof: { ...proof, ...change } };
      expect(failed(verify({ ...bundle, entries: [changed] }, keyed))).toEqual(['log-inclusion']);
    }
  });

  it('an index or time that nothing proves is rejected', async () => {
    const bundle = await keylessEnvelope();
    const [entry] = bundle.entries as [LogEntry];
    for (const change of [{ logIndex: 4 }, { integratedTimeS: 1 }]) {
      expect(failed(verify({ ...bundle, entries: [{ ...entry, ...change }] }, keyless))).toContain('log-inclusion');
    }
  });
});

describe('T41 moments outside a validity', () => {
  it('rejects an expired intermediate, whatever the time is now', async () => {
    const { fulcio } = testAuthorities;
    const expired = issue({ subject: ['CN=old'], ca: true, issuer: fulcio, notAfterMs: testNowMs - 1000 });
    const trust = { ...keyless, trustedRoot: testRoot({ logs: [rekor2.json()], authorities: [[expired, fulcio]] }) };
    expect(failed(verify(await keylessEnvelope({ leaf: issueSigner({ issuer: expired }) }), trust))).toEqual([
      'certificate-chain',
    ]);
  });

  it.each([
    ['the leaf', { leaf: issueSigner({ notAfterMs: testNowMs - 2000 }) }, {}, 'certificate-chain'],
    [
      'the authority',
      {},
      { authorityWindow: { start: '2025-01-01T00:00:00Z', end: '2025-06-01T00:00:00Z' } },
      'certificate-chain',
    ],
    ['the time stamp authority', {}, { stamperWindow: { start: '2026-02-01T00:00:00Z' } }, 'timestamp'],
    [
      'the log',
      {},
      { logs: [rekor2.json({ start: '2025-01-01T00:00:00Z', end: '2025-12-31T23:59:59Z' })] },
      'log-inclusion',
    ],
    [
      'the log of version 1',
      { logs: [rekor1], stamps: 0 },
      { logs: [rekor1.json({ start: '2026-02-01T00:00:00Z' })] },
      'log-promise',
    ],
  ] as const)('rejects when %s was not valid', async (_, options, parts, check) => {
    const trust = { ...keyless, trustedRoot: testRoot({ logs: [rekor2.json()], ...parts }) };
    expect(failed(verify(await keylessEnvelope(options), trust))).toContain(check);
  });

  it('rejects a certificate that is not for signatures, and a log that names no possible time', async () => {
    expect(failed(verify(await keylessEnvelope({ leaf: issueSigner({ keyUsage: [2] }) }), keyless))).toEqual([
      'certificate-chain',
    ]);
    const late = await keylessEnvelope({ logs: [rekor1], stamps: 0, timeS: Number.MAX_SAFE_INTEGER });
    expect(failed(verify(late, keyless))).toContain('log-promise');
  });

  it('rejects a time stamp of an unknown authority, of something else, and after the certificate', async () => {
    const bundle = await keylessEnvelope();
    const signature = bundle.content.kind === 'envelope' ? signatureOf(bundle.content.envelope) : new Uint8Array();
    const stranger = issueTimestamper({ issuer: issue({ ca: true, subject: ['CN=stranger'] }) });
    for (const token of [
      stamp(signature, testNowMs, stranger),
      stamp(artifact),
      stamp(signature, testNowMs + 2 * 86_400_000),
    ]) {
      const result = verify({ ...bundle, timestamps: [token] }, keyless);
      expect(result.verdict).toBe('rejected');
      expect(verify({ ...bundle, timestamps: [...bundle.timestamps, token] }, keyless).verdict).toBe('rejected');
    }
  });
});

it('T42 payloads that are no statement about the subject are rejected', async () => {
  const about = { sha256: digest.slice(7) };
  const base = {
    _type: 'https://in-toto.io/Statement/v1',
    subject: [{ digest: about }],
    predicateType: 'https://x.example/p',
    predicate: {},
  };
  const request = { expect: { kind: 'attestation', predicateType: 'https://x.example/p' } } as const;
  const verdict = async (payload: unknown, type?: string): Promise<string> => {
    const bytes = typeof payload === 'string' ? Buffer.from(payload) : Buffer.from(JSON.stringify(payload));
    return verify(await keyedEnvelope(bytes, type), keyed, request).verdict;
  };
  expect(await verdict(base)).toBe('verified');
  expect(await verdict({ ...base, _type: 'https://in-toto.io/Statement/v0.1' })).toBe('verified');
  for (const bad of [
    '',
    'null',
    '[]',
    '{',
    { ...base, _type: 'https://in-toto.io/Statement/v2' },
    { ...base, subject: [] },
    { ...base, subject: undefined },
    { ...base, subject: [{}] },
    { ...base, subject: [{ digest: {} }] },
    { ...base, subject: [{ digest: { sha256: 5 } }] },
    { ...base, subject: [{ digest: { sha512: about.sha256 } }] },
    { ...base, subject: [{ digest: { sha256: about.sha256.toUpperCase() } }] },
    { ...base, predicateType: 'https://x.example/p2' },
    { ...base, predicateType: 'https://x.example/P' },
    { ...base, predicateType: '' },
    { ...base, predicate: 'text' },
  ]) {
    expect([bad, await verdict(bad)]).toEqual([bad, 'rejected']);
  }
  expect(await verdict(base, 'application/json')).toBe('rejected');
});

it('T44 one log out of two needed is not enough, however often it vouches', async () => {
  const both = testRoot({ logs: [rekor1.json(), rekor2.json()] });
  const trust: Trust = { ...keyless, trustedRoot: both, requireLogs: 2 };
  expect(verify(await keylessEnvelope({ logs: [rekor1, rekor2] }), trust).verdict).toBe('verified');
  expect(failed(verify(await keylessEnvelope({ logs: [rekor2, rekor2] }), trust))).toEqual(['log-threshold']);
  const stranger = new TestLog('stranger.example', 2);
  expect(failed(verify(await keylessEnvelope({ logs: [rekor2, stranger] }), trust))).toEqual(['log-threshold']);
  const twice = verify(await keylessEnvelope({ stamps: 2 }), { ...keyless, requireTimestamps: 2 });
  expect(failed(twice)).toEqual(['timestamp-threshold']);
});

it('T47 empty and missing parts are rejected, never thrown', async () => {
  const good = JSON.parse(Buffer.from(writeBundle(await keyedMessage())).toString()) as Record<string, unknown>;
  const inputs: unknown[] = [
    null,
    0,
    '',
    [],
    {},
    { mediaType: good['mediaType'] },
    { ...good, verificationMaterial: {} },
  ];
  for (const material of [
    { publicKey: {}, certificate: { rawBytes: 'AA==' } },
    { x509CertificateChain: { certificates: [] } },
    { x509CertificateChain: {} },
    { certificate: {} },
    { certificate: { rawBytes: '' } },
    { certificate: { rawBytes: 'AA==' } },
    { publicKey: {}, tlogEntries: [{}] },
    { publicKey: {}, tlogEntries: [null] },
    { publicKey: {}, timestampVerificationData: { rfc3161Timestamps: [{}] } },
  ]) {
    inputs.push({ ...good, verificationMaterial: material });
  }
  inputs.push(
    { ...good, messageSignature: null },
    { ...good, dsseEnvelope: {} },
    { ...good, messageSignature: { signature: '' } },
  );
  inputs.push({
    ...good,
    messageSignature: undefined,
    dsseEnvelope: { payloadType: 'x', payload: 'AA==', signatures: [] },
  });
  for (const input of inputs) {
    for (const trust of [keyed, keyless]) {
      const result = verifyBundle({
        bundle: JSON.stringify(input),
        subject: { digest },
        expect: { kind: 'any' },
        trust,
      });
      expect([input, result.verdict]).toEqual([input, 'rejected']);
    }
  }
});

it('T48 what is too large is undecidable, at once', async () => {
  const large = Buffer.alloc(50 * 1024 * 1024, '[');
  const check = (bundle: Uint8Array | string): string =>
    verifyBundle({ bundle, subject: { digest }, expect: { kind: 'any' }, trust: keyed }).verdict;
  expect(check(large)).toBe('undecidable');
  const message = await keyedMessage();
  const json = (change: (bundle: Record<string, Record<string, unknown>>) => void): string => {
    const copy = JSON.parse(Buffer.from(writeBundle(message)).toString()) as Record<string, Record<string, unknown>>;
    change(copy);
    return JSON.stringify(copy);
  };
  const many = Array.from({ length: 100_000 }, () => ({}));
  expect(check(json((bundle) => (bundle['verificationMaterial']!['tlogEntries'] = many)))).toBe('undecidable');
  expect(
    check(
      json((bundle) => (bundle['verificationMaterial']!['timestampVerificationData'] = { rfc3161Timestamps: many })),
    ),
  ).toBe('undecidable');
  const envelope = { payloadType: 'x', payload: 'AA==', signatures: many };
  expect(check(json((bundle) => Object.assign(bundle, { messageSignature: undefined, dsseEnvelope: envelope })))).toBe(
    'undecidable',
  );
  const stamped = verify({ ...message, timestamps: [Buffer.alloc(70_000)] }, { ...keyed, trustedRoot: root });
  expect(stamped.verdict).toBe('undecidable');
  expect(check(`${'['.repeat(100_000)}`)).toBe('rejected');
});

it('T73 names of prototypes are fields like others', async () => {
  const text = Buffer.from(writeBundle(await keyedMessage())).toString();
  for (const name of ['__proto__', 'constructor', 'toString']) {
    const bundle = text.replace('{"mediaType"', `{"${name}":{"polluted":true},"mediaType"`);
    expect(failed(verifyBundle({ bundle, subject: { digest }, expect: { kind: 'any' }, trust: keyed }))).toEqual([
      'format',
    ]);
  }
  const payload = `{"_type":"https://in-toto.io/Statement/v1","subject":[{"digest":{"__proto__":"x","sha256":"${digest.slice(7)}"},"annotations":{"__proto__":"y"}}],"predicateType":"https://x.example/p","predicate":{"__proto__":{"polluted":true}}}`;
  const result = verify(await keyedEnvelope(Buffer.from(payload)), keyed);
  expect(result.verdict).toBe('verified');
  expect(Object.hasOwn(result.annotations, '__proto__')).toBe(true);
  expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
  expect(failed(verify(await keyedEnvelope(Buffer.from(payload)), keyed, { annotations: { toString: 'x' } }))).toEqual([
    'annotations',
  ]);
});

describe('any byte flipped', () => {
  it('is never verified, unless it says the same', async () => {
    const bundles = [
      [await keyedMessage(), keyed],
      [await keyedEnvelope(), keyed],
      [await keylessEnvelope({ logs: [rekor1], stamps: 0 }), keyless],
      [await keylessEnvelope({ logs: [rekor2], stamps: 1 }), keyless],
    ] as const;
    for (const [bundle, trust] of bundles) {
      const bytes = writeBundle(bundle);
      const request = { subject: { digest, bytes: artifact }, expect: { kind: 'any' }, trust } as const;
      const before = verifyBundle({ bundle: bytes, ...request });
      expect(before.verdict).toBe('verified');
      for (let at = 0; at < bytes.length; at++) {
        const changed = flip(bytes, at, at % 8);
        const after = verifyBundle({ bundle: changed, ...request });
        if (after.verdict === 'verified') expectSame(changed, bytes, after, before, at);
      }
    }
  });
});

/**
 * The bytes that say nothing: the key's hint, the media type between spellings of versions, and what a time stamp's answer has around
 * its signed part (a copy of the authority's certificate, which is taken from the trusted root).
 */
function expectSame(
  changed: Uint8Array,
  original: Uint8Array,
  after: SigstoreResult,
  before: SigstoreResult,
  at: number,
): void {
  const significant = (bytes: Uint8Array): unknown => {
    const parsed = parseBundle(bytes);
    if (parsed.kind !== 'parsed') throw new Error(parsed.message);
    const { material, entries, content } = parsed.value;
    return { material: material.kind === 'key' ? 'key' : material, entries, content };
  };
  expect([at, significant(changed)]).toEqual([at, significant(original)]);
  expect([at, after]).toEqual([at, before]);
}

describe('any JSON', () => {
  const request = { subject: { digest, bytes: artifact }, expect: { kind: 'any' } } as const;

  it('throws nothing and is never verified', () => {
    fc.assert(
      fc.property(fc.oneof(fc.json(), fc.string(), fc.uint8Array()), (bundle) => {
        for (const trust of [keyed, keyless])
          expect(verifyBundle({ bundle, ...request, trust }).verdict).toBe('rejected');
      }),
    );
  });

  it('in any place of a good bundle throws nothing, and what is verified says the same', async () => {
    // All of its evidence is asked for: what is left out is missed.
    const trust = { ...keyless, requireLogs: 2, requireTimestamps: 1 };
    const bytes = writeBundle(await keylessEnvelope({ logs: [rekor1, rekor2] }));
    const text = Buffer.from(bytes).toString();
    const before = verifyBundle({ bundle: bytes, ...request, trust });
    expect(before.verdict).toBe('verified');
    const places = pathsOf(JSON.parse(text));
    fc.assert(
      fc.property(fc.constantFrom(...places), fc.jsonValue(), (path, value) => {
        const changed = Buffer.from(JSON.stringify(replaced(JSON.parse(text), path, value)));
        const after = verifyBundle({ bundle: changed, ...request, trust });
        if (after.verdict === 'verified') expectSame(changed, bytes, after, before, 0);
      }),
      { numRuns: 2000 },
    );
  });
});

type Path = readonly string[];

function pathsOf(value: unknown, path: Path = []): readonly Path[] {
  if (typeof value !== 'object' || value === null) return [path];
  return [path, ...Object.entries(value).flatMap(([name, inner]) => pathsOf(inner, [...path, name]))];
}

function replaced(value: unknown, [name, ...rest]: Path, by: unknown): unknown {
  if (name === undefined) return by;
  if (Array.isArray(value))
    return value.map((inner, index) => (String(index) === name ? replaced(inner, rest, by) : inner));
  const object = value as Record<string, unknown>;
  return { ...object, [name]: replaced(object[name], rest, by) };
}
