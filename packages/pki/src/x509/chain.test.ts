// Chains made by the test authority: what holds, each way to break one, and hostile lists.
import { describe, expect, it } from 'vitest';
import { derBoolean, derImplicit, derSequence, derTagged } from '../der/writer.ts';
import {
  issue,
  testExtension,
  testKey,
  testNowMs,
  type Issued,
  type TestCertificate,
  type TestKeyKind,
} from '../testing/authority.ts';
import { parseCertificate } from './certificate.ts';
import { chainLimits, verifyChain, type ChainInput, type ChainVerdict } from './chain.ts';
import { purpose } from './oids.ts';

const dayMs = 86_400_000;
const keys = { root: testKey('p256'), middle: testKey('p256'), leaf: testKey('p256') };

interface World {
  readonly root: Issued;
  readonly middle: Issued;
  readonly leaf: Issued;
}

function world(
  change: { readonly root?: TestCertificate; readonly middle?: TestCertificate; readonly leaf?: TestCertificate } = {},
): World {
  const root = issue({ subject: ['CN=root'], ca: true, key: keys.root, ...change.root });
  const middle = issue({ subject: ['CN=middle'], ca: true, key: keys.middle, issuer: root, ...change.middle });
  const leaf = issue({
    subject: ['CN=leaf'],
    key: keys.leaf,
    issuer: middle,
    purposes: [purpose.codeSigning],
    ...change.leaf,
  });
  return { root, middle, leaf };
}

function verify({ root, middle, leaf }: World, change: Partial<ChainInput> = {}): ChainVerdict {
  return verifyChain({
    leaf: leaf.certificate,
    intermediates: [middle.certificate],
    roots: [root.certificate],
    atMs: testNowMs,
    purpose: purpose.codeSigning,
    ...change,
  });
}

function reasonsOf(verdict: ChainVerdict): string {
  return verdict.kind === 'verified' ? '' : verdict.reasons.join('; ');
}

