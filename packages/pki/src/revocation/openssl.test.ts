// Revocation lists and OCSP answers that OpenSSL made, and ours read by it.
import { describe, expect, it } from 'vitest';
import { parsePem, writePem } from '../pem/pem.ts';
import { issue } from '../testing/authority.ts';
import { hasOpenssl, inOpensslFolder } from '../testing/openssl.ts';
import { makeCrl } from '../testing/revocation.ts';
import { parseCertificates, type Certificate } from '../x509/certificate.ts';
import { checkCrl } from './check-crl.ts';
import { checkOcsp } from './check-ocsp.ts';
import { parseCrl } from './crl.ts';
import { buildOcspRequest } from './ocsp-request.ts';

const newKey = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes'];

describe('OpenSSL', () => {
  it.skipIf(!hasOpenssl())('makes lists and answers that are read as it means them, and reads our request', () => {
    inOpensslFolder(({ run, write, read }) => {
      write('ca.cnf', config);
      write('index.txt', '');
      write('crlnumber', '05\n');
      write('serial', '1000\n');
      const root = ['-subj', '/CN=ca', '-days', '30', '-addext', 'keyUsage=keyCertSign,cRLSign'];
      run('req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-keyout', 'ca.key', '-out', 'ca.pem', ...root);
      for (const name of ['a', 'b']) {
        run('req', ...newKey, '-keyout', `${name}.key`, '-out', `${name}.csr`, '-subj', `/CN=${name}`);
        run('ca', '-batch', '-config', 'ca.cnf', '-in', `${name}.csr`, '-out', `${name}.pem`, '-notext');
      }
      run('ca', '-config', 'ca.cnf', '-revoke', 'b.pem', '-crl_reason', 'keyCompromise');
      run('ca', '-config', 'ca.cnf', '-gencrl', '-out', 'crl.pem');
      const certificate = (name: string): Certificate => parseCertificates(read(name).toString())[0] as Certificate;
      const [ca, a, b] = [certificate('ca.pem'), certificate('a.pem'), certificate('b.pem')];
      const crl = parsePem(read('crl.pem').toString())[0]?.bytes as Uint8Array;
      const atMs = parseCrl(crl).thisUpdateMs + 1000;
      expect(checkCrl({ certificate: a, issuer: ca, crl, atMs }).kind).toBe('good');
      expect(checkCrl({ certificate: b, issuer: ca, crl, atMs })).toMatchObject({
        kind: 'revoked',
        reason: 'keyCompromise',
      });

      const signer = ['-index', 'index.txt', '-CA', 'ca.pem', '-rsigner', 'ca.pem', '-rkey', 'ca.key'];
      for (const [asked, kind] of [
        [a, 'good'],
        [b, 'revoked'],
      ] as const) {
        const nonce = Buffer.from('nonce of sixteen');
        write('request.der', buildOcspRequest({ certificate: asked, issuer: ca, nonce }));
        run('ocsp', ...signer, '-reqin', 'request.der', '-respout', 'response.der', '-ndays', '1');
        const input = { certificate: asked, issuer: ca, response: read('response.der'), atMs };
        expect(checkOcsp({ ...input, nonce }).kind).toBe(kind);
        expect(checkOcsp({ ...input, nonce: Buffer.from('another') }).kind).toBe('unknown');
      }

      const issuer = issue({ subject: ['CN=ca'], ca: true });
      const ours = makeCrl({ issuer, entries: [{ serial: 'abcd', reason: 1 }] });
      write('ours.pem', writePem({ label: 'X509 CRL', bytes: ours }));
      write('issuer.pem', issuer.pem);
      expect(run('crl', '-in', 'ours.pem', '-noout', '-text', '-CAfile', 'issuer.pem')).toContain('ABCD');
    });
  });
});

const config = `[ca]
default_ca = test
[test]
database = index.txt
new_certs_dir = .
serial = serial
crlnumber = crlnumber
certificate = ca.pem
private_key = ca.key
default_md = sha256
default_days = 10
default_crl_days = 10
policy = any
unique_subject = no
[any]
commonName = supplied
`;
