// A certificate log (RFC 6962) as far as Fulcio asks one: it promises to take a precertificate in, and keeps no tree.
import { createHash, createPublicKey, generateKeyPairSync, sign } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { atEnd } from './ending.ts';
import { constructedTag, derOid, derSequence, derTagged, derValue, parseDer, tag, type DerNode } from '@plombe/pki';

export interface CertificateLog {
  /** With the log's prefix. */
  readonly url: string;
  /** PEM. */
  readonly publicKey: string;
}

/** Starts the log; it ends with the test file. */
export async function startCertificateLog(): Promise<CertificateLog> {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const publicKey = createPublicKey(privateKey);
  const spki = publicKey.export({ format: 'der', type: 'spki' });
  const promise = (chain: readonly Buffer[]): object => {
    const [precertificate = Buffer.alloc(0), issuer = Buffer.alloc(0)] = chain;
    const timestamp = Date.now();
    const signed = promised(precertificate, issuer, timestamp);
    const signature = sign('sha256', signed, privateKey);
    // Hash SHA-256, signature ECDSA, length (RFC 5246, 4.7).
    const digitallySigned = Buffer.concat([Buffer.from([4, 3, 0, signature.length]), signature]);
    const id = createHash('sha256').update(spki).digest('base64');
    return { sct_version: 0, id, timestamp, extensions: '', signature: digitallySigned.toString('base64') };
  };
  const server = createServer((request, response) => {
    const serve = async (): Promise<void> => {
      const body = Buffer.concat(await Array.fromAsync(request as AsyncIterable<Buffer>));
      if (request.url !== '/log/ct/v1/add-pre-chain') return void response.writeHead(404).end();
      const { chain } = JSON.parse(body.toString()) as { chain: readonly string[] };
      const answer = JSON.stringify(promise(chain.map((text) => Buffer.from(text, 'base64'))));
      return void response.writeHead(200, { 'content-type': 'application/json' }).end(answer);
    };
    serve().catch((thrown: unknown) => response.writeHead(500).end(String(thrown)));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  atEnd(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/log`,
    publicKey: publicKey.export({ format: 'pem', type: 'spki' }) as string,
  };
}

/** What the promise is over (RFC 6962, 3.2): the certificate without the poison, and who issued it. */
function promised(precertificate: Uint8Array, issuer: Uint8Array, timestamp: number): Buffer {
  const [toBeSigned] = parseDer(precertificate).children;
  const [issuerBody] = parseDer(issuer).children;
  if (toBeSigned === undefined || issuerBody === undefined) throw new Error('no chain of certificates');
  const body = withoutPoison(toBeSigned);
  // Of a certificate of version 3 the key is the seventh part.
  const issuerKey = issuerBody.children[6]?.bytes ?? new Uint8Array();
  const head = Buffer.alloc(12);
  head.writeBigUInt64BE(BigInt(timestamp), 2);
  head.writeUInt16BE(1, 10);
  const length = Buffer.alloc(3);
  length.writeUIntBE(body.length, 0, 3);
  return Buffer.concat([head, createHash('sha256').update(issuerKey).digest(), length, body, Buffer.alloc(2)]);
}

const poison = Buffer.from(derOid('1.3.6.1.4.1.11129.2.4.3'));

function withoutPoison(toBeSigned: DerNode): Uint8Array {
  const parts = toBeSigned.children.map((part) => {
    if (part.tag !== constructedTag(3)) return part.bytes;
    const extensions = part.children[0]?.children ?? [];
    const kept = extensions.filter(({ children }) => !poison.equals(children[0]?.bytes ?? new Uint8Array()));
    return derTagged(3, derSequence(...kept.map(({ bytes }) => bytes)));
  });
  return derValue(tag.sequence, ...parts);
}
