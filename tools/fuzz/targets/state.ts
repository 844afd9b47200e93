// What the program saved itself and somebody may have changed since: caches, databases, the registry's state, ledgers, logins, reports, archives.
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { zstdCompressSync } from 'node:zlib';
import { inert, isObject, isPlombeError } from '@plombe/kit';
import type { Digest } from '@plombe/model';
import { openDatabase as openAdvisories } from '../../../packages/advisories/src/database/database.ts';
import { packageOf, testClock } from '../../../packages/advisories/src/testing/records.ts';
import { decodeRecord, sealOf } from '../../../packages/engine/src/cache/codec.ts';
import { loadInventory } from '../../../packages/engine/src/cache/inventory-cache.ts';
import { readFleet } from '../../../packages/engine/src/policy/fleet.ts';
import { testContext } from '../../../packages/engine/src/testing/images.ts';
import { dockerConfigSource } from '../../../packages/oci/src/auth/docker-config.ts';
import { openArchive } from '../../../packages/oci/src/sources/archive/archive-members.ts';
import { openDockerArchive } from '../../../packages/oci/src/sources/docker-archive/open.ts';
import { openLayout } from '../../../packages/oci/src/sources/oci/layout.ts';
import { decide } from '../../../packages/policy/src/decide.ts';
import { parsePolicy } from '../../../packages/policy/src/policy.ts';
import {
  defaultRules,
  openDatabase,
  openFolderBlobs,
  openRegistry,
  registryMigrations,
  removeLeftovers,
} from '../../../packages/store/src/index.ts';
import { auditLedger } from '../../../packages/trust/src/ledger/audit.ts';
import { openReader, readRecords } from '../../../packages/trust/src/ledger/reader.ts';
import { recoverJournal } from '../../../packages/trust/src/ledger/recover.ts';
import type { LedgerStore } from '../../../packages/trust/src/ledger/store.ts';
import { withFiles, withPrograms } from '../files.ts';
import type { FuzzInput } from '../input.ts';
import { bytesOf, type FuzzTarget, must, outline, plombeRefusal, roughly, signal } from '../target.ts';

const ctx = testContext({ signal });
const nowMs = Date.UTC(2026, 0, 1);

/** A file of the cache with the right seal: whoever may write there can make one. */
function sealed(body: Uint8Array): Buffer {
  const packed = zstdCompressSync(body);
  return Buffer.concat([sealOf(createHash('sha256').update(packed).digest()), packed]);
}

/** `head` is the JSON, whose length comes before it, and `rest` what it counts. */
function recordBody(input: FuzzInput): Buffer {
  const [head = new Uint8Array(), rest = new Uint8Array()] = ['head', 'rest'].map(
    (name) => input.find(({ path }) => path === name)?.bytes,
  );
  const start = Buffer.alloc(8);
  start.writeUInt32LE(head.length);
  return Buffer.concat([start, head, Buffer.alloc((8 - ((8 + head.length) % 8)) % 8, 0x20), rest]);
}

async function inventoryOf(input: FuzzInput): Promise<string> {
  const files = {
    load: async <Value>(_: string, decode: (bytes: Buffer) => Value | undefined) => decode(sealed(bytesOf(input))),
    touch: async () => undefined,
    save: async () => undefined,
  };
  const inventory = await loadInventory(files, 'a.inventory');
  return inventory === undefined ? 'none' : `${roughly(inventory.packages.length)} ${roughly(inventory.layers.length)}`;
}

/** `manifest.json` names the files beside it, with the digest that they have: what is wrong is inside of them. */
function digested(input: FuzzInput): FuzzInput {
  return input.map((part) => {
    if (part.path !== 'manifest.json') return part;
    try {
      const manifest: unknown = JSON.parse(new TextDecoder().decode(part.bytes));
      if (!isObject(manifest) || !Array.isArray(manifest['shards'])) return part;
      for (const shard of manifest['shards'] as Record<string, unknown>[]) {
        const file = input.find(({ path }) => path === shard['file']);
        if (file === undefined) continue;
        shard['digest'] = `sha256:${createHash('sha256').update(file.bytes).digest('hex')}`;
        shard['sizeBytes'] = file.bytes.length;
      }
      return { ...part, bytes: Buffer.from(JSON.stringify(manifest)) };
    } catch {
      return part;
    }
  });
}

