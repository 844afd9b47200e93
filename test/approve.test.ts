// Approvals through the program: request, checks, grants by others, revocation, and every approval that must not count.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import type { Digest } from '@plombe/model';
import { parseReference } from '@plombe/oci';
import { installed, temporaryFolder, type Outcome } from './support/plombe.ts';
import { openTestRegistry, registryKinds, type TestRegistry } from './support/registry.ts';

const home = temporaryFolder();
const run = installed(home);
const { signal } = new AbortController();

function plombe(...args: readonly string[]): Promise<Outcome> {
  return run(args, { env: { PLOMBE_KEY_PASSWORD: '' } });
}

interface Answer {
  readonly code: number | undefined;
  readonly json: {
    readonly verdict?: string;
    readonly id?: string;
    readonly manifest?: string;
    readonly granted?: boolean;
    readonly message?: string;
    readonly approvers?: readonly string[];
    readonly requests?: readonly { id: string; state: string; requester?: string }[];
    readonly approvals?: readonly { id: string; state: string; message: string }[];
    readonly revocations?: readonly { id: string; state?: string; revokes: string }[];
    readonly [name: string]: unknown;
  };
}

/** Runs `plombe approve …`; the one document on standard output. */
async function approve(...args: readonly string[]): Promise<Answer> {
  const { code, stdout, stderr } = await plombe('approve', ...args, '--plain-http', '-o', 'json');
  if (stdout === '') throw new Error(`exit code ${code}: ${stderr}`);
  return { code, json: JSON.parse(stdout) as Answer['json'] };
}

const made = new Map<string, Promise<string>>();
/** Makes a key pair once for the whole file. */
function keyPair(name: string): Promise<string> {
  let pair = made.get(name);
  if (pair === undefined) {
    pair = plombe('keys', 'generate', '--out', name).then(({ code, stderr }) => {
      expect(code, stderr).toBe(0);
      return join(home, name);
    });
    made.set(name, pair);
  }
  return pair;
}

function writePolicy(name: string, spec: object): string {
  const path = join(home, `${name}.yaml`);
  const document = { apiVersion: 'plombe/v1', kind: 'Policy', metadata: { name }, spec: { mode: 'deny', ...spec } };
  writeFileSync(path, JSON.stringify(document));
  return path;
}
const easy = writePolicy('easy', { allowedRepositories: ['**'] });
const strict = writePolicy('strict', { allowedRepositories: ['other/**'] });

interface World extends TestRegistry {
  readonly image: string;
  readonly digest: string;
  readonly key: Readonly<Record<'dev' | 'alice' | 'bob', string>>;
  readonly request: (...args: readonly string[]) => Promise<Answer>;
  readonly grant: (who: 'dev' | 'alice' | 'bob', ...args: readonly string[]) => Promise<Answer>;
  readonly verify: (...args: readonly string[]) => Promise<Answer>;
}

async function world(kind = registryKinds[0] ?? 'memory'): Promise<World> {
  const registry = await openTestRegistry(kind);
  const digest = await registry.push('team/app:1', 'one');
  const image = `${registry.host}/team/app:1`;
  const key = { dev: await keyPair('dev'), alice: await keyPair('alice'), bob: await keyPair('bob') };
  return {
    ...registry,
    image,
    digest,
    key,
    request: (...args) =>
      approve(
        'request',
        image,
        '--policy',
        easy,
        '--scope',
        'production',
        '--reason',
        'release 1',
        '--key',
        `${key.dev}.key`,
        ...args,
      ),
    grant: (who, ...args) => approve('grant', image, '--key', `${key[who]}.key`, ...args),
    verify: (...args) => approve('verify', image, '--key', `${key.alice}.pub`, '--key', `${key.bob}.pub`, ...args),
  };
}

const states = ({ json }: Answer): readonly string[] => (json.approvals ?? []).map(({ state }) => state);

