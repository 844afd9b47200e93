// Reads a JWS in flattened JSON serialization as a Notary envelope (RFC 7515 section 7.2.2, signature-envelope-jws).
import { field, isObject, type JsonObject } from '@plombe/kit';
import { notaryAlgorithms } from '../envelope/algorithm.ts';
import { decodeBase64, decodeBase64Url } from '../envelope/base64.ts';
import { maxChainLength, payloadMediaType, type Envelope } from '../envelope/envelope.ts';
import { headerNames, shown, signedAttributes } from '../envelope/headers.ts';
import { parseTime } from '../envelope/time.ts';
import { parseJsonObject } from '../json/parse.ts';
import { demand, within } from '../malformed.ts';

const members = ['payload', 'protected', 'header', 'signature'];

/** Header names that JOSE itself defines: `crit` must not list them (RFC 7515 section 4.1.11). */
const registered = ['alg', 'jku', 'jwk', 'kid', 'x5u', 'x5c', 'x5t', 'x5t#S256', 'typ', 'cty', 'crit'];

/** Returns the envelope. Throws `Malformed` and `LimitReached`. */
export function parseJws(bytes: Uint8Array): Envelope {
  const jws = parseJsonObject(bytes);
  for (const name of Object.keys(jws)) demand(members.includes(name), `JWS: unknown member ${shown(name)}`);
  const protectedText = field(jws, 'protected');
  const payloadText = field(jws, 'payload');
  const protectedHeader = parseJsonObject(decodeBase64Url(protectedText, 'protected'));
  const payload = decodeBase64Url(payloadText, 'payload');
  const header = field(jws, 'header');
  demand(isObject(header), 'JWS: no unprotected header');
  for (const name of Object.keys(header))
    demand(!Object.hasOwn(protectedHeader, name), `JWS: ${shown(name)} is both protected and unprotected`);
  return {
    format: 'jws',
    ...protectedParts(protectedHeader),
    payload,
    signedBytes: Buffer.from(`${String(protectedText)}.${String(payloadText)}`, 'latin1'),
    signature: decodeBase64Url(field(jws, 'signature'), 'signature'),
    ...unprotectedParts(header),
  };
}

function protectedParts(header: JsonObject): Pick<Envelope, 'algorithm' | 'attributes'> {
  const alg = field(header, 'alg');
  const algorithm = notaryAlgorithms.find((row) => row.jws === alg);
  demand(algorithm !== undefined, 'alg: not an algorithm of the Notary Project');
  demand(field(header, 'cty') === payloadMediaType, `cty: not ${payloadMediaType}`);
  const crit = field(header, 'crit');
  demand(Array.isArray(crit) && crit.every((name) => typeof name === 'string'), 'crit: not a list of names');
  for (const name of crit) demand(!registered.includes(name), `crit: must not name ${shown(name)}`);
  const headers = new Map(Object.entries(header).filter(([name]) => !['alg', 'cty', 'crit'].includes(name)));
  return { algorithm, attributes: signedAttributes({ headers, crit, time: parseTime }) };
}

function unprotectedParts(header: JsonObject): Pick<Envelope, 'chain' | 'timestamp' | 'signingAgent'> {
  const chain = field(header, 'x5c');
  demand(Array.isArray(chain) && chain.length > 0, 'x5c: no certificates');
  within(chain.length <= maxChainLength, `x5c: more than ${String(maxChainLength)} certificates`);
  const timestamp = field(header, headerNames.timestamp);
  const agent = field(header, headerNames.signingAgent);
  return {
    chain: chain.map((text) => decodeBase64(text, 'x5c')),
    ...(timestamp !== undefined && { timestamp: decodeBase64(timestamp, headerNames.timestamp) }),
    ...(typeof agent === 'string' && { signingAgent: agent }),
  };
}