const installed = ['pkg:npm/lodash@1.0.0', 'pkg:pypi/flask@1.0'].map((purl) => packageOf(purl));

/** A damaged shard costs its ecosystem, or the call throws what SQLite, zlib or JSON says of it. */
async function matched(folder: string): Promise<string> {
  const database = openAdvisories(folder, { clock: testClock });
  try {
    const { findings, unassessed, shards } = database.match({ packages: installed });
    database.about('CVE-2020-1');
    return `${roughly(findings.length)} ${roughly(unassessed.length)} ${shards.map(({ state }) => state).join()}`;
  } finally {
    database.close();
  }
}

function isOfTheFile(thrown: unknown): boolean {
  if (!(thrown instanceof Error)) return false;
  const code = 'code' in thrown ? String(thrown.code) : '';
  return thrown instanceof SyntaxError || code === 'ERR_SQLITE_ERROR' || code.startsWith('Z_');
}

async function registryIn(folder: string): Promise<string> {
  const db = openDatabase(join(folder, 'state.db'), registryMigrations);
  try {
    const blobs = openFolderBlobs(folder);
    const registry = await openRegistry({ db, blobs, folder, rules: defaultRules, clock: ctx.clock });
    try {
      await removeLeftovers(db, blobs);
      const names = registry.repositories({ limit: 10 });
      const tags = names.flatMap((name) =>
        registry.tags(name, 'all', { limit: 10 }).map((tag) => [name, tag] as const),
      );
      const found = tags.map(([name, tag]) => registry.tagged(name, tag, 'all'));
      for (const one of found) if (one !== undefined) await registry.readBytes(one.digest);
      return `${roughly(names.length)} ${roughly(tags.length)} ${outline(found[0], 1)}`;
    } finally {
      await registry.close();
    }
  } finally {
    db.close();
  }
}

/** The files of a ledger in memory; what recovery writes stays there. */
function memoryStore(input: FuzzInput): LedgerStore {
  const files = new Map(input.map(({ path, bytes }) => [path, Buffer.from(bytes)]));
  return {
    name: 'fuzz',
    read: async (path) => files.get(path),
    readRange: async (path, offset, length) => (files.get(path) ?? Buffer.alloc(0)).subarray(offset, offset + length),
    sizeOf: async (path) => files.get(path)?.length ?? 0,
    write: async (written) => written.forEach(({ path, bytes }) => files.set(path, Buffer.from(bytes))),
    append: async (path, offset, bytes) => {
      files.set(path, Buffer.concat([(files.get(path) ?? Buffer.alloc(0)).subarray(0, offset), bytes]));
    },
    remove: async (paths) => paths.forEach((path) => files.delete(path)),
    list: async (folder) => [...files.keys()].filter((path) => path.startsWith(`${folder}/`)).sort(),
    lock: async () => () => undefined,
  };
}

async function ledgerOf(input: FuzzInput): Promise<string> {
  const store = memoryStore(input);
  const digest = `sha256:${'1'.padStart(64, '0')}` as Digest;
  const each = async (work: () => Promise<string>): Promise<string> => plombeRefusal(work);
  return [
    await each(async () => String((await readRecords(await openReader(store), digest)).length)),
    await each(async () => {
      const reader = await openReader(store);
      await recoverJournal(reader);
      return String((await openReader(store)).checkpoint.size - reader.checkpoint.size);
    }),
    await each(async () => {
      const verdict = await auditLedger(store, [], signal);
      return outline(verdict, 1).slice(0, 60);
    }),
  ].join(' | ');
}