describe('verifyChain', () => {
  it('names the chain from leaf to root', () => {
    const { root, middle, leaf } = world();
    const verdict = verify({ root, middle, leaf });
    expect(verdict.kind).toBe('verified');
    expect(verdict.kind === 'verified' && verdict.chain).toEqual([
      leaf.certificate,
      middle.certificate,
      root.certificate,
    ]);
    expect(verdict.checks).toEqual([
      { id: 'certificate-chain', outcome: 'pass', message: expect.stringContaining('CN=leaf ← CN=middle ← CN=root') },
    ]);
  });

  const kinds: readonly TestKeyKind[] = ['p256', 'p384', 'p521', 'rsa2048', 'ed25519', 'ml-dsa-44'];
  it.each(kinds)('verifies links signed by %s', (kind) => {
    const root = issue({ ca: true, kind, subject: ['CN=root'] });
    const leaf = issue({ issuer: root });
    expect(
      verifyChain({ leaf: leaf.certificate, intermediates: [], roots: [root.certificate], atMs: testNowMs }).kind,
    ).toBe('verified');
    const other = issue({ ca: true, kind, subject: ['CN=root'], serial: 7 });
    const forged = issue({ issuer: { ...other, certificate: root.certificate } });
    expect(
      reasonsOf(
        verifyChain({ leaf: forged.certificate, intermediates: [], roots: [root.certificate], atMs: testNowMs }),
      ),
    ).toContain('signature');
  });

  it.each(['rsa-pss-sha256', 'rsa-pss-sha384', 'rsa-pkcs1-sha512'] as const)('verifies a link with %s', (algorithm) => {
    const root = issue({ ca: true, kind: 'rsa2048', subject: ['CN=root'] });
    const leaf = issue({ issuer: root, algorithm });
    expect(
      verifyChain({ leaf: leaf.certificate, intermediates: [], roots: [root.certificate], atMs: testNowMs }).kind,
    ).toBe('verified');
  });

  const constraints = testExtension(
    '2.5.29.30',
    derSequence(derTagged(0, derSequence(derImplicit(2, Buffer.from('example.com'))))),
    true,
  );
  const broken: readonly (readonly [string, World, Partial<ChainInput>, string])[] = [
    ['T41 an expired intermediate', world({ middle: { notAfterMs: testNowMs - 2000 } }), {}, 'CN=middle: it expired'],
    ['T41 an expired root', world({ root: { notAfterMs: testNowMs - 2000 } }), {}, 'CN=root: it expired'],
    ['T41 an expired leaf', world({ leaf: { notAfterMs: testNowMs - 2000 } }), {}, 'CN=leaf: it expired'],
    ['a leaf from the future', world({ leaf: { notBeforeMs: testNowMs + 1000 } }), {}, 'not valid before'],
    ['an unknown moment', world(), { atMs: Number.NaN }, 'moment'],
    ['T47 no leaf', world(), { leaf: undefined }, 'no certificate'],
    ['T47 no root', world(), { roots: [] }, 'no trusted root'],
    ['no intermediate', world(), { intermediates: [] }, 'no certificate of its issuer'],
    ['an intermediate that is no authority', world({ middle: { ca: false } }), {}, 'no certificate authority'],
    ['a root that is no authority', world({ root: { ca: false } }), {}, 'no certificate authority'],
    ['an intermediate whose key may not sign certificates', world({ middle: { keyUsage: [0] } }), {}, 'may not sign'],
    ['a path longer than allowed', world({ root: { pathLength: 0 } }), {}, 'allows 0 intermediate'],
    [
      'an unknown critical extension of the leaf',
      world({ leaf: { extensions: [testExtension('1.2.3', derBoolean(true), true)] } }),
      {},
      '1.2.3',
    ],
    [
      'an unknown critical extension of the root',
      world({ root: { extensions: [testExtension('1.2.3', derBoolean(true), true)] } }),
      {},
      '1.2.3',
    ],
    ['another purpose', world({ leaf: { purposes: [purpose.timeStamping] } }), {}, 'extended key usage'],
    ['any purpose in a leaf', world({ leaf: { purposes: [purpose.any] } }), {}, 'extended key usage'],
    ['no purpose', world({ leaf: { purposes: undefined } }), {}, 'no extended key usage'],
    [
      'an intermediate for another purpose',
      world({ middle: { purposes: [purpose.emailProtection] } }),
      {},
      'CN=middle: its extended',
    ],
    [
      'names outside the constraints',
      world({ middle: { extensions: [constraints] }, leaf: { names: [derImplicit(2, Buffer.from('evil.test'))] } }),
      {},
      'name constraints',
    ],
    [
      'a root of the same name with another key',
      world(),
      { roots: [issue({ subject: ['CN=root'], ca: true }).certificate] },
      'no certificate of its issuer',
    ],
    ['the leaf as root', world(), { roots: [world().leaf.certificate] }, 'no certificate of its issuer'],
    ['a weak key', weak(), {}, '1024 bits'],
    ['a curve that is not approved', odd(), {}, 'secp256k1'],
  ];
  it.each(broken)('rejects %s', (_name, made, change, reason) => {
    const verdict = verify(made, change);
    expect(verdict.kind).toBe('rejected');
    expect(reasonsOf(verdict)).toContain(reason);
    expect(verdict.checks[0]?.outcome).toBe('fail');
  });

  function weak(): World {
    const root = issue({ subject: ['CN=root'], ca: true, kind: 'rsa2048' });
    const middle = issue({ subject: ['CN=middle'], ca: true, kind: 'rsa2048', issuer: root });
    const small = testKey('rsa1024');
    const weakMiddle = issue({ subject: ['CN=middle'], ca: true, key: small, issuer: root });
    // Signed by a strong key that shares the name: the weak one is refused before its signature is looked at.
    return {
      root,
      middle: weakMiddle,
      leaf: issue({ issuer: { ...middle, certificate: weakMiddle.certificate }, purposes: [purpose.codeSigning] }),
    };
  }

  function odd(): World {
    const base = world();
    const middle = issue({ subject: ['CN=middle'], ca: true, kind: 'secp256k1', issuer: base.root });
    return {
      ...base,
      middle,
      leaf: issue({ issuer: { ...base.middle, certificate: middle.certificate }, purposes: [purpose.codeSigning] }),
    };
  }

  it('keeps names inside the constraints', () => {
    const made = world({
      middle: { extensions: [constraints] },
      leaf: { names: [derImplicit(2, Buffer.from('a.example.com'))] },
    });
    expect(reasonsOf(verify(made))).toBe('');
  });

  it('accepts a self-signed leaf only where that is allowed and it is trusted', () => {
    const leaf = issue({ purposes: [purpose.codeSigning] }).certificate;
    const input = { leaf, intermediates: [], roots: [leaf], atMs: testNowMs, purpose: purpose.codeSigning };
    expect(verifyChain(input).kind).toBe('rejected');
    expect(verifyChain({ ...input, allowSelfSignedLeaf: true }).kind).toBe('verified');
    const other = issue({ ca: true }).certificate;
    expect(verifyChain({ ...input, roots: [other], allowSelfSignedLeaf: true }).kind).toBe('rejected');
  });

  it('finds the valid one of two authorities of the same name and key', () => {
    const { root, middle, leaf } = world();
    const old = issue({
      subject: ['CN=middle'],
      ca: true,
      key: keys.middle,
      issuer: root,
      notAfterMs: testNowMs - dayMs / 2,
    });
    expect(verify({ root, middle, leaf }, { intermediates: [old.certificate, middle.certificate] }).kind).toBe(
      'verified',
    );
  });

  it('counts the last second of validity as valid', () => {
    const made = world({ leaf: { notAfterMs: testNowMs } });
    expect(verify(made, { atMs: testNowMs + 999 }).kind).toBe('verified');
    expect(verify(made, { atMs: testNowMs + 1000 }).kind).toBe('rejected');
  });

  it('ends a search among many authorities of one name', () => {
    const { root } = world();
    const same = { subject: ['CN=loop'], ca: true, key: keys.middle, issuer: { ...root, key: keys.middle } };
    const loop = issue(same);
    const many = Array.from({ length: 40 }, () => issue({ ...same, issuer: loop }).certificate);
    const leaf = issue({ issuer: loop, purposes: [purpose.codeSigning] }).certificate;
    const verdict = verifyChain({ leaf, intermediates: many, roots: [root.certificate], atMs: testNowMs });
    expect(verdict.kind).toBe('undecidable');
    expect(reasonsOf(verdict)).toContain('limit');
  });

  it('refuses a chain longer than the limit', () => {
    const root = issue({ ca: true, subject: ['CN=0'], key: keys.root });
    const list = [root];
    for (let i = 1; i < chainLimits.certificates; i++)
      list.push(issue({ ca: true, subject: [`CN=${i}`], key: keys.root, issuer: list.at(-1) as Issued }));
    const intermediates = list.slice(1).map(({ certificate }) => certificate);
    const input = { intermediates, roots: [root.certificate], atMs: testNowMs };
    const long = issue({ issuer: list.at(-1) as Issued }).certificate;
    expect(reasonsOf(verifyChain({ ...input, leaf: long }))).toContain('longer than');
    const fitting = issue({ issuer: list.at(-2) as Issued }).certificate;
    expect(reasonsOf(verifyChain({ ...input, leaf: fitting }))).toBe('');
  });

  it('never verifies a certificate with any bit flipped, and throws only PlombeError', () => {
    const { root, middle, leaf } = world();
    let parsed = 0;
    for (let at = 0; at < leaf.certificate.bytes.length; at++) {
      for (const bit of [0, 3, 7]) {
        const bytes = Uint8Array.from(leaf.certificate.bytes);
        bytes[at] = (bytes[at] as number) ^ (1 << bit);
        let flipped;
        try {
          flipped = parseCertificate(bytes);
        } catch (error) {
          expect(error).toHaveProperty('name', 'PlombeError');
          continue;
        }
        parsed++;
        expect(verify({ root, middle, leaf: { ...leaf, certificate: flipped } }).kind).not.toBe('verified');
      }
    }
    expect(parsed).toBeGreaterThan(100);
  });

  it('shows a hostile subject inert', () => {
    const made = world({ leaf: { subject: ['CN=\u001b[31mred\n'], notAfterMs: testNowMs - 2000 } });
    expect(reasonsOf(verify(made))).not.toMatch(/[\u0000-\u001f]/);
  });
});
