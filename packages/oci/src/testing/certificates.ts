// Certificates for tests, made by openssl: an authority of its own and server certificates with any name or life.
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';

export interface ServerCertificate {
  readonly certificate: string;
  readonly key: string;
}

export interface TestAuthority {
  /** Path of the authority's own certificate. */
  readonly caFile: string;
  /** Issues a server certificate for these subject alternative names (`DNS:…`, `IP:…`); returns paths. */
  issue(name: string, alternativeNames: string, expired?: boolean): ServerCertificate;
}

/** Makes a new certificate authority in the folder. */
export function createAuthority(folder: string): TestAuthority {
  const openssl = (...parts: string[]): void => {
    execFileSync('openssl', parts, { stdio: 'ignore', cwd: folder });
  };
  const curve = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes'];
  openssl('req', '-x509', ...curve, '-keyout', 'ca.key', '-out', 'ca.pem', '-days', '2', '-subj', '/CN=Plombe test CA');
  return {
    caFile: `${folder}/ca.pem`,
    issue: (name, alternativeNames, expired = false) => {
      openssl('req', ...curve, '-keyout', `${name}.key`, '-out', `${name}.csr`, '-subj', '/CN=test');
      writeFileSync(`${folder}/${name}.ext`, `subjectAltName=${alternativeNames}\n`);
      const signing = ['-CA', 'ca.pem', '-CAkey', 'ca.key', '-CAcreateserial', '-extfile', `${name}.ext`];
      const life = expired ? ['-not_before', '20200101000000Z', '-not_after', '20200102000000Z'] : ['-days', '2'];
      try {
        openssl('x509', '-req', '-in', `${name}.csr`, '-out', `${name}.pem`, ...signing, ...life);
      } catch {
        // openssl before 3.4 has no -not_after; a life of minus one day is expired too.
        openssl('x509', '-req', '-in', `${name}.csr`, '-out', `${name}.pem`, ...signing, '-days', '-1');
      }
      return { certificate: `${folder}/${name}.pem`, key: `${folder}/${name}.key` };
    },
  };
}

/** Reads both parts for an in-process server. */
export function readCertificate(paths: ServerCertificate): { cert: string; key: string } {
  return { cert: readFileSync(paths.certificate, 'utf8'), key: readFileSync(paths.key, 'utf8') };
}
