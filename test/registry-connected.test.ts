// Registries of others from push to promotion through the program itself: what comes in is judged, held back or copied to where it is trusted.
import { spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { description } from '../packages/connectors/src/testing/harbor/server.ts';
import { connected, type Connected, type Pushed } from './support/connected.ts';
import { writeFeeds } from './support/feeds.ts';
import { writeTar } from '@plombe/formats/testing';
import { alpineImage, apkInstalled, osRelease, writeImages } from './support/images.ts';
import { hasProgram, installed, launcher, temporaryFolder } from './support/plombe.ts';
import { pushLayout } from './support/push.ts';

const home = temporaryFolder();
const plombe = installed(home);
const secret = 'a-secret-of-32-characters-at-least';
let layout = '';

beforeAll(async () => {
  writeFileSync(join(home, 'secret'), `${secret}\n`, { mode: 0o600 });
  expect(await plombe(['db', 'build', '--from', writeFeeds(join(home, 'feeds')), '--db', 'db'])).toMatchObject({
    code: 0,
  });
  const database = { path: 'lib/apk/db/installed', content: apkInstalled({ busybox: '1.36.1-r30', musl: '1.2.5-r0' }) };
  const clean = alpineImage('clean', 'amd64', {
    layers: [{ tar: [writeTar([osRelease, database])], createdBy: 'ADD' }],
  });
  const bad = alpineImage('bad', 'amd64', {
    layers: alpineImage('x').layers.map(({ tar, createdBy = '' }) => ({ tar, createdBy })),
  });
  layout = await writeImages(join(home, 'images'), clean, bad);
});

type Line = Readonly<Record<string, unknown>>;

/** Everything that a test does with one registry. */
async function open(kind: Connected['kind']) {
  const subject = await connected[kind]();
  onTestFinished(() => subject.client.close());
  const { registry, flags, env, incoming, trusted } = subject;
  const ledger = `ledger-${kind}`;
  const policy = `policy-${kind}.yaml`;
  writeFileSync(
    join(home, policy),
    `apiVersion: plombe/v1\nkind: Policy\nmetadata: {name: incoming}\nspec: {select: {repositories: ["${incoming}"]}, vulnerabilities: {maxSeverity: medium}, onViolation: quarantine, promote: {from: "${incoming}", to: "${trusted}"}}\n`,
  );
  await plombe(['ledger', 'init', '--ledger', ledger, '--origin', `example.com/${kind}`]);
  const run = (command: string, more: readonly string[] = [], image = '') =>
    plombe(['registry', command, registry + image, '--kind', kind, ...flags, ...more], { env });
  return {
    ...subject,
    ledger,
    run,
    judging: ['--policy', policy, '--db', 'db', '--ledger', ledger],
    async push(name: 'clean' | 'bad', tag: string): Promise<Pushed> {
      const [digest = ''] = await pushLayout(subject.client, layout, name, `${registry}/${incoming}:${tag}`);
      return { repository: incoming, tag, digest };
    },
    async artifacts(): Promise<readonly { repository: string; digest: string; state: string; tags: string[] }[]> {
      const { stdout, stderr, code } = await run('list', ['-o', 'json']);
      expect(code, stderr).toBe(0);
      const { repositories } = JSON.parse(stdout) as { repositories: { artifacts: [] }[] };
      return repositories.flatMap(({ artifacts }) => artifacts);
    },
    async records(digest: string): Promise<readonly string[]> {
      const { stdout } = await plombe(['custody', 'show', digest, '--ledger', ledger, '-o', 'json']);
      const { records } = JSON.parse(stdout) as { records: { kind: string; predicate: { event: string } }[] };
      return records.map(({ kind: what, predicate }) => `${what} ${predicate.event}`);
    },
    /** Starts a watch that enforces; `next` is its next line. */
    async watch() {
      const listening = ['--listen', '127.0.0.1:0', '--webhook-secret-file', 'secret', '--enforce'];
      const args = ['registry', 'watch', registry, '--kind', kind, ...flags, ...listening, '--policy', policy];
      const child = spawn(launcher, [...args, '--db', 'db', '--ledger', ledger], {
        cwd: home,
        env: { PATH: process.env['PATH'], HOME: home, ...env },
      });
      onTestFinished(() => void child.kill('SIGKILL'));
      const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
      let said = '';
      const url = await new Promise<string>((resolve, reject) => {
        child.stderr.on('data', (piece: Buffer) => {
          said += piece.toString();
          const found = /^listening on (\S+)$/m.exec(said)?.[1];
          if (found !== undefined) resolve(found);
        });
        child.once('close', () => reject(new Error(said)));
      });
      return {
        async tell(pushed: Pushed): Promise<Line> {
          const { path, headers, body } = subject.event(pushed, secret);
          const response = await fetch(url + path, { method: 'POST', headers, body: JSON.stringify(body) });
          expect(response.status).toBe(202);
          const { value } = (await lines.next()) as { value: string };
          return JSON.parse(value) as Line;
        },
      };
    },
  };
}

const kinds = [
  ['acr', hasProgram('openssl')],
  ['harbor', description !== undefined],
  ['msr', true],
  ['oci', hasProgram('docker-registry')],
] as const;

describe.each(kinds)('%s', (kind, isHere) => {
  test.skipIf(!isHere)(
    'a push is judged: what is allowed is promoted, what is denied held back, and both recorded',
    async () => {
      const subject = await open(kind);
      const watch = await subject.watch();
      const clean = await subject.push('clean', '1.0');
      expect(await watch.tell(clean)).toMatchObject({
        state: 'present',
        judged: clean.digest,
        decision: 'allow',
        reasons: [],
        action: 'promoted',
        promotedTo: [subject.trusted],
      });
      const bad = await subject.push('bad', '2.0');
      const told = await watch.tell(bad);
      expect(told).toMatchObject({ judged: bad.digest, decision: 'deny' });
      expect(JSON.stringify(told['reasons'])).toContain('CVE-');
      const found = await subject.artifacts();
      expect(found.find(({ repository }) => repository === subject.trusted)).toMatchObject({
        digest: clean.digest,
        tags: ['1.0'],
        state: 'free',
      });
      expect(await subject.records(clean.digest)).toEqual(['push accepted', 'promote promoted']);
      const held = found.find(({ repository, digest }) => repository === subject.incoming && digest === bad.digest);
      if (kind === 'oci') {
        // The specification has no lock, and that is said rather than taken for done.
        expect(told).toMatchObject({ action: 'failed', actionCause: expect.stringMatching(/cannot hold/) as string });
        expect(held).toMatchObject({ state: 'free' });
        return;
      }
      expect(told).toMatchObject({ action: 'quarantined' });
      expect(held).toMatchObject({ state: 'quarantined' });
      const image = { registry: subject.registry, repository: subject.incoming, tag: '2.0' };
      await expect(subject.client.fetchManifest(image, { signal: new AbortController().signal })).rejects.toThrow();
      expect(await subject.records(bad.digest)).toEqual(['push quarantined']);
      const released = await subject.run(
        'release',
        ['--ledger', subject.ledger, '--reason', 'false alarm'],
        `/${subject.incoming}:2.0`,
      );
      expect(released, released.stderr).toMatchObject({ code: 0 });
      await expect(
        subject.client.fetchManifest(image, { signal: new AbortController().signal }),
      ).resolves.toMatchObject({
        digest: bad.digest,
      });
      expect(await subject.records(bad.digest)).toEqual(['push quarantined', 'push released']);
    },
  );

  test.skipIf(!isHere)(
    'by command: quarantine and release, and a promotion only where the policy allows it',
    async () => {
      const subject = await open(kind);
      const [clean, bad] = [await subject.push('clean', '1'), await subject.push('bad', '2')];
      const to = ['--to', subject.trusted, '--tag', 'v1', '--tag', 'latest', ...subject.judging];
      const promoted = await subject.run('promote', [...to, '-o', 'json'], `/${subject.incoming}:1`);
      expect(promoted, promoted.stderr).toMatchObject({ code: 0 });
      expect(JSON.parse(promoted.stdout)).toMatchObject({
        event: 'promoted',
        digest: clean.digest,
        to: subject.trusted,
        tags: ['v1', 'latest'],
        decision: 'allow',
      });
      const refused = await subject.run('promote', to, `/${subject.incoming}@${bad.digest}`);
      expect(refused).toMatchObject({ code: 1, stdout: expect.stringContaining('CVE-') as string });
      const found = await subject.artifacts();
      const there = found.filter(({ repository }) => repository === subject.trusted);
      expect(there.map(({ digest, tags }) => [digest, tags.toSorted()])).toEqual([[clean.digest, ['latest', 'v1']]]);
      const held = await subject.run('quarantine', [], `/${subject.incoming}:2`);
      if (kind === 'oci') {
        expect(held).toMatchObject({ code: 4, stderr: expect.stringContaining('connector/unsupported') as string });
        return;
      }
      expect(held, held.stderr).toMatchObject({ code: 0 });
      expect((await subject.artifacts()).find(({ digest }) => digest === bad.digest)).toMatchObject({
        repository: subject.incoming,
        state: 'quarantined',
      });
      expect(await subject.run('release', [], `/${subject.incoming}@${bad.digest}`)).toMatchObject({ code: 0 });
      expect((await subject.artifacts()).find(({ digest }) => digest === bad.digest)).toMatchObject({ state: 'free' });
    },
  );

  test.skipIf(!isHere)('posture and access ask nothing that the registry does not have', async () => {
    const subject = await open(kind);
    await subject.push('clean', '1');
    const posture = await subject.run('posture', ['-o', 'json']);
    expect(posture, posture.stderr).toMatchObject({ code: 0 });
    const { findings } = JSON.parse(posture.stdout) as {
      findings: { id: string; outcome: string; evidence: string[] }[];
    };
    const broken = findings.filter(
      ({ outcome, evidence }) => outcome === 'unknown' && /status [45]\d\d/.test(evidence.join()),
    );
    expect(broken).toEqual([]);
    expect([0, 3]).toContain((await subject.run('access', ['-o', 'json'])).code);
  });
});

test('what does not go together is a mistake of the caller', async () => {
  for (const [args, says] of [
    [['watch', 'localhost:1', '--enforce'], '--enforce needs --policy'],
    [['promote', 'localhost:1/a/b:1', '--to', 'a/c:2'], 'is no repository'],
    [['quarantine', 'localhost:1/a/b'], 'names no tag and no digest'],
    [['promote', 'localhost:1/a/b:1', '--to', 'a/c', '--tag', '../x'], 'reference/invalid'],
  ] as const) {
    const { code, stderr } = await plombe(['registry', ...args, '--kind', 'oci', '--plain-http']);
    expect({ code, says: stderr.includes(says) }, stderr).toEqual({ code: 2, says: true });
  }
});
