// Mounts with tokens: where the account may read the source and only the token does not say so, the client is told which token to fetch.
import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import { basic, startWhole } from './testing/front.ts';

const blob = 'a layer';
const digest = `sha256:${createHash('sha256').update(blob).digest('hex')}`;

/** Pushes the blob, and a manifest that names it. */
async function store(at: string, headers: Record<string, string>, inManifest: boolean): Promise<void> {
  const pushed = await fetch(`${at}/blobs/uploads/?digest=${digest}`, { method: 'POST', headers, body: blob });
  expect(pushed.status).toBe(201);
  if (!inManifest) return;
  const mediaType = 'application/vnd.oci.image.manifest.v1+json';
  const layer = { mediaType: 'application/octet-stream', digest, size: blob.length };
  const body = JSON.stringify({ schemaVersion: 2, mediaType, artifactType: 'a/b', config: layer, layers: [layer] });
  const put = { method: 'PUT', headers: { ...headers, 'content-type': mediaType }, body };
  expect((await fetch(`${at}/manifests/1`, put)).status).toBe(201);
}

test('a mount asks for a token that covers both repositories, and uploads where no token could', async () => {
  const { host, robot } = await startWhole();
  const owner = robot({ name: 'owner', repositories: ['*'], actions: ['pull', 'push'] });
  const builder = robot({ name: 'builder', repositories: ['team/**'], actions: ['pull', 'push'] });
  const signer = robot({ name: 'signer', repositories: ['team/**'], actions: ['pull', 'sign'] });
  // In a manifest, so that whoever may pull sees it; what is in none is seen by those who may push.
  for (const [repository, inManifest] of [
    ['team/base', true],
    ['team/loose', false],
    ['other/base', true],
  ] as const) {
    await store(`http://${host}/v2/${repository}`, basic(owner.username, owner.password), inManifest);
  }
  const token = async (who: typeof owner, scopes: string): Promise<Record<string, string>> => {
    const query = new URLSearchParams({ scope: scopes, service: 'plombe' });
    const answer = await fetch(`http://${host}/auth/token?${query.toString()}`, {
      headers: basic(who.username, who.password),
    });
    return { authorization: `Bearer ${((await answer.json()) as { token: string }).token}` };
  };
  const mount = async (from: string, headers: Record<string, string>): Promise<[number, string | null]> => {
    const url = `http://${host}/v2/team/app/blobs/uploads/?mount=${digest}&from=${from}`;
    const answer = await fetch(url, { method: 'POST', headers });
    return [answer.status, answer.headers.get('www-authenticate')];
  };
  const narrow = 'repository:team/app:pull,push';
  const challenge =
    `Bearer realm="http://${host}/auth/token",service="plombe",` +
    `scope="${narrow} repository:team/base:pull",error="insufficient_scope"`;
  // A signature's blobs are mounted too.
  for (const who of [builder, signer]) {
    expect(await mount('team/base', await token(who, narrow))).toEqual([401, challenge]);
    expect(await mount('team/base', await token(who, `${narrow} repository:team/base:pull`))).toEqual([201, null]);
    expect(await mount('team/base', basic(who.username, who.password))).toEqual([201, null]);
    const loose = await mount('team/loose', await token(who, `${narrow} repository:team/loose:pull`));
    expect(loose).toEqual([201, null]);
    // What the account may not read is not told, and no other token would help.
    for (const from of ['other/base', 'other/none', 'Not-A-Name', '']) {
      expect([from, await mount(from, await token(who, narrow))]).toEqual([from, [202, null]]);
    }
  }
});
