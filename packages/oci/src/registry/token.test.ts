import { writeFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { parseReference } from '../reference/reference.ts';
import { temporaryFolder } from '../sources/testing/context.ts';
import { createAuthority, readCertificate } from '../testing/certificates.ts';
import { emptyManifest as manifest, fetchTag, password, withClient } from '../testing/client.ts';
import { hasProgram } from '../testing/peers.ts';
import { answer, startServer } from '../testing/server.ts';

const { signal } = new AbortController();

describe('tokens', () => {
  test('one token serves many requests at once, and is fetched anew when it is refused', async () => {
    const asked: string[] = [];
    let good = 't1';
    const host = await startServer((request, response) => {
      const url = new URL(request.url ?? '', `http://${request.headers.host}`);
      if (url.pathname === '/token') {
        asked.push(`${url.search} ${request.headers.authorization ?? ''}`);
        return answer(response, 200, { token: good, expires_in: 300 });
      }
      if (request.headers.authorization === `Bearer ${good}`) return answer(response, 200, manifest);
      const realm = `http://${request.headers.host}/token`;
      const scope = 'repository:app:pull,push,delete registry:catalog:*';
      return answer(
        response,
        401,
        {},
        { 'www-authenticate': `Bearer realm="${realm}",service="s,x",scope="${scope}"` },
      );
    });
    await withClient(password(host), async (client) => {
      const reference = parseReference(`${host}/app:1`);
      await Promise.all([1, 2, 3, 4].map(() => client.fetchManifest(reference, { signal })));
      expect(asked).toEqual([
        `?service=s%2Cx&scope=repository%3Aapp%3Apull&account=u Basic ${Buffer.from('u:p').toString('base64')}`,
      ]);
      good = 't2';
      await client.fetchManifest(reference, { signal });
      expect(asked.length).toBe(2);
    });
  });

  test.skipIf(!hasProgram('openssl'))(
    'T30 a realm on another host gets no credential unless it is allowed',
    async () => {
      const authority = createAuthority(temporaryFolder());
      const seen: (string | undefined)[] = [];
      const certificate = readCertificate(authority.issue('realm', 'IP:127.0.0.1'));
      const realm = await startServer((request, response) => {
        seen.push(request.headers.authorization);
        if (request.headers.authorization === undefined) return answer(response, 401, { error: 'denied' });
        return answer(response, 200, { access_token: 'good' });
      }, certificate);
      const host = await startServer((request, response) => {
        if (request.headers.authorization === 'Bearer good') return answer(response, 200, manifest);
        return answer(response, 401, {}, { 'www-authenticate': `Bearer realm="https://${realm}/token"` });
      });
      const options = { ...password(host), caFiles: [authority.caFile] };
      expect(await fetchTag(host, options)).toContain('which did not get its credentials');
      expect(seen).toEqual([undefined]);
      expect(await fetchTag(host, { ...options, realmAllow: { [host]: [realm] } })).toBe('done');
      expect(seen[1]).toContain('Basic');
    },
  );

  test.each(['http://127.0.0.1:1/token', 'https://user:secret@x.io/token', 'file:///etc/passwd', 'token', ''])(
    'T30 the realm "%s" is not called at all',
    async (realm) => {
      const host = await startServer((_, response) =>
        answer(response, 401, {}, { 'www-authenticate': `Bearer realm="${realm}"` }),
      );
      expect(await fetchTag(host, password(host))).toContain('not an https address');
    },
  );

  test.each([
    ['is no JSON', 'x', 'no JSON object'],
    ['has no token', '{}', 'without a usable token'],
    ['has a header in it', '{"token":"a\\r\\nx: y"}', 'without a usable token'],
    ['is 50 MB (T48)', `{"token":"${'a'.repeat(1_000_000)}"}`, 'more than 262144 bytes'],
  ])('a token answer that %s is refused', async (_, body, part) => {
    const host = await startServer((request, response) => {
      if (request.url?.startsWith('/token')) return void response.end(body);
      return answer(response, 401, {}, { 'www-authenticate': `Bearer realm="http://${request.headers.host}/token"` });
    });
    expect(await fetchTag(host)).toContain(part);
  });

  test('a login that cannot be read does not hinder a public image, and is named where access is refused', async () => {
    const authFiles = [`${temporaryFolder()}/config.json`];
    writeFileSync(authFiles[0] ?? '', JSON.stringify({ credsStore: 'not-installed' }));
    const serve = (token: string, open: string): Promise<string> =>
      startServer((request, response) => {
        if (request.url?.startsWith('/token')) return answer(response, 200, { token });
        if (request.headers.authorization === `Bearer ${open}`) return answer(response, 200, manifest);
        const realm = `Bearer realm="http://${request.headers.host}/token"`;
        return answer(response, 401, {}, { 'www-authenticate': realm });
      });
    expect(await fetchTag(await serve('anonymous', 'anonymous'), { authFiles })).toBe('done');
    expect(await fetchTag(await serve('anonymous', 'other'), { authFiles })).toMatch(
      /credentials.*not-installed.*is not installed/,
    );
  });

  test('no way to log in is said', async () => {
    const host = await startServer((_, response) => answer(response, 401, {}, { 'www-authenticate': 'Negotiate' }));
    expect(await fetchTag(host)).toContain('names no way to log in');
  });
});
