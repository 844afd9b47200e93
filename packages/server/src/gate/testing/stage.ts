// A server with a gate for tests: real listener, store, database of advisories, ledger and keys, and clients that push and pull.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openDatabase } from '@plombe/advisories';
import {
  createLedger,
  folderStore,
  generatePrivateKey,
  openReader,
  openWriter,
  publicKeyPem,
  readRecords,
  signerOf,
  type Signer,
} from '@plombe/trust';
import type { Context, Digest } from '@plombe/model';
import { createRegistryClient, type RegistryClient } from '@plombe/oci';
import { onTestFinished } from 'vitest';
import { buildTest, record, testNowMs, writeRecords } from '../../../../advisories/src/testing/records.ts';
import { networkContext } from '../../../../oci/src/testing/context.ts';
import type { Action, Authenticator, Identity } from '../../registry/ports.ts';
import { startServer, type RunningServer, type ServeOptions } from '../../serve.ts';
import { gatePlug, type GatePlugOptions, type OpenedGatePlug } from '../plug.ts';
import type { GateService } from '../gate.ts';

/** What the test may turn. */
export interface StageOptions extends Partial<Pick<GatePlugOptions, 'scanner' | 'refreshEveryMs'>> {
  /** Text of each policy by the name of its file; `KEY.pub` files are there for `signers`. */
  readonly policies: Readonly<Record<string, string>>;
  /** Names of key pairs to make. */
  readonly signers?: readonly string[];
  readonly ledger?: boolean;
  /** Further options of the server. */
  readonly serve?: Pick<ServeOptions, 'upstream' | 'replication'>;
}

export interface Stage {
  readonly folder: string;
  readonly host: string;
  readonly ctx: Context;
  readonly gate: GateService;
  readonly signers: ReadonlyMap<string, Signer>;
  /** A client that logs in as `name`: `pusher`, `signer`, `reader`, `cleaner`. */
  client(name: keyof typeof rights): RegistryClient;
  /** Asks with a GET; `as` absent: nobody. */
  get(path: string, as?: keyof typeof rights): Promise<Response>;
  advance(ms: number): void;
  restart(): Promise<void>;
  stop(): Promise<void>;
  writePolicy(file: string, text: string): void;
  /** Kinds and events of the records of a digest, first to last. */
  records(digest: Digest): Promise<readonly string[]>;
}

const rights = {
  pusher: ['pull', 'push'],
  signer: ['pull', 'push', 'sign'],
  reader: ['pull'],
  cleaner: ['pull', 'push', 'delete', 'sign'],
} as const satisfies Readonly<Record<string, readonly Action[]>>;

