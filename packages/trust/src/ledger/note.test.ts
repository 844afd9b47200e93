import { generateKeyPairSync } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import {
  cosignHead,
  formatCheckpoint,
  headText,
  holdsSignature,
  parseCheckpoint,
  signatureProblem,
  signNote,
} from './checkpoint.ts';
import { generateKeys, publicKeysOf } from './keys.ts';
import { isKeyName, parseNote, parseVerifierKey, signatureTypes, verifierKey } from './note.ts';

const origin = 'example.com/log';
const keys = generateKeys();
const { log, cosigner } = publicKeysOf(origin, keys);
const head = { origin, size: 20_852_163, root: Buffer.alloc(32, 7) };
const signed = formatCheckpoint(head, [
  signNote(headText(head), log, keys.log),
  cosignHead(head, cosigner, keys.cosigner, 1_679_315_147),
]);

describe('verifier keys', () => {
  test.each([
    ['log', log],
    ['cosigner', cosigner],
  ])('of the %s come back from their text', (_, key) => {
    const parsed = parseVerifierKey(key.text);
    expect(parsed).toMatchObject({ name: origin, id: key.id, type: key.type });
  });

  test.each([
    ['another id', log.text.replace(/\+[0-9a-f]{8}\+/, '+00000000+')],
    ['another name', `x${log.text}`],
    ['a type that is not known', `${origin}+00000000+${Buffer.alloc(33, 9).toString('base64')}`],
    ['a space', log.text.replace('/', ' ')],
    ['padding left out', log.text.replace(/=+$/, '').slice(0, -1)],
    ['nothing', ''],
    ['T48 a megabyte', `${origin}+00000000+${'A'.repeat(1_000_000)}`],
  ])('%s is refused', (_, text) => expect(parseVerifierKey(text)).toBeUndefined());

  test.each([['a b'], ['a+b'], [''], ['a\u2003b'], ['a\n'], ['é'.repeat(128)], ['\ud800']])(
    '%j cannot name a key',
    (name) => expect(isKeyName(name)).toBe(false),
  );
});

describe('checkpoints', () => {
  test('hold by both keys', () => {
    const checkpoint = parseCheckpoint(signed);
    expect(checkpoint).toMatchObject({ origin, size: 20_852_163 });
    if (checkpoint !== undefined) expect(signatureProblem(checkpoint, [log, cosigner])).toBeUndefined();
  });

  test.each([
    ['T70 another size', signed.replace('20852163', '20852164')],
    ['another root', signed.replace('BwcH', 'BwcI')],
  ])('%s: the signature is wrong', (_, text) => {
    const checkpoint = parseCheckpoint(text);
    if (checkpoint === undefined) throw new Error('not parsed');
    expect(signatureProblem(checkpoint, [log, cosigner])).toContain('is wrong');
  });

  test.each([
    ['a leading zero', signed.replace('20852163', '020852163')],
    ['an extension line', signed.replace('\n\n', '\nmore\n\n')],
    ['no signature', `${headText(head)}\n`],
    ['a carriage return', signed.replaceAll('\n', '\r\n')],
    ['base64 that is not canonical', signed.replace('BwcHBwc=', 'BwcHBwd=')],
    ['a hyphen for the dash', signed.replace('—', '-')],
    ['text behind', `${signed}x`],
    ['T29 33 signatures', signed + `— a ${Buffer.alloc(70).toString('base64')}\n`.repeat(31)],
  ])('%s is malformed', (_, text) => expect(parseCheckpoint(text)).toBeUndefined());

  test('signatures must be those named, in order, and no others', () => {
    const checkpoint = parseCheckpoint(signed);
    if (checkpoint === undefined) throw new Error('not parsed');
    expect(signatureProblem(checkpoint, [log])).toContain('a key that was not named');
    expect(signatureProblem(checkpoint, [cosigner, log])).toContain('missing in its place');
    expect(signatureProblem(checkpoint, [log, cosigner, verifierKey('w', 4, Buffer.alloc(32, 1))])).toContain(
      'missing',
    );
  });

  test('T40 a cosignature commits to name, time and head', () => {
    const { privateKey, publicKey } = generateKeyPairSync('ed25519');
    const raw = Buffer.from(publicKey.export({ format: 'jwk' }).x ?? '', 'base64url');
    const witness = verifierKey('witness.example/w1', signatureTypes.ed25519Cosignature, raw);
    for (const [key, secret] of [
      [witness, privateKey],
      [cosigner, keys.cosigner],
    ] as const) {
      const cosignature = cosignHead(head, key, secret, 1_700_000_000);
      expect(holdsSignature(head, cosignature, key)).toBe(true);
      expect(holdsSignature({ ...head, size: 1 }, cosignature, key)).toBe(false);
      expect(holdsSignature({ ...head, origin: 'example.com/other' }, cosignature, key)).toBe(false);
      const later = Buffer.from(cosignature.signature);
      later.writeBigUInt64BE(1_700_000_001n);
      expect(holdsSignature(head, { ...cosignature, signature: later }, key)).toBe(false);
      expect(holdsSignature(head, { ...cosignature, signature: later.subarray(0, 8) }, key)).toBe(false);
    }
  });

  test('a note ends at its last empty line', () => {
    const text = formatCheckpoint(head, [signNote(headText(head), log, keys.log)]);
    expect(parseNote(`a\n\n${text}`)?.text).toBe(`a\n\n${headText(head)}`);
  });
});
