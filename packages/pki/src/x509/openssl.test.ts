// The same chains judged by OpenSSL: every combination of faults, in a path of three or four certificates.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { derBoolean } from '../der/writer.ts';
import { hasOpenssl, inOpensslFolder } from '../testing/openssl.ts';
import { issue, testExtension, testKey, testNowMs, type Issued, type TestCertificate } from '../testing/authority.ts';
import { parseCertificates } from './certificate.ts';
import { verifyChain } from './chain.ts';

const keys = Array.from({ length: 4 }, (_, i) => testKey(i % 2 === 0 ? 'p256' : 'rsa2048'));

type Fault =
  | 'none'
  | 'expired'
  | 'early'
  | 'no authority'
  | 'no key usage for it'
  | 'critical'
  | 'forged'
  | 'short path';

const faults: readonly Fault[] = [
  'none',
  'expired',
  'early',
  'no authority',
  'no key usage for it',
  'critical',
  'forged',
  'short path',
];

function options(fault: Fault): TestCertificate {
  switch (fault) {
    case 'expired':
      return { notAfterMs: testNowMs - 5000 };
    case 'early':
      return { notBeforeMs: testNowMs + 5000 };
    case 'no authority':
      return { ca: false };
    case 'no key usage for it':
      return { keyUsage: [0] };
    case 'critical':
      return { extensions: [testExtension('1.2.3', derBoolean(true), true)] };
    case 'short path':
      return { pathLength: 0 };
    default:
      return {};
  }
}

/** Root first. A forged certificate is signed with a key that is not its issuer's. */
function build(list: readonly Fault[]): readonly Issued[] {
  const chain: Issued[] = [];
  for (const [index, fault] of list.entries()) {
    const above = chain.at(-1);
    const issuer = above !== undefined && fault === 'forged' ? { ...above, key: testKey('p256') } : above;
    const last = index === list.length - 1;
    const base: TestCertificate = {
      subject: [`CN=${index}`],
      key: keys[index % 4],
      ca: !last,
      ...(issuer === undefined ? {} : { issuer }),
    };
    const { pathLength, ...rest } = options(fault);
    chain.push(issue({ ...base, ...rest, ...(pathLength === undefined || last ? {} : { pathLength }) }));
  }
  return chain;
}

describe('OpenSSL', () => {
  it.skipIf(!hasOpenssl())('judges the same chains alike', () => {
    inOpensslFolder(({ run, write }) => {
      let verified = 0;
      const fault = fc.oneof(
        { weight: 3, arbitrary: fc.constant<Fault>('none') },
        { weight: 1, arbitrary: fc.constantFrom(...faults) },
      );
      const property = fc.property(fc.array(fault, { minLength: 3, maxLength: 4 }), (list) => {
        const chain = build(list);
        const [root, leaf] = [chain[0], chain.at(-1)] as [Issued, Issued];
        const middle = chain.slice(1, -1).map(({ pem }) => pem);
        write('root.pem', root.pem);
        write('middle.pem', middle.join(''));
        write('leaf.pem', leaf.pem);
        const files = ['-CAfile', 'root.pem', '-untrusted', 'middle.pem', 'leaf.pem'];
        let theirs = 'verified';
        try {
          run('verify', '-no-CApath', '-no-CAstore', '-attime', String(testNowMs / 1000), ...files);
        } catch {
          theirs = 'rejected';
        }
        const intermediates = parseCertificates(middle.join(''));
        const ours = verifyChain({ leaf: leaf.certificate, intermediates, roots: [root.certificate], atMs: testNowMs });
        expect([list, ours.kind]).toEqual([list, theirs]);
        if (theirs === 'verified') verified++;
      });
      fc.assert(property, { numRuns: 150, seed: 7 });
      expect(verified).toBeGreaterThan(20);
      expect(verified).toBeLessThan(130);
    });
  });
});