describe.each(registryKinds)('in %s', (kind) => {
  it('request, grant by two, verify by threshold, list, revoke', async () => {
    const { image, digest, request, grant, verify } = await world(kind);
    expect((await verify('--threshold', '1')).code).toBe(1);
    const asked = await request('--expires-in', '30d');
    expect(asked).toMatchObject({
      code: 0,
      json: { subject: { reference: image, digest }, scope: { environment: 'production' }, decision: 'allow' },
    });
    expect((await verify('--threshold', '1')).code).toBe(1);
    const first = await grant('alice', '--request', 'latest', '--comment', 'looks good');
    expect(first).toMatchObject({ code: 0, json: { granted: true, request: asked.json.id } });
    expect(await verify('--threshold', '1', '--scope', 'production')).toMatchObject({
      code: 0,
      json: { verdict: 'verified', approvers: [first.json['approver']] },
    });
    expect((await verify('--threshold', '2')).code).toBe(1);
    expect((await grant('alice', '--request', 'latest')).code).toBe(0);
    expect((await verify('--threshold', '2')).code).toBe(1);
    expect((await grant('bob', '--request', String(asked.json.id))).code).toBe(0);
    expect(await verify('--threshold', '2')).toMatchObject({ code: 0, json: { verdict: 'verified' } });

    const listed = await approve('list', image);
    expect(listed.code).toBe(0);
    expect(listed.json.requests).toMatchObject([{ id: asked.json.id, state: 'open', policies: [{ name: 'easy' }] }]);
    expect(listed.json.approvals).toHaveLength(3);
    const text = await plombe('approve', 'list', image, '--plain-http');
    expect(text.stdout).toContain('looks good');

    const revoked = await approve('revoke', image, '--reason', 'a flaw', '--key', join(home, 'dev.key'));
    expect(revoked).toMatchObject({ code: 0, json: { revokes: asked.json.id } });
    const after = await verify('--threshold', '1');
    expect([after.code, ...states(after)]).toEqual([1, 'revoked', 'revoked', 'revoked']);
    expect((await grant('bob')).json).toMatchObject({ granted: false });
    expect((await approve('revoke', image, '--reason', 'again', '--key', join(home, 'dev.key'))).code).toBe(1);
    // Asked again, it can be approved again.
    const again = await request();
    expect((await grant('alice')).json).toMatchObject({ granted: true, request: again.json.id });
    expect((await verify()).code).toBe(0);
  });
});

