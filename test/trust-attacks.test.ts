// What a hostile registry, or a stranger who may write to a good one, can do to `verify`: hide, never forge, and hiding is seen.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { bundleOf, digestOf, indexOf, indexType, signatureType, startRogue } from './support/rogue.ts';
import { openSigningProgram } from './support/signing.ts';

const { home, plombe, json, keyPair } = openSigningProgram();
const provenance = 'https://slsa.dev/provenance/v1';

describe('T29 the list of referrers', () => {
  it('that fails leaves the subject unreadable, never unsigned', async () => {
    const world = await startRogue((path) => (path.includes('/referrers/') ? { status: 403 } : undefined));
    world.image('one', '1');
    const args = ['verify', `${world.host}/app:1`, '--plain-http', '-o', 'json', '--key', `${await keyPair('a')}.pub`];
    expect(await plombe(args)).toMatchObject({ code: 4, stdout: '' });
  });

  it.each([
    ['brings nothing new', [], '/v2/app/referrers/x?n='],
    ['always brings something new', [100], '/v2/app/referrers/x?n='],
    ['goes on at another origin', [], 'http://127.0.0.1:1/v2/app/referrers/x?n='],
    ['goes on outside of the registry', [1], '/elsewhere?n='],
  ])('whose next page %s is undecidable, even beside a good signature', async (_, sizes, next) => {
    const key = await keyPair('a');
    let page = 0;
    const world = await startRogue((path) => {
      if (!path.includes('/referrers/')) return undefined;
      page += 1;
      const manifests = Array.from({ length: sizes[0] ?? 0 }, (_unused, index) => ({
        mediaType: indexType,
        digest: digestOf(Buffer.from(`${page} ${index}`)),
        size: 5,
      }));
      const headers = { 'content-type': indexType, link: `<${next}${page}>; rel="next"` };
      return { headers, body: JSON.stringify(indexOf(manifests)) };
    });
    const subject = world.image('one', '1');
    world.list(subject, [world.referrer(subject, await bundleOf(key, subject.digest, signatureType))]);
    const { code, result } = await json('verify', `${world.host}/app:1`, '--key', `${key}.pub`);
    expect([code, result.verdict]).toEqual([3, 'undecidable']);
    expect(page).toBeLessThan(20);
  });

  it('may lie about type and size of what it lists', async () => {
    const key = await keyPair('a');
    const world = await startRogue();
    const subject = world.image('one', '1');
    const good = world.referrer(subject, await bundleOf(key, subject.digest, signatureType));
    const lies = [
      { mediaType: 'image/png', artifactType: 'x/y' },
      { mediaType: indexType },
      { size: 0 },
      { size: 3_000_000_000 },
      { data: 'AAAA', urls: ['http://127.0.0.1:1/x'] },
    ];
    for (const lie of lies) {
      world.list(subject, [{ ...good, ...lie }]);
      const { code } = await json('verify', `${world.host}/app:1`, '--key', `${key}.pub`);
      expect([lie, code]).toEqual([lie, 0]);
    }
  });
});

it('T34 a tag is asked for once, and what is not of the digest asked for is not taken', async () => {
  const key = await keyPair('a');
  const world = await startRogue();
  const [good, evil] = [world.image('good', '1'), world.image('evil')];
  world.list(good, [world.referrer(good, await bundleOf(key, good.digest, signatureType))]);
  const out = await json('verify', `${world.host}/app:1`, '--key', `${key}.pub`);
  expect(out).toMatchObject({ code: 0, result: { subject: { digest: good.digest } } });
  expect(world.asked.filter((one) => one.endsWith('/manifests/1'))).toEqual(['GET /v2/app/manifests/1']);
  world.swap(good.digest, evil.digest);
  const lied = await plombe(['verify', `${world.host}/app@${good.digest}`, '--plain-http', '--key', `${key}.pub`]);
  expect(lied).toMatchObject({ code: 4, stdout: '' });
  expect(lied.stderr).toContain('archive/digest-mismatch');
});

it('T42 a statement of another kind, subject, key or content is no signature', async () => {
  const [key, other] = [await keyPair('a'), await keyPair('b')];
  const world = await startRogue();
  const [subject, evil] = [world.image('one', '1'), world.image('evil')];
  const good = await bundleOf(key, subject.digest, signatureType);
  const payloadOf = (bundle: string): string => /"payload":"([^"]+)"/.exec(bundle)?.[1] ?? '';
  const attestation = await bundleOf(key, subject.digest, provenance);
  const cases: readonly (readonly [string, string])[] = [
    ['two signatures', await bundleOf(key, subject.digest, signatureType, {}, [{ sig: 'AAAA' }])],
    ['another subject', await bundleOf(key, evil.digest, signatureType)],
    ['an attestation', attestation],
    ['a stranger', await bundleOf(other, subject.digest, signatureType)],
    ['message and envelope', good.replace('"dsseEnvelope"', '"messageSignature":{"signature":"AAAA"},"dsseEnvelope"')],
    ['a swapped payload', attestation.replace(payloadOf(attestation), payloadOf(good))],
    ['no verification material', good.replace('{"publicKey":{"hint":""}}', '{}')],
    ['another payload type', good.replace('application/vnd.in-toto+json', 'text/plain')],
  ];
  for (const [name, bundle] of cases) {
    world.list(subject, [world.referrer(subject, bundle)]);
    const { code, result } = await json('verify', `${world.host}/app:1`, '--key', `${key}.pub`);
    expect([name, code, result.verdict]).toEqual([name, 1, 'rejected']);
  }
});

it('T42 only statements that were verified are given out, and they come first', async () => {
  const [key, other] = [await keyPair('a'), await keyPair('b')];
  const world = await startRogue();
  const subject = world.image('one', '1');
  const referrers = [
    world.referrer(subject, await bundleOf(other, subject.digest, provenance, { builder: 'evil' })),
    world.referrer(subject, await bundleOf(key, subject.digest, provenance, { builder: 'good' })),
  ];
  const args = ['verify-attestation', `${world.host}/app:1`, '--key', `${key}.pub`, '--type', 'slsaprovenance1'];
  world.list(subject, referrers);
  const { code, result } = await json(...args);
  expect([code, ...result.attestations.map(({ verdict, statement }) => [verdict, statement?.predicate])]).toEqual([
    0,
    ['verified', { builder: 'good' }],
    ['rejected', undefined],
  ]);
  world.list(subject, referrers.slice(0, 1));
  const refused = await json(...args);
  expect([refused.code, JSON.stringify(refused.result).includes('evil')]).toEqual([1, false]);
});

it('T42 nobody signs by attesting', async () => {
  writeFileSync(join(home, 'empty.json'), '{}');
  const args = ['--key', `${await keyPair('a')}.key`, '--type', signatureType, '--predicate', 'empty.json'];
  const outcome = await plombe(['attest', '127.0.0.1:1/app:1', '--plain-http', ...args]);
  expect(outcome).toMatchObject({ code: 2, stdout: '' });
});
