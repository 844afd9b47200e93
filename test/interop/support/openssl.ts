// Certificates, revocation lists, OCSP answers and time stamps made by OpenSSL, so that none of our own code stands on both sides.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { done, peer, type Run } from './peers.ts';

export type KeyKind = 'p256' | 'p384' | 'p521' | 'rsa2048' | 'rsa3072';

/** Files of a certificate; `chain` is leaf first and ends with the root. */
export interface Leaf {
  readonly key: string;
  readonly certificate: string;
  readonly chain: string;
  /** Hex, upper case, as OpenSSL's index has it. */
  readonly serial: string;
}

export interface LeafOptions {
  readonly kind?: KeyKind;
  /** Adds a CRL distribution point. */
  readonly crlUrl?: string;
  /** Adds an OCSP responder. */
  readonly ocspUrl?: string;
  /** For time stamping in place of code signing. */
  readonly timestamping?: boolean;
  readonly days?: number;
}

/** A root in a folder of its own. */
export interface Authority {
  readonly folder: string;
  readonly run: Run;
  /** PEM file of the root. */
  readonly root: string;
  issue(name: string, options?: LeafOptions): Promise<Leaf>;
  /** Writes the index that lists and answers are made from. */
  writeIndex(leaves: readonly Leaf[], revoked: readonly Leaf[]): void;
  /** Makes the revocation list of what the index says is revoked; DER. */
  makeCrl(): Promise<Buffer>;
  /** Answers one OCSP request; both DER. */
  answerOcsp(request: Uint8Array): Promise<Buffer>;
}

const curves = { p256: 'P-256', p384: 'P-384', p521: 'P-521' } as const;
let issued = 0x1000;

/** Makes a root that may sign certificates and lists. */
export async function openAuthority(folder: string, name: string): Promise<Authority> {
  mkdirSync(folder, { recursive: true });
  const run = peer('openssl', folder);
  const file = (ending: string): string => join(folder, ending);
  await newKey(run, 'p256', file('root.key'));
  writeFileSync(
    file('root.cnf'),
    '[req]\ndistinguished_name=dn\nprompt=no\nx509_extensions=v3\n' +
      `[dn]\nC=DE\nST=BY\nO=Plombe Test\nCN=${name}\n` +
      '[v3]\nbasicConstraints=critical,CA:TRUE\nkeyUsage=critical,keyCertSign,cRLSign\nsubjectKeyIdentifier=hash\n',
  );
  const root = file('root.pem');
  await done(
    run(['req', '-new', '-x509', '-key', file('root.key'), '-days', '30', '-config', file('root.cnf'), '-out', root]),
  );
  writeFileSync(file('ca.cnf'), caConfiguration(folder));
  writeFileSync(file('crlnumber'), '01\n');
  writeFileSync(file('index.txt'), '');

  return {
    folder,
    run,
    root,
    issue: (leafName, options = {}) => issueLeaf(run, folder, leafName, options),
    writeIndex: (leaves, revoked) => {
      const lines = leaves.map((leaf) => {
        const out = revoked.includes(leaf) ? `R\t491231235959Z\t250101000000Z,keyCompromise` : 'V\t491231235959Z\t';
        return `${out}\t${leaf.serial}\tunknown\t/CN=${leaf.serial}\n`;
      });
      writeFileSync(file('index.txt'), lines.join(''));
    },
    makeCrl: async () => {
      await done(run(['ca', '-config', file('ca.cnf'), '-gencrl', '-crldays', '1', '-out', file('crl.pem')]));
      await done(run(['crl', '-in', file('crl.pem'), '-outform', 'DER', '-out', file('crl.der')]));
      return readFileSync(file('crl.der'));
    },
    answerOcsp: async (request) => {
      writeFileSync(file('ocsp.req'), request);
      const answer = ['-reqin', file('ocsp.req'), '-respout', file('ocsp.res'), '-nmin', '60'];
      const signer = ['-rsigner', root, '-rkey', file('root.key'), '-CA', root];
      await done(run(['ocsp', '-index', file('index.txt'), ...signer, ...answer]));
      return readFileSync(file('ocsp.res'));
    },
  };
}