describe('an approval that does not count', () => {
  it('of one’s own request: neither granted nor counted', async () => {
    const { image, key, request, grant } = await world();
    await request();
    expect(await grant('dev')).toMatchObject({ code: 1, json: { message: 'Nobody approves his own request.' } });
    // The same key under another name is the same signer.
    writeFileSync(join(home, 'renamed.key'), readFileSync(`${key.dev}.key`));
    const renamed = await approve('grant', image, '--key', join(home, 'renamed.key'));
    expect(renamed).toMatchObject({ code: 1, json: { granted: false } });
    // Written by other means, with the general command: still not.
    const { json } = await approve('list', image);
    const [{ id: requestId }] = json.requests as unknown as [{ id: string }];
    const pem = (await plombe('keys', 'public', '--key', `${key.dev}.key`)).stdout;
    const predicate = {
      request: requestId,
      scope: { environment: 'production' },
      approved: new Date().toISOString(),
      expires: '2099-01-01T00:00:00Z',
      signer: { id: 'key:sha256:0', publicKey: pem },
    };
    writeFileSync(join(home, 'own.json'), JSON.stringify(predicate));
    const type = 'https://plombe.dev/attestation/approval/v1';
    const forged = await plombe(
      'attest',
      image,
      '--plain-http',
      '--key',
      `${key.dev}.key`,
      '--type',
      type,
      '--predicate',
      join(home, 'own.json'),
    );
    expect(forged.code, forged.stderr).toBe(0);
    const judged = await approve('verify', image, '--key', `${key.dev}.pub`);
    expect([judged.code, ...states(judged)]).toEqual([1, 'own-request']);
  });

  it('T45 of another digest, copied over by whoever may push', async () => {
    const { host, client, push, image, request, grant, verify } = await world();
    await request();
    const granted = await grant('alice');
    expect((await verify()).code).toBe(0);
    // The tag moves on; nothing of the old digest holds for the new one.
    const next = await push('team/app:1', 'two');
    expect(await verify()).toMatchObject({ code: 1, json: { subject: { digest: next }, approvals: [] } });
    // The same bundles as referrers of the new digest.
    const place = parseReference(`${host}/team/app`);
    const { bytes: nextBytes, document: nextDocument } = await client.fetchManifest(parseReference(image), { signal });
    const old = (await approve('list', `${host}/team/app@${(granted.json['subject'] as { digest: string }).digest}`))
      .json;
    for (const one of [...(old.requests ?? []), ...(old.approvals ?? [])] as unknown as { manifest: string }[]) {
      const { document, bytes } = await client.fetchManifest(parseReference(`${host}/team/app@${one.manifest}`), {
        signal,
      });
      const manifest = JSON.parse(String(Buffer.from(bytes))) as Record<string, unknown>;
      manifest['subject'] = { mediaType: nextDocument.mediaType, digest: next, size: nextBytes.length };
      await client.writer.pushReferrer(
        place,
        { bytes: Buffer.from(JSON.stringify(manifest)), mediaType: document.mediaType },
        {
          subject: next as Digest,
          artifactType: String(manifest['artifactType']),
          annotations: {},
        },
        { signal },
      );
    }
    const copied = await verify();
    expect([copied.code, ...states(copied)]).toEqual([1, 'untrusted']);
    expect(copied.json.approvals?.[0]?.message).toContain('not about');
    expect(await grant('bob')).toMatchObject({ code: 1, json: { granted: false } });
  });

  it('T45 revoked, and pushed again in another manifest', async () => {
    const { host, client, image, digest, key, request, grant, verify } = await world();
    await request();
    const granted = await grant('alice');
    const args = ['--id', String(granted.json.id), '--reason', 'wrong one', '--key', `${key.bob}.key`];
    expect((await approve('revoke', image, ...args)).code).toBe(0);
    expect(states(await verify())).toEqual(['revoked']);
    const found = await client.fetchManifest(parseReference(`${host}/team/app@${granted.json.manifest}`), { signal });
    const manifest = JSON.parse(String(Buffer.from(found.bytes))) as { annotations: Record<string, string> };
    const annotations = { ...manifest.annotations, again: 'yes' };
    await client.writer.pushReferrer(
      parseReference(`${host}/team/app`),
      { bytes: Buffer.from(JSON.stringify({ ...manifest, annotations })), mediaType: found.document.mediaType },
      {
        subject: digest as Digest,
        artifactType: 'application/vnd.dev.sigstore.bundle.v0.3+json',
        annotations,
      },
      { signal },
    );
    const after = await verify();
    expect([after.code, ...states(after)]).toEqual([1, 'revoked']);
  });

  it('by a stranger, for another scope, after its end', async () => {
    const { image, request, grant, verify } = await world();
    const stranger = await keyPair('stranger');
    await request();
    expect((await approve('grant', image, '--key', `${stranger}.key`)).code).toBe(0);
    const unknown = await verify();
    expect([unknown.code, ...states(unknown)]).toEqual([1, 'untrusted']);
    expect((await grant('alice', '--scope', 'test')).json).toMatchObject({ granted: false });
    expect((await grant('alice')).json).toMatchObject({ granted: true });
    expect((await verify('--scope', 'production')).code).toBe(0);
    const elsewhere = await verify('--scope', 'test');
    expect([elsewhere.code, ...states(elsewhere)]).toEqual([1, 'untrusted', 'other-scope']);
    expect((await verify('--requester', `${stranger}.pub`)).code).toBe(1);
    // A stranger takes nothing back.
    await approve('revoke', image, '--reason', 'mine', '--key', `${stranger}.key`);
    expect((await verify()).code).toBe(0);
    // One that ends before the request does.
    const { image: second, grant: grantSecond, request: requestSecond } = await world();
    await requestSecond();
    expect((await grantSecond('alice', '--expires-in', '1s')).json).toMatchObject({ granted: true });
    await setTimeout(1100);
    const late = await approve('verify', second, '--key', join(home, 'alice.pub'));
    expect([late.code, ...states(late)]).toEqual([1, 'expired']);
  });

  it('of what the automatic checks deny: no request is stored', async () => {
    const { request, grant, verify } = await world();
    const denied = await request('--policy', strict);
    expect(denied).toMatchObject({ code: 1, json: { decision: 'deny' } });
    expect((await grant('alice')).json).toMatchObject({ granted: false });
    expect((await verify()).code).toBe(1);
  });
});

