import { expect, test } from 'vitest';
import type { Digest, SignatureResult, Verdict } from '@plombe/model';
import { reportOf } from './report.ts';

const digest = `sha256:${'0'.repeat(64)}` as Digest;

function results(...list: readonly (readonly [Verdict, string?])[]): readonly SignatureResult[] {
  return list.map(([verdict, signerId]) => ({
    format: 'bundle',
    verdict,
    annotations: {},
    checks: [],
    ...(signerId === undefined ? {} : { signerId }),
  }));
}

test.each<[string, ReturnType<typeof results>, number, string[], Verdict, RegExp]>([
  ['nothing', results(), 1, [], 'rejected', /No signature was found/],
  ['one that holds', results(['verified', 'a']), 1, [], 'verified', /1 distinct signer, 1 required/],
  ['one of two that holds', results(['rejected', 'b'], ['verified', 'a']), 1, [], 'verified', /1 distinct signer/],
  ['none that holds', results(['rejected', 'a'], ['rejected']), 1, [], 'rejected', /No signature holds; 2 were found/],
  [
    'an undecided one',
    results(['undecidable', 'a'], ['rejected', 'b']),
    1,
    [],
    'undecidable',
    /No signature can be decided; 2/,
  ],
  ['T44 the same signer twice', results(['verified', 'a'], ['verified', 'a']), 2, [], 'rejected', /1 distinct signer/],
  ['two signers', results(['verified', 'a'], ['verified', 'b']), 2, [], 'verified', /2 distinct signers, 2 required/],
  [
    'T44 a key and a certificate of it',
    [
      ...results(['verified', 'key:x']),
      ...results(['verified', 'identity:a']).map((one) => ({ ...one, keyId: 'key:x' })),
    ],
    2,
    [],
    'rejected',
    /1 distinct signer/,
  ],
  ['T44 signers without an id', results(['verified'], ['verified']), 2, [], 'rejected', /1 distinct/],
  [
    'one and perhaps another',
    results(['verified', 'a'], ['undecidable', 'b']),
    2,
    [],
    'undecidable',
    /1 distinct signer, 2 required/,
  ],
  ['T29 a limit, whatever holds', results(['verified', 'a']), 1, ['Too many.'], 'undecidable', /Too many/],
])('%s', (_, signatures, threshold, limits, verdict, reason) => {
  const parts = { subject: { digest }, signatures, attestations: [], threshold, limits, ignored: ['Ignored: x'] };
  const report = reportOf({ ...parts, wanted: 'signatures' });
  expect(report.verdict).toBe(verdict);
  expect(report.reasons[0]).toMatch(reason);
  expect(report.reasons.at(-1)).toBe('Ignored: x');
  const none = reportOf({ ...parts, wanted: 'attestations', limits: [] });
  expect(none).toMatchObject({ verdict: 'rejected', signatures });
  expect(none.reasons[0]).toBe('No attestation was found.');
});

test('what to do stands behind what failed, and nowhere else', () => {
  const checks = [
    { id: 'format', outcome: 'pass', message: 'A bundle.' },
    { id: 'signature', outcome: 'fail', message: 'It does not fit' },
    { id: 'expiry', outcome: 'warn', message: 'Expired.' },
    { id: 'constructor', outcome: 'fail', message: 'Unknown.' },
  ] as const;
  const [one] = results(['rejected']);
  const parts = { subject: { digest }, attestations: [], threshold: 1, limits: [], ignored: [] };
  const report = reportOf({
    ...parts,
    signatures: one === undefined ? [] : [{ ...one, checks }],
    wanted: 'signatures',
  });
  expect(report.signatures[0]?.checks.map(({ message }) => message)).toEqual([
    'A bundle.',
    'It does not fit. Check that the key given is that of the signer; if it is, do not use the image.',
    'Expired.',
    'Unknown.',
  ]);
});
