// OpenSSL's time stamping authority: it answers what we ask, and verifies what we stamp.
import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { issue, testNowMs } from '../testing/authority.ts';
import { hasOpenssl, inOpensslFolder } from '../testing/openssl.ts';
import { issueTimestamper, makeToken } from '../testing/timestamp.ts';
import { parseCertificates } from '../x509/certificate.ts';
import { buildTimestampRequest, parseTimestampResponse } from './request.ts';
import { parseTimestampToken } from './token.ts';
import { verifyTimestamp } from './verify.ts';

const message = Buffer.from('what is stamped');
const nonce = Uint8Array.of(0, 0x81, 2, 3, 4, 5, 6, 7);

describe('OpenSSL', () => {
  it.skipIf(!hasOpenssl())('stamps what we ask for, and verifies what we stamp', () => {
    inOpensslFolder(({ run, write, read }) => {
      write('ts.cnf', config);
      write('serial', '01\n');
      const newKey = ['-newkey', 'rsa:2048', '-nodes'];
      run('req', '-x509', ...newKey, '-keyout', 'ca.key', '-out', 'ca.pem', '-subj', '/CN=ca', '-days', '30');
      run('req', ...newKey, '-keyout', 'tsa.key', '-out', 'tsa.csr', '-subj', '/CN=tsa');
      const issuer = [
        '-CA',
        'ca.pem',
        '-CAkey',
        'ca.key',
        '-CAcreateserial',
        '-days',
        '20',
        '-extfile',
        'ts.cnf',
        '-extensions',
        'usr',
      ];
      run('x509', '-req', '-in', 'tsa.csr', '-out', 'tsa.pem', ...issuer);
      const roots = parseCertificates(read('ca.pem').toString());
      for (const hash of ['sha256', 'sha384', 'sha512'] as const) {
        const imprint = { hash, digest: createHash(hash).update(message).digest() };
        write('request.tsq', buildTimestampRequest({ imprint, nonce, policy: '1.2.3.4.1' }));
        expect(run('ts', '-query', '-in', 'request.tsq', '-text')).toContain('Policy OID: ');
        run('ts', '-reply', '-config', 'ts.cnf', '-queryfile', 'request.tsq', '-out', 'response.tsr');
        const token = read('response.tsr');
        const input = { token, form: 'response', roots } as const;
        const verdict = verifyTimestamp({ ...input, subject: { imprint }, nonce, policies: ['1.2.3.4.1'] });
        expect(verdict.checks).toMatchObject([{ outcome: 'pass', message: expect.stringContaining('CN=tsa') }]);
        expect(verdict).toMatchObject({ accuracyMs: 1500.1 });
        expect(verifyTimestamp({ ...input, subject: { message: Buffer.from('x') } }).kind).toBe('rejected');
        const granted = parseTimestampResponse(token);
        expect(granted.kind === 'granted' && parseTimestampToken(granted.token).imprint).toEqual(imprint);
      }

      const root = issue({ subject: ['CN=root'], ca: true });
      write('ours.tst', makeToken({ authority: issueTimestamper({ issuer: root }), message }));
      write('root.pem', root.pem);
      write('message', message);
      const at = ['-attime', String(testNowMs / 1000)];
      expect(
        run('ts', '-verify', '-in', 'ours.tst', '-token_in', '-data', 'message', '-CAfile', 'root.pem', ...at),
      ).toContain('Verification: OK');
    });
  });
});

const config = `oid_section = oids
[oids]
tsa_policy1 = 1.2.3.4.1
[tsa]
default_tsa = test
[test]
serial = serial
signer_cert = tsa.pem
certs = tsa.pem
signer_key = tsa.key
signer_digest = sha256
default_policy = tsa_policy1
digests = sha256, sha384, sha512
accuracy = secs:1, millisecs:500, microsecs:100
ess_cert_id_alg = sha256
[usr]
extendedKeyUsage = critical,timeStamping
keyUsage = critical,digitalSignature
`;
