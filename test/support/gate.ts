// `plombe serve` as a gate in a process of its own, with a database, a ledger, robots, and the clients that people use.
import { execFile, spawn } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import { expect, onTestFinished } from 'vitest';
import { writeFeeds } from './feeds.ts';
import { alpineImage, apkInstalled, osRelease, writeImages } from './images.ts';
import { writeTar } from '@plombe/formats/testing';
import { installed, launcher, temporaryFolder, type Outcome } from './plombe.ts';

const run = promisify(execFile);
const peers = new URL('../../.plombe/peers/bin', import.meta.url).pathname;
process.env['PATH'] = `${process.env['PATH'] ?? ''}:${peers}`;

/** What a client said, and whether it liked it. */
export interface Said {
  readonly ok: boolean;
  readonly text: string;
}

export interface GateProgram {
  readonly home: string;
  /** `127.0.0.1:port` */
  readonly host: string;
  /** OCI layout with the images `clean` and `bad`. */
  readonly layout: string;
  plombe(...args: readonly string[]): Promise<Outcome>;
  /** Runs a client that is logged in as robot `as`. */
  say(as: string, program: string, ...args: readonly string[]): Promise<Said>;
  /** The status of a manifest for a robot. */
  status(as: string, repository: string, reference: string): Promise<number>;
  /** Ends the server with a signal and answers its exit code. */
  end(signal: NodeJS.Signals): Promise<number | null>;
  start(): Promise<void>;
}

/** Robots of every test: what each may do. */
const robots = { pusher: 'pull,push', signer: 'pull,push,sign', reader: 'pull' } as const;

/** Builds database, ledger, key pairs and images in a home of its own, starts the server, and ends it with the test. `prepare` comes first; `more` is for the server. */
export async function startGateProgram(
  policies: Readonly<Record<string, string>>,
  keys: readonly string[] = [],
  prepare: (home: string) => Promise<void> = async () => {},
  more: { readonly args?: readonly string[]; readonly env?: Readonly<Record<string, string>> } = {},
): Promise<GateProgram> {
  const home = temporaryFolder();
  const plombe = installed(home);
  const done = async (...args: readonly string[]): Promise<Outcome> => {
    const outcome = await plombe(args, { env: { PLOMBE_KEY_PASSWORD: '' } });
    expect(outcome, outcome.stderr).toMatchObject({ code: 0 });
    return outcome;
  };
  for (const [file, text] of Object.entries(policies)) writeFileSync(join(home, file), text);
  await prepare(home);
  for (const key of keys) await done('keys', 'generate', '--type', 'ecdsa-p256', '--out', key);
  await done('db', 'build', '--from', writeFeeds(join(home, 'feeds')), '--db', 'db');
  await done('ledger', 'init', '--ledger', 'ledger', '--origin', 'example.com/ledger');
  const packages = { busybox: '1.36.1-r30', musl: '1.2.5-r0', libssl: '3.3.2-r0' };
  const database = { path: 'lib/apk/db/installed', content: apkInstalled(packages) };
  const clean = alpineImage('clean', 'amd64', {
    layers: [{ tar: [writeTar([osRelease, database])], createdBy: 'ADD' }],
  });
  const bad = alpineImage('bad', 'amd64', {
    layers: alpineImage('x').layers.map(({ tar, createdBy = '' }) => ({ tar, createdBy })),
  });
  const layout = await writeImages(join(home, 'images'), clean, bad);

  let child: ReturnType<typeof spawn> | undefined;
  let host = '127.0.0.1:0';
  const start = async (): Promise<void> => {
    const flags = Object.keys(policies).flatMap((file) => ['--policy', file]);
    const args = [
      'serve',
      '--data',
      'data',
      '--listen',
      host,
      '--plain-http',
      ...flags,
      '--db',
      'db',
      '--ledger',
      'ledger',
      ...(more.args ?? []),
    ];
    const env = { PATH: process.env['PATH'] ?? '', HOME: home, ...more.env };
    const server = spawn(launcher, args, { cwd: home, env, stdio: ['ignore', 'pipe', 'inherit'] });
    child = server;
    for await (const line of createInterface({ input: server.stdout })) {
      const url = /^listening on (\S+)$/.exec(line)?.[1];
      if (url === undefined) continue;
      host = new URL(url).host;
      return;
    }
    throw new Error('the server did not start');
  };
  const end = async (signal: NodeJS.Signals): Promise<number | null> => {
    const running = child;
    if (running === undefined || running.exitCode !== null) return running?.exitCode ?? null;
    const ended = new Promise<number | null>((resolve) => running.once('exit', resolve));
    running.kill(signal);
    return ended;
  };
  await start();
  onTestFinished(async () => void (await end('SIGKILL')));

  const logins = new Map<string, { readonly folder: string; readonly basic: string }>();
  for (const [name, actions] of Object.entries(robots)) {
    const made = await done(
      'robots',
      'create',
      name,
      '--data',
      'data',
      '--repository',
      '**',
      '--actions',
      actions,
      '--expires',
      '1h',
      '-o',
      'json',
    );
    const { username, password } = JSON.parse(made.stdout) as { readonly username: string; readonly password: string };
    const basic = Buffer.from(`${username}:${password}`).toString('base64');
    const folder = join(home, `login-${name}`);
    mkdirSync(folder);
    writeFileSync(join(folder, 'config.json'), JSON.stringify({ auths: { [host]: { auth: basic } } }));
    logins.set(name, { folder, basic });
  }
  return {
    home,
    layout,
    start,
    end,
    get host() {
      return host;
    },
    plombe: (...args) =>
      plombe(args, { env: { PLOMBE_KEY_PASSWORD: '', DOCKER_CONFIG: logins.get('signer')?.folder ?? '' } }),
    say: async (as, program, ...args) => {
      const folder = logins.get(as)?.folder ?? home;
      const env = {
        ...process.env,
        HOME: home,
        XDG_RUNTIME_DIR: home,
        DOCKER_CONFIG: folder,
        REGISTRY_AUTH_FILE: join(folder, 'config.json'),
        COSIGN_PASSWORD: '',
      };
      try {
        const { stdout, stderr } = await run(program, args, { env, cwd: home });
        return { ok: true, text: stdout + stderr };
      } catch (thrown) {
        const { stdout = '', stderr = '' } = thrown as { readonly stdout?: string; readonly stderr?: string };
        return { ok: false, text: stdout + stderr };
      }
    },
    status: async (as, repository, reference) => {
      const authorization = `Basic ${logins.get(as)?.basic ?? ''}`;
      return (await fetch(`http://${host}/v2/${repository}/manifests/${reference}`, { headers: { authorization } }))
        .status;
    },
  };
}