/** Answers RFC 3161 requests with a time stamping certificate of the authority. */
export function openTimestamper(authority: Authority, leaf: Leaf): (request: Uint8Array) => Promise<Buffer> {
  const { folder, run } = authority;
  const file = (ending: string): string => join(folder, ending);
  writeFileSync(file('tsa.serial'), '01\n');
  writeFileSync(
    file('tsa.cnf'),
    `[tsa]\ndefault_tsa=t\n[t]\nserial=${file('tsa.serial')}\ncrypto_device=builtin\nsigner_digest=sha256\n` +
      'default_policy=1.2.3.4.1\ndigests=sha256,sha384,sha512\nordering=yes\ntsa_name=no\ness_cert_id_chain=no\n' +
      'ess_cert_id_alg=sha256\n',
  );
  let turn: Promise<unknown> = Promise.resolve();
  const answer = async (request: Uint8Array): Promise<Buffer> => {
    writeFileSync(file('tsa.req'), request);
    const signer = ['-signer', leaf.certificate, '-inkey', leaf.key, '-chain', leaf.chain];
    const files = ['-queryfile', file('tsa.req'), '-out', file('tsa.res')];
    await done(run(['ts', '-reply', '-config', file('tsa.cnf'), ...signer, ...files]));
    return readFileSync(file('tsa.res'));
  };
  // One at a time: they share files.
  return (request) => {
    const mine = turn.then(() => answer(request));
    turn = mine.catch(() => undefined);
    return mine;
  };
}

async function issueLeaf(run: Run, folder: string, name: string, options: LeafOptions): Promise<Leaf> {
  const { kind = 'p256', crlUrl, ocspUrl, timestamping = false, days = 7 } = options;
  const file = (ending: string): string => join(folder, `${name}.${ending}`);
  const serial = (issued++).toString(16).toUpperCase();
  await newKey(run, kind, file('key'));
  const extensions = [
    'basicConstraints=critical,CA:FALSE',
    'keyUsage=critical,digitalSignature',
    `extendedKeyUsage=${timestamping ? 'critical,timeStamping' : 'codeSigning'}`,
    'subjectKeyIdentifier=hash',
    'authorityKeyIdentifier=keyid',
    ...(crlUrl === undefined ? [] : [`crlDistributionPoints=URI:${crlUrl}`]),
    ...(ocspUrl === undefined ? [] : [`authorityInfoAccess=OCSP;URI:${ocspUrl}`]),
  ];
  writeFileSync(file('ext'), `${extensions.join('\n')}\n`);
  const subject = `/C=DE/ST=BY/O=Plombe Test/CN=${name}`;
  await done(run(['req', '-new', '-key', file('key'), '-subj', subject, '-out', file('csr')]));
  const signer = ['-CA', join(folder, 'root.pem'), '-CAkey', join(folder, 'root.key'), '-set_serial', `0x${serial}`];
  const own = ['-in', file('csr'), '-days', String(days), '-extfile', file('ext'), '-out', file('pem')];
  await done(run(['x509', '-req', ...signer, ...own]));
  writeFileSync(file('chain.pem'), [file('pem'), join(folder, 'root.pem')].map((path) => readFileSync(path)).join(''));
  return { key: file('key'), certificate: file('pem'), chain: file('chain.pem'), serial };
}

/** PKCS#8, as every program reads it. */
async function newKey(run: Run, kind: KeyKind, out: string): Promise<void> {
  const how =
    kind === 'rsa2048' || kind === 'rsa3072'
      ? ['RSA', '-pkeyopt', `rsa_keygen_bits:${kind.slice(3)}`]
      : ['EC', '-pkeyopt', `ec_paramgen_curve:${curves[kind]}`];
  await done(run(['genpkey', '-algorithm', ...how, '-out', out]));
}

function caConfiguration(folder: string): string {
  return (
    `[ca]\ndefault_ca=c\n[c]\ndatabase=${folder}/index.txt\ncrlnumber=${folder}/crlnumber\ndefault_md=sha256\n` +
    `certificate=${folder}/root.pem\nprivate_key=${folder}/root.key\ncrl_extensions=x\n[x]\nauthorityKeyIdentifier=keyid\n`
  );
}
