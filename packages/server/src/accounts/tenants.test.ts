// T61: over every route of the registry, a repository of others is answered as one that is not there.
import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import { basic, startWhole } from './testing/front.ts';

const digestOf = (bytes: string): string => `sha256:${createHash('sha256').update(bytes).digest('hex')}`;

/** Pushes one manifest with an empty config, under the tag 1. Returns its digest and the config's. */
async function push(
  host: string,
  repository: string,
  headers: Record<string, string>,
): Promise<{ manifest: string; blob: string }> {
  const [config, at] = ['{}', `http://${host}/v2/${repository}`];
  const begun = await fetch(`${at}/blobs/uploads/`, { method: 'POST', headers });
  const location = new URL(begun.headers.get('location') ?? '', at);
  location.searchParams.set('digest', digestOf(config));
  expect((await fetch(location, { method: 'PUT', headers, body: config })).status).toBe(201);
  const mediaType = 'application/vnd.oci.image.manifest.v1+json';
  const empty = { mediaType: 'application/vnd.oci.empty.v1+json', digest: digestOf(config), size: config.length };
  const manifest = JSON.stringify({
    schemaVersion: 2,
    mediaType,
    artifactType: 'application/vnd.example',
    config: empty,
    layers: [empty],
  });
  const put = await fetch(`${at}/manifests/1`, {
    method: 'PUT',
    headers: { ...headers, 'content-type': mediaType },
    body: manifest,
  });
  expect(put.status).toBe(201);
  return { manifest: digestOf(manifest), blob: digestOf(config) };
}

test('T61 every route, with a password and with a token', async () => {
  const { host, robot } = await startWhole();
  const owner = robot({ name: 'owner', repositories: ['other/**'], actions: ['pull', 'push', 'delete', 'sign'] });
  const mine = robot({ name: 'mine', repositories: ['team/**'], actions: ['pull', 'push', 'delete', 'sign'] });
  const { manifest, blob } = await push(host, 'other/app', basic(owner.username, owner.password));
  await push(host, 'team/app', basic(mine.username, mine.password));

  const routes: [string, string][] = [
    ...['1', manifest].flatMap((reference): [string, string][] =>
      ['GET', 'HEAD', 'PUT', 'DELETE'].map((method) => [method, `manifests/${reference}`]),
    ),
    ...['GET', 'HEAD', 'DELETE'].map((method): [string, string] => [method, `blobs/${blob}`]),
    ['GET', 'tags/list'],
    ['GET', 'tags/list?n=1'],
    ['GET', `referrers/${manifest}`],
    ['POST', 'blobs/uploads/'],
    ['POST', `blobs/uploads/?digest=${blob}`],
    ['POST', `blobs/uploads/?mount=${blob}&from=other/app`],
    ['GET', 'blobs/uploads/00000000-0000-0000-0000-000000000000'],
    ['PATCH', 'blobs/uploads/00000000-0000-0000-0000-000000000000'],
    ['PUT', `blobs/uploads/00000000-0000-0000-0000-000000000000?digest=${blob}`],
    ['DELETE', 'blobs/uploads/00000000-0000-0000-0000-000000000000'],
  ];
  const login = basic(mine.username, mine.password);
  for (const repository of ['other/app', 'other/none', 'team/app']) {
    const scope = `repository:${repository}:pull,push,delete`;
    const answer = await fetch(`http://${host}/auth/token?scope=${scope}`, { headers: login });
    const { token } = (await answer.json()) as { token: string };
    const claims = JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString()) as { access: unknown[] };
    expect(claims.access).toHaveLength(repository === 'team/app' ? 1 : 0);
    const bearer = { authorization: `Bearer ${token}` };
    for (const [method, route] of routes) {
      for (const headers of [login, bearer, {}]) {
        const said = async (name: string): Promise<Record<string, unknown>> => {
          const got = await fetch(`http://${host}/v2/${name}/${route}`, { method, headers });
          const { status } = got;
          const challenge = got.headers.get('www-authenticate')?.replaceAll(name, 'NAME');
          return { method, route, status, challenge, body: (await got.text()).replaceAll(name, 'NAME') };
        };
        const theirs = await said('other/app');
        // An upload that is not there may be said before who asks.
        const refused = 'authorization' in headers ? 403 : 401;
        expect(route.includes('0000') ? [refused, 404] : [refused]).toContain(theirs['status']);
        expect(theirs).toEqual(await said('other/none'));
      }
    }
  }
  const catalog = await (await fetch(`http://${host}/v2/_catalog`, { headers: login })).json();
  expect(catalog).toEqual({ repositories: ['team/app'] });
  // A blob of others is not told by a mount into one's own repository either.
  for (const from of ['other/app', 'other/none']) {
    const url = `http://${host}/v2/team/app/blobs/uploads/?mount=${digestOf('unknown')}&from=${from}`;
    expect([from, (await fetch(url, { method: 'POST', headers: login })).status]).toEqual([from, 202]);
  }
});
