// JWS envelopes as JSON: which members, headers and spellings are refused.
import { describe, expect, it } from 'vitest';
import { parseEnvelope } from '../envelope/parse.ts';
import { signed } from '../testing/world.ts';

type Json = Record<string, unknown>;

const envelope = JSON.parse(Buffer.from(await signed('jws', { signingAgent: 'plombe/0.1.0' })).toString()) as Json;
const protectedHeader = JSON.parse(Buffer.from(String(envelope['protected']), 'base64url').toString()) as Json;
const header = envelope['header'] as Json;

const parse = (value: unknown) =>
  parseEnvelope('jws', Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)));
const withHeader = (changes: Json) => ({ ...envelope, header: { ...header, ...changes } });
const withProtected = (changes: Json | string) => ({
  ...envelope,
  protected: Buffer.from(
    typeof changes === 'string' ? changes : JSON.stringify({ ...protectedHeader, ...changes }),
  ).toString('base64url'),
});

describe('a JWS envelope', () => {
  it('as written is read, whatever the space between its parts', () => {
    expect(parse(envelope).kind).toBe('parsed');
    expect(parse(JSON.stringify(envelope, null, 2)).kind).toBe('parsed');
    expect(parse(withHeader({ 'x-foreign': 1 })).kind).toBe('parsed');
    expect(parse(withProtected({ 'com.example.note': 'x' })).kind).toBe('parsed');
    expect(parse(withProtected({ 'io.cncf.notary.signingTime': '2026-01-01T01:00:00.5+01:00' }))).toMatchObject({
      envelope: { attributes: { signingTimeMs: Date.UTC(2026, 0, 1) } },
    });
  });

  const crit = protectedHeader['crit'] as string[];
  const cases: readonly (readonly [string, unknown, string])[] = [
    ['no JSON', 'x', 'JSON'],
    ['a list', [], 'not an object'],
    ['a member more', { ...envelope, signatures: [] }, 'unknown member "signatures"'],
    ['a member twice', JSON.stringify(envelope).replace('{"payload"', '{"payload":"","payload"'), 'occurs twice'],
    ['no payload', { ...envelope, payload: undefined }, 'payload'],
    ['a padded payload', { ...envelope, payload: `${String(envelope['payload'])}=` }, 'payload: not canonical'],
    ['a payload with a line break', { ...envelope, payload: `\n${String(envelope['payload'])}` }, 'not canonical'],
    ['no protected header', { ...envelope, protected: undefined }, 'protected'],
    ['no header', { ...envelope, header: undefined }, 'no unprotected header'],
    ['no signature', { ...envelope, signature: undefined }, 'signature'],
    ['another Base64 alphabet', { ...envelope, signature: '+/+/' }, 'not canonical'],
    ['alg none', withProtected({ alg: 'none' }), 'alg'],
    ['alg HS256', withProtected({ alg: 'HS256' }), 'alg'],
    ['alg RS256', withProtected({ alg: 'RS256' }), 'alg'],
    ['alg of the prototype', withProtected({ alg: 'constructor' }), 'alg'],
    ['another content type', withProtected({ cty: 'text/plain' }), 'cty'],
    ['no crit', withProtected({ crit: undefined }), 'crit'],
    ['an empty crit', withProtected({ crit: [] }), 'not in crit'],
    ['a crit that is no list', withProtected({ crit: 'x' }), 'crit'],
    ['a name twice in crit', withProtected({ crit: [...crit, ...crit] }), 'twice'],
    ['alg in crit', withProtected({ crit: [...crit, 'alg'] }), 'must not name'],
    ['a missing header in crit', withProtected({ crit: [...crit, 'com.example'] }), 'not a protected header'],
    ['signing time in crit', withProtected({ crit: [...crit, 'io.cncf.notary.signingTime'] }), 'not critical'],
    ['an expiry not in crit', withProtected({ 'io.cncf.notary.expiry': '2027-01-01T00:00:00Z' }), 'not in crit'],
    ['no scheme', withProtected({ 'io.cncf.notary.signingScheme': undefined }), 'not a protected header'],
    [
      'an unknown scheme',
      withProtected({ 'io.cncf.notary.signingScheme': 'notary.x510' }),
      'not one this version knows',
    ],
    ['no signing time', withProtected({ 'io.cncf.notary.signingTime': undefined }), 'missing'],
    [
      'a signing time of the 30th of February',
      withProtected({ 'io.cncf.notary.signingTime': '2026-02-30T00:00:00Z' }),
      'calendar',
    ],
    ['a signing time that is a number', withProtected({ 'io.cncf.notary.signingTime': 1 }), 'RFC 3339'],
    [
      'both times',
      withProtected({
        'io.cncf.notary.authenticSigningTime': '2026-01-01T00:00:00Z',
        crit: [...crit, 'io.cncf.notary.authenticSigningTime'],
      }),
      'not allowed under notary.x509',
    ],
    ['a plugin not in crit', withProtected({ 'io.cncf.notary.verificationPlugin': 'x' }), 'not in crit'],
    [
      'a plugin version alone',
      withProtected({
        'io.cncf.notary.verificationPluginMinVersion': '1.0.0',
        crit: [...crit, 'io.cncf.notary.verificationPluginMinVersion'],
      }),
      'without a plugin',
    ],
    [
      'a protected member twice',
      withProtected(JSON.stringify(protectedHeader).replace('{', '{"alg":"none",')),
      'twice',
    ],
    ['the chain protected as well', withProtected({ x5c: header['x5c'] }), 'both protected and unprotected'],
    ['no chain', withHeader({ x5c: undefined }), 'no certificates'],
    ['T47 an empty chain', withHeader({ x5c: [] }), 'no certificates'],
    ['a chain that is a text', withHeader({ x5c: (header['x5c'] as string[])[0] }), 'no certificates'],
    ['a certificate in Base64url', withHeader({ x5c: ['-_-_'] }), 'not canonical'],
    ['T48 a chain of 11', withHeader({ x5c: Array.from({ length: 11 }, () => 'AAAA') }), 'more than 10'],
    ['a time stamp that is no text', withHeader({ 'io.cncf.notary.timestampSignature': 1 }), 'not a text'],
    [
      'T73 headers by prototype',
      JSON.stringify({ ...envelope, header: 'H' }).replace('"H"', '{"__proto__":{"x5c":["AAAA"]}}'),
      'no certificates',
    ],
  ];

  it.each(cases)('with %s is refused', (_name, value, message) => {
    expect(parse(value)).toEqual({
      kind: message.startsWith('more than') ? 'limit' : 'malformed',
      message: expect.stringContaining(message) as string,
    });
  });
});
