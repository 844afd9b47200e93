import { expect, test } from 'vitest';
import type { Digest, VerificationReport } from '@plombe/model';
import { renderVerification } from './text.ts';

const digest = `sha256:${'0'.repeat(64)}` as Digest;
const plain = { colour: false, width: 80 };

const report: VerificationReport = {
  verdict: 'rejected',
  subject: { reference: 'registry.example/app:1', digest },
  signatures: [
    {
      format: 'tag',
      verdict: 'rejected',
      annotations: {},
      checks: [
        { id: 'format', outcome: 'pass', message: 'A layer.' },
        { id: 'signature', outcome: 'fail', message: 'It does not fit. Check the key.' },
      ],
    },
    {
      format: 'cose',
      verdict: 'verified',
      signer: 'CN=x',
      annotations: { git: 'a' },
      checks: [{ id: 'expiry', outcome: 'warn', message: 'Expired.' }],
    },
  ],
  attestations: [{ format: 'bundle', verdict: 'undecidable', annotations: {}, checks: [], predicateType: 'https://p' }],
  reasons: ['No signature holds.'],
};

test('the verdict comes first, then what holds, what is open, what was refused and why', () => {
  expect(renderVerification(report, plain).split('\n')).toEqual([
    `REJECTED  registry.example/app:1 (${digest})`,
    '  ✓ Notation COSE by CN=x',
    '    git=a',
    '    warning, expiry: Expired.',
    '  ? Sigstore bundle, https://p',
    '  ✗ cosign tag',
    '    signature: It does not fit. Check the key.',
    '  No signature holds.',
    '',
  ]);
});

test('a thousand refused signatures do not hide the verdict', () => {
  const [one] = report.signatures;
  const many = { ...report, signatures: Array.from({ length: 1000 }, () => one ?? report.signatures[0]!) };
  const lines = renderVerification(many, plain).split('\n');
  expect(lines.length).toBeLessThan(60);
  expect(lines.join('\n')).toContain('… and 981 more');
});

test('T21 nothing of a registry or certificate reaches the terminal as it is', () => {
  const evil = '\u001b[31m\u202ered\n::set-env name=X::y';
  const hostile: VerificationReport = {
    ...report,
    subject: { reference: evil, digest },
    signatures: [
      {
        format: 'bundle',
        verdict: 'rejected',
        signer: evil,
        annotations: { [evil]: evil },
        checks: [{ id: evil, outcome: 'fail', message: evil }],
      },
    ],
    reasons: [evil],
  };
  for (const colour of [false, true]) {
    const text = renderVerification(hostile, { colour, width: 80 });
    expect(text).not.toMatch(/\u001b\[31m\u202e|\u202e/);
    expect(text).not.toMatch(/^::set-env/m);
    if (!colour) expect(text).not.toContain('\u001b');
  }
});
