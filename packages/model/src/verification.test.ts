// Signers are counted by what they are, not by how often and under which name they signed (T44); of several verdicts the worst counts.
import { expect, test } from 'vitest';
import { countSigners, worstVerdict } from './verification.ts';

test.each([
  ['nobody', [], 0],
  ['one twice', [{ signerId: 'key:a' }, { signerId: 'key:a' }], 1],
  ['two', [{ signerId: 'key:a' }, { signerId: 'key:b' }], 2],
  ['a key and a certificate of it', [{ signerId: 'key:a' }, { signerId: 'identity:x', keyId: 'key:a' }], 1],
  ['one identity with two keys', ['key:a', 'key:b'].map((keyId) => ({ signerId: 'identity:x', keyId })), 1],
  ['two identities with one key', ['identity:x', 'identity:y'].map((signerId) => ({ signerId, keyId: 'key:a' })), 1],
  [
    'two keys that an identity joins',
    [
      { signerId: 'key:a' },
      { signerId: 'key:b' },
      { signerId: 'i', keyId: 'key:a' },
      { signerId: 'i', keyId: 'key:b' },
    ],
    1,
  ],
  ['whoever has no id', [{}, {}], 1],
])('%s', (_, results, count) => {
  expect(countSigners(results)).toBe(count);
  expect(countSigners(results.toReversed())).toBe(count);
});

test.each([
  [['verified', 'verified'], 'verified'],
  [['verified', 'undecidable'], 'undecidable'],
  [['undecidable', 'rejected', 'verified'], 'rejected'],
] as const)('the worst of %j is %s', (verdicts, worst) => {
  expect(worstVerdict(verdicts)).toBe(worst);
});