describe('the ledger and mistakes', () => {
  it('records requests, grants and revocations', async () => {
    const { image, digest, key, request, grant } = await world();
    const folder = join(home, 'ledger');
    expect((await plombe('ledger', 'init', '--ledger', folder, '--origin', 'example.com/approvals')).code).toBe(0);
    const asked = await request('--ledger', folder);
    const granted = await grant('alice', '--ledger', folder);
    await approve('revoke', image, '--reason', 'flaw', '--key', `${key.alice}.key`, '--ledger', folder);
    const shown = await plombe('custody', 'show', digest, '--ledger', folder, '-o', 'json');
    const { records } = JSON.parse(shown.stdout) as { records: unknown[] };
    expect(records).toMatchObject([
      { kind: 'approve', predicate: { event: 'request', statement: asked.json.id } },
      { kind: 'approve', predicate: { event: 'grant', statement: granted.json.id, request: asked.json.id } },
      { kind: 'revoke', predicate: { event: 'revoke', revokes: asked.json.id } },
    ]);
  });

  it.runIf(registryKinds.includes('docker'))(
    'T45 a revocation that the registry hides is found in the ledger',
    async () => {
      const { host, client, image, digest, key, request, grant, verify } = await world('docker');
      const folder = join(home, 'hidden');
      expect((await plombe('ledger', 'init', '--ledger', folder, '--origin', 'example.com/hidden')).code).toBe(0);
      await request('--ledger', folder);
      await grant('alice', '--ledger', folder);
      const args = ['--reason', 'flaw', '--key', `${key.bob}.key`, '--ledger', folder];
      const revoked = await approve('revoke', image, ...args);
      expect(states(await verify())).toEqual(['revoked']);
      const { manifest } = revoked.json;
      // This registry lists referrers under a tag, which whoever may push can write without it.
      const tag = parseReference(`${host}/team/app:${digest.replace(':', '-')}`);
      const list = await client.fetchManifest(tag, { signal });
      const index = JSON.parse(Buffer.from(list.bytes).toString()) as { manifests: { digest: string }[] };
      const manifests = index.manifests.filter((one) => one.digest !== manifest);
      expect(manifests).toHaveLength(2);
      const bytes = Buffer.from(JSON.stringify({ ...index, manifests }));
      await client.writer.pushManifest(tag, { bytes, mediaType: list.document.mediaType }, { signal });
      expect((await verify()).code).toBe(0);
      const seen = await verify('--ledger', folder);
      expect([seen.code, ...states(seen)]).toEqual([1, 'revoked']);
    },
  );

  it('says what is wrong, with exit code 2', async () => {
    const { image, key } = await world();
    const dev = ['--key', `${key.dev}.key`];
    for (const [args, message] of [
      [['request', image, ...dev, '--reason', 'x'], "'--policy <FILE>' not specified"],
      [['request', image, ...dev, '--policy', easy, '--reason', ' '], '--reason says nothing'],
      [['request', image, ...dev, '--policy', easy, '--reason', 'x', '--scope', 'region=eu'], 'is no scope'],
      [['request', image, ...dev, '--policy', easy, '--reason', 'x', '--expires-in', 'soon'], 'is no time'],
      [['grant', image, ...dev, '--expires', '2020-01-01'], 'would have ended'],
      [['revoke', image, ...dev, '--reason', 'x', '--id', 'latest'], '--id is no digest'],
      [['verify', image], 'Whose approvals count'],
      [['verify', image, '--key', `${key.dev}.pub`, '--threshold', '0'], 'a number from 1'],
      [['verify', image, '--policy', easy], 'None of the policies wants approvals'],
    ] as const) {
      const { code, stdout, stderr } = await plombe('approve', ...args, '--plain-http');
      expect([code, stdout], stderr).toEqual([2, '']);
      expect(stderr).toContain(message);
    }
  });
});