/** Starts it; it ends with the test. */
export async function startStage(options: StageOptions): Promise<Stage> {
  const folder = mkdtempSync(join(tmpdir(), 'plombe-gate-'));
  const startMs = Date.now();
  let offsetMs = testNowMs - startMs;
  const ctx = { ...networkContext(), clock: { nowMs: () => Date.now() + offsetMs } };
  await buildTest(writeRecords(join(folder, 'feeds'), 'npm', advisories, {}), join(folder, 'db'));
  const signers = new Map<string, Signer>();
  for (const name of options.signers ?? []) {
    const key = await generatePrivateKey('ecdsa-p256');
    const signer = signerOf(key);
    signers.set(name, signer);
    writeFileSync(join(folder, `${name}.pub`), publicKeyPem(signer.publicKey));
    writeFileSync(join(folder, `${name}.key`), String(key.export({ format: 'pem', type: 'pkcs8' })));
  }
  const ledger = join(folder, 'ledger');
  if (options.ledger !== false) await createLedger(folderStore(ledger), 'example.com/ledger', ctx.clock);
  const writePolicy = (file: string, text: string): void => writeFileSync(join(folder, file), text);
  for (const [file, text] of Object.entries(options.policies)) writePolicy(file, text);

  let server: RunningServer | undefined;
  let plug: OpenedGatePlug | undefined;
  const start = async (port: number): Promise<void> => {
    plug = gatePlug({
      policies: Object.keys(options.policies).map((file) => join(folder, file)),
      anchors: {
        keys: {
          variable: () => undefined,
          passphrase: '',
          vault: { open: () => Promise.reject(new Error('no vault')) },
        },
      },
      openAdvisories: () => openDatabase(join(folder, 'db'), { clock: ctx.clock }),
      advisoryFiles: [join(folder, 'db', 'manifest.json')],
      registry: 'registry.example.com',
      version: '0.0.0',
      refreshEveryMs: options.refreshEveryMs ?? 50,
      ...(options.ledger === false ? {} : { ledger }),
      ...(options.scanner === undefined ? {} : { scanner: options.scanner }),
    });
    server = await startServer(
      {
        folder: join(folder, 'data'),
        host: '127.0.0.1',
        port,
        anonymous: 'none',
        gate: plug,
        authenticator: byName,
        ...options.serve,
      },
      ctx,
    );
  };
  await start(0);
  const host = new URL(server?.url ?? '').host;
  const clients: RegistryClient[] = [];
  const stop = async (): Promise<void> => {
    const running = server;
    server = undefined;
    await running?.close();
  };
  onTestFinished(async () => {
    for (const client of clients) client.close();
    await stop();
    rmSync(folder, { recursive: true });
  });
  return {
    folder,
    host,
    ctx,
    signers,
    writePolicy,
    stop,
    get gate() {
      const gate = plug?.gate();
      if (gate === undefined) throw new Error('no gate');
      return gate;
    },
    client: (name) => {
      const credentials = { [host]: { kind: 'password', username: name, password: 'x' } } as const;
      const client = createRegistryClient({ plainHttp: true, credentials, retry: { attempts: 1 } }, ctx);
      clients.push(client);
      return client;
    },
    get: (path, as) =>
      fetch(`http://${host}${path}`, {
        headers: as === undefined ? {} : { authorization: `Basic ${Buffer.from(`${as}:x`).toString('base64')}` },
      }),
    advance: (ms) => void (offsetMs += ms),
    restart: async () => {
      await stop();
      await start(Number(new URL(`http://${host}`).port));
    },
    records: async (digest) => {
      const found = await readRecords(await openReader(folderStore(ledger)), digest);
      return found.map(({ statement: { kind, content } }) => {
        const event = (content as { readonly event?: string } | undefined)?.event;
        return event === undefined ? kind : `${kind} ${event}`;
      });
    },
  };
}

/** lodash before 4.17.12 is critical, as the real advisory says. */
const advisories = [
  record('GHSA-jf85-cpcp-j695', 'npm', 'lodash', [{ introduced: '0' }, { fixed: '4.17.12' }], {
    aliases: ['CVE-2019-10744'],
    published: '2019-07-10T19:45:23Z',
    severity: [{ type: 'CVSS_V3', score: 'CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:N/I:H/A:H' }],
    database_specific: { severity: 'CRITICAL' },
  }),
];

/** The user's name says what it may do. */
const byName: Authenticator = {
  handle: () => Promise.resolve(false),
  authenticate: (request, needs) => {
    const login = Buffer.from((request.headers.authorization ?? '').replace(/^Basic /, ''), 'base64').toString();
    const name = login.split(':')[0] ?? '';
    const allowed: readonly Action[] = Object.hasOwn(rights, name) ? rights[name as keyof typeof rights] : [];
    const identity: Identity = {
      id: name === '' ? 'anonymous' : `robot:${name}`,
      name,
      kind: name === '' ? 'anonymous' : 'robot',
      isAdmin: false,
      may: (action) => allowed.includes(action),
    };
    const refused = needs.some(({ action }) => !allowed.includes(action));
    if (!refused) return Promise.resolve(identity);
    const headers = { 'www-authenticate': 'Basic realm="test"' };
    return Promise.resolve({ status: name === '' ? 401 : 403, headers, message: 'not allowed' });
  },
};

/** Opens the ledger for writing once the gate has let go of it. */
export async function openWriterNow(stage: Stage) {
  for (;;) {
    try {
      return await openWriter(folderStore(join(stage.folder, 'ledger')), stage.ctx.clock);
    } catch {
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
}