/** `config.json` is docker's; `answer` is what its helper prints, and `code` its exit code. */
async function loginOf(folder: string): Promise<string> {
  const source = dockerConfigSource(join(folder, 'config.json'));
  const told: string[] = [];
  for (const [registry, repository] of [
    ['registry.example', 'team/app'],
    ['docker.io', undefined],
    ['registry.example:5000', undefined],
  ] as const)
    told.push(await plombeRefusal(async () => (await source.find(registry, repository, signal))?.kind ?? 'none'));
  return told.join(' | ');
}

const helper = Buffer.from('#!/bin/sh\ncat "${0%/*}/answer"\nexit "$(head -c 3 "${0%/*}/code" | tr -dc 0-9)"\n');

const openOptions = { signal, anyKind: true } as const;
const platform = { os: 'linux', architecture: 'amd64' } as const;

async function archiveOf(path: string): Promise<string> {
  const { kind, compression, members } = await openArchive(path, openOptions);
  const opened = await plombeRefusal(async () => {
    if (kind === 'tar') return 'tar';
    const options = { subject: 'fuzz', platform };
    const images =
      kind === 'oci'
        ? await openLayout(members, {}, options, ctx)
        : [await openDockerArchive(members, undefined, options, ctx)];
    for (const { layers } of images.slice(0, 2))
      for (const { content } of layers.slice(0, 3))
        if (content.kind === 'tar') for await (const chunk of content.open({ signal })) if (chunk.length === 0) break;
    return String(images[0]?.layers.length);
  });
  await members.close();
  return `${kind} ${compression} ${opened}`;
}

const policy = parsePolicy(
  'apiVersion: plombe/v1\nkind: Policy\nmetadata: {name: fuzz}\nspec: {mode: deny, digestOnly: true, vulnerabilities: {maxSeverity: low, kev: deny, fixableMaxAgeDays: 1}, onUnknown: deny}\n',
);

function judgedFleet(folder: string): string {
  const told: string[] = [];
  for (const entry of readFleet(folder)) {
    if (entry.kind === 'reference') {
      told.push('reference');
      continue;
    }
    const { decision, reasons } = decide([policy], entry.evidence, { nowMs });
    for (const { message, lookedAt } of reasons)
      for (const text of [message, lookedAt])
        must(text === inert(text), `a reason is not inert: ${JSON.stringify(text)}`);
    told.push(decision);
  }
  return told.slice(0, 5).join();
}

/** Saved state. */
export const stateTargets: readonly FuzzTarget[] = [
  {
    name: 'cache/record',
    run(input) {
      const body = recordBody(input);
      const record = decodeRecord(sealed(body));
      if (record === undefined) return 'none';
      const { files, rootLinks, nonDirectories, directories } = record;
      const held = files.reduce((sum, { content }) => sum + content.length, 0);
      must(held + (nonDirectories.length + directories.length) * 8 <= body.length, 'it holds what is not there');
      return `${roughly(files.length)} ${rootLinks.size > 0} ${roughly(directories.length)}`;
    },
  },
  { name: 'cache/inventory', run: inventoryOf },
  {
    name: 'database/shards',
    run: (input) =>
      plombeRefusal(async () => {
        try {
          return await withFiles(digested(input), matched);
        } catch (thrown) {
          if (isPlombeError(thrown) || !isOfTheFile(thrown)) throw thrown;
          return (thrown as Error).name;
        }
      }),
  },
  { name: 'registry/state', run: (input) => plombeRefusal(() => withFiles(input, registryIn)) },
  { name: 'ledger/store', run: ledgerOf },
  {
    name: 'credentials/docker',
    run: (input) => {
      const program = { path: 'docker-credential-fuzz', bytes: helper, mode: 0o755 };
      return withFiles([...input, program], (folder) => withPrograms(folder, () => loginOf(folder)));
    },
  },
  {
    name: 'source/archive',
    run: (input) =>
      plombeRefusal(() =>
        withFiles([{ path: 'a.tar', bytes: bytesOf(input) }], (folder) => archiveOf(join(folder, 'a.tar'))),
      ),
  },
  { name: 'fleet', run: (input) => plombeRefusal(() => withFiles(input, judgedFleet)) },
];
