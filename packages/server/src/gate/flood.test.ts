// A hundred thousand of everything: lists come in pages, and a gate that cannot read all of it decides nothing.
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { expect, test } from 'vitest';
import { sign, signedPolicy, statusOf } from './testing/policies.ts';
import { imageWith, push } from './testing/push.ts';
import { startStage, type Stage } from './testing/stage.ts';

const many = 100_000;
const image = imageWith('4.17.21');

/** Writes rows as another process would: a hundred thousand pushes take an hour. */
function write(stage: Stage, work: (database: DatabaseSync, repository: number, manifest: number) => void): void {
  const database = new DatabaseSync(join(stage.folder, 'data', 'state.db'), { timeout: 10_000 });
  const { id: repository } = database.prepare("SELECT id FROM repositories WHERE name = 'prod/app'").get() as {
    id: number;
  };
  const { id } = database.prepare('SELECT id FROM manifests WHERE digest = ?').get(image.digest) as { id: number };
  database.exec('BEGIN IMMEDIATE');
  work(database, repository, id);
  database.exec('COMMIT');
  database.close();
}

function addReferrers(stage: Stage, count: number): void {
  write(stage, (database, repository) => {
    const insert = database.prepare(
      `INSERT INTO manifests (repository, digest, state, media_type, artifact_type, subject, annotations, size_bytes, pushed_at_ms, pushed_by)
       VALUES (?, ?, 'visible', 'application/vnd.oci.image.manifest.v1+json', 'application/vnd.dev.sigstore.bundle.v0.3+json', ?, '[]', 2, 0, 'robot:x')`,
    );
    // Before and after every real digest.
    for (let i = 0; i < count; i++) insert.run(repository, `sha256:${randomBytes(32).toString('hex')}`, image.digest);
  });
}

/** Follows the links of a list; returns how many pages there were, and every entry. */
async function readAll(stage: Stage, path: string): Promise<readonly [pages: number, entries: readonly string[]]> {
  const entries: string[] = [];
  let pages = 0;
  for (let next: string | undefined = path; next !== undefined; pages++) {
    const answer = await stage.get(next, 'signer');
    expect(answer.status).toBe(200);
    const body = (await answer.json()) as { tags?: string[]; manifests?: { digest: string }[] };
    entries.push(...(body.tags ?? body.manifests?.map(({ digest }) => digest) ?? []));
    next = /^<([^>]+)>; rel="next"$/.exec(answer.headers.get('link') ?? '')?.[1];
  }
  return [pages, entries];
}

test('T29 a hundred thousand referrers are listed in pages, and leave what they refer to undecided', async () => {
  const stage = await startStage({ policies: { 'gate.yaml': signedPolicy }, signers: ['ops'] });
  await push(stage.client('pusher'), stage.host, 'prod/app', image, '1');
  expect(await statusOf(stage, 'prod/app', '1')).toBe(404);
  addReferrers(stage, many);
  // A good signature among them is not known to be all there is to know.
  await sign(stage, 'prod/app', image.digest);
  await stage.gate.settled();
  expect(await statusOf(stage, 'prod/app', '1')).toBe(404);
  const [pages, digests] = await readAll(stage, `/v2/prod/app/referrers/${image.digest}`);
  expect(pages).toBe(Math.ceil((many + 1) / 500));
  expect(new Set(digests).size).toBe(many + 1);
});

test('T28 a hundred thousand tags are listed in pages, each once and in order', async () => {
  const stage = await startStage({ policies: { 'gate.yaml': signedPolicy }, signers: ['ops'] });
  await push(stage.client('pusher'), stage.host, 'prod/app', image, 'zz');
  write(stage, (database, repository, manifest) => {
    const insert = database.prepare("INSERT INTO tags VALUES (?, ?, 'visible', ?, 0)");
    for (let i = 0; i < many; i++) insert.run(repository, `t${i}`, manifest);
  });
  const [pages, tags] = await readAll(stage, '/v2/prod/app/tags/list?n=999999999');
  expect(pages).toBe(11);
  expect(tags).toEqual([...Array.from({ length: many }, (_, i) => `t${i}`).sort(), 'zz']);
});
