// `plombe trust-root` against a TUF repository on this machine: what is fetched, what is kept, and what is refused.
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { Repository } from '@plombe/trust/testing/tuf';
import { installed, temporaryFolder, type Outcome } from './support/plombe.ts';

const seeds = createRequire(import.meta.url)('@sigstore/tuf/seeds.json') as Record<
  string,
  { readonly targets: Readonly<Record<string, string>> }
>;
const trustedRoot = Buffer.from(
  seeds['https://tuf-repo-cdn.sigstore.dev']?.targets['trusted_root.json'] ?? '',
  'base64',
);
const signingConfig = Buffer.from(
  JSON.stringify({
    mediaType: 'application/vnd.dev.sigstore.signingconfig.v0.2+json',
    rekorTlogUrls: [],
    tsaUrls: [],
  }),
);

interface World {
  readonly home: string;
  readonly repository: Repository;
  readonly url: string;
  readonly asked: string[];
  readonly update: (...args: readonly string[]) => Promise<Outcome>;
  readonly run: ReturnType<typeof installed>;
}

async function world(targets: Record<string, Buffer> = { 'trusted_root.json': trustedRoot }): Promise<World> {
  const home = temporaryFolder();
  const run = installed(home);
  const repository = new Repository(targets, Date.now());
  const { url, asked } = await repository.serve();
  writeFileSync(join(home, 'root.json'), repository.pinned);
  const env = { XDG_DATA_HOME: join(home, 'data') };
  const update = (...args: readonly string[]): Promise<Outcome> =>
    run(['trust-root', 'update', '--mirror', url, '--root', 'root.json', '-o', 'json', ...args], { env });
  return {
    home,
    repository,
    url,
    asked,
    update,
    run: (args, options) => run(args, { ...options, env: { ...env, ...options?.env } }),
  };
}

describe('trust-root update', () => {
  it('writes both files, keeps its state, and the program reads them', async () => {
    const { home, update, run } = await world({
      'trusted_root.json': trustedRoot,
      'signing_config.v0.2.json': signingConfig,
    });
    const { code, stdout, stderr } = await update('--out', 'tr.json', '--signing-config', 'sc.json');
    expect(code, stderr).toBe(0);
    const result = JSON.parse(stdout) as { verdict: string; roles: { root: { version: number } }; files: object[] };
    expect(result).toMatchObject({ verdict: 'verified', roles: { root: { version: 1 }, timestamp: { version: 1 } } });
    expect(result.files).toHaveLength(2);
    expect(readFileSync(join(home, 'tr.json'))).toEqual(trustedRoot);
    expect(readFileSync(join(home, 'sc.json'))).toEqual(signingConfig);
    const shown = await run(['trust-root', 'show', 'tr.json', '-o', 'json']);
    expect(shown.code).toBe(0);
    const { entries } = JSON.parse(shown.stdout) as { entries: { kind: string; url: string }[] };
    expect(new Set(entries.map(({ kind }) => kind)).size).toBe(4);
    expect(entries).toContainEqual(expect.objectContaining({ kind: 'log', url: 'https://rekor.sigstore.dev' }));
    expect((await run(['trust-root', 'show', 'tr.json'])).stdout).toMatch(/certificate authority\s+2022-04-1\d/);
  });

  it('without --out they lie in the data folder, where nothing is named after the mirror', async () => {
    const { home, update } = await world();
    const { code, stdout } = await update();
    expect(code).toBe(0);
    const [{ path }] = (JSON.parse(stdout) as { files: [{ path: string }] }).files;
    expect(path).toMatch(/data\/plombe\/tuf\/[0-9a-f]{32}\/trusted_root\.json$/);
    expect(readFileSync(path)).toEqual(trustedRoot);
    const [state = ''] = readdirSync(join(home, 'data', 'plombe', 'tuf'));
    expect(readdirSync(join(home, 'data', 'plombe', 'tuf', state)).sort()).toEqual([
      'roots',
      'snapshot.json',
      'timestamp.json',
      'trusted_root.json',
    ]);
  });

  it('a file that the disk takes only a part of is an error, and no part is kept', async () => {
    const { home, url, run } = await world();
    // Four kilobytes a file: metadata has less, the trusted root seven.
    const options = { through: ['sh', '-c', 'ulimit -f 8; exec "$@"', 'sh'], env: { NODE_COMPILE_CACHE: '' } };
    const update = ['trust-root', 'update', '--mirror', url, '--root', 'root.json', '--out', 'tr.json'];
    const { code, stderr } = await run(update, options);
    expect(stderr).toMatch(/tr\.json cannot be written: .*\[report\/write\]/);
    const written = readdirSync(home, { recursive: true }).filter((path) => /tr\.json|trusted_root/.test(String(path)));
    expect([code, written]).toEqual([4, []]);
  });

  it('a signing configuration that is asked for and not there is refused', async () => {
    const { home, update } = await world();
    const { code, stdout } = await update('--out', 'tr.json', '--signing-config', 'sc.json');
    expect([code, JSON.parse(stdout)]).toMatchObject([1, { firstBroken: { file: 'targets.json', check: 'absent' } }]);
    expect([existsSync(join(home, 'tr.json')), existsSync(join(home, 'sc.json'))]).toEqual([false, false]);
  });

  it('T45 rolled back, frozen, mixed: exit 1, the file and the check, and the good file stays', async () => {
    const { home, repository, update } = await world();
    repository.publish();
    expect((await update('--out', 'tr.json')).code).toBe(0);
    const attacks: readonly (readonly [string, string, () => void])[] = [
      [
        'timestamp.json',
        'rollback',
        () => {
          repository.versions.timestamp = 0;
          repository.publish();
        },
      ],
      [
        'timestamp.json',
        'expiry',
        () => repository.publish({ timestamp: { ...repository.head('timestamp', 20, -1) } }),
      ],
      [
        '4.targets.json',
        'format',
        () => {
          repository.versions.timestamp = 30;
          repository.versions.targets = 3;
          repository.publish({ targets: { targets: { '../../../tr.json': { length: 1, hashes: {} } } } });
        },
      ],
      [
        'trusted_root.json',
        'format',
        () => {
          repository.targets = { 'trusted_root.json': Buffer.from('{"mediaType":"none"}') };
          repository.publish();
        },
      ],
      ['timestamp.json', 'length', () => repository.files.set('timestamp.json', Repository.endless)],
      ['2.root.json', 'signatures', () => repository.rotate(repository.rootKeys.slice(0, 1))],
    ];
    for (const [file, check, attack] of attacks) {
      attack();
      const { code, stdout } = await update('--out', 'tr.json');
      expect(JSON.parse(stdout)).toMatchObject({ verdict: 'rejected', firstBroken: { file, check } });
      expect(code).toBe(1);
      expect(readFileSync(join(home, 'tr.json'))).toEqual(trustedRoot);
    }
  });

  it('T46 a root of other keys for the same mirror is refused', async () => {
    const { home, update } = await world();
    expect((await update()).code).toBe(0);
    writeFileSync(join(home, 'root.json'), new Repository({}, Date.now()).pinned);
    const { code, stdout } = await update();
    expect([code, JSON.parse(stdout)]).toMatchObject([1, { firstBroken: { check: 'anchor' } }]);
  });

  it('mistakes are said before the network is used', async () => {
    const { asked, run, update, home } = await world();
    for (const [args, code, message] of [
      [['update', '--offline'], 2, 'which is off (--offline)'],
      [['update', '--mirror', 'http://127.0.0.1:9/'], 2, 'Give its root.json with --root FILE'],
      [['update', '--mirror', 'ftp://x', '--root', 'root.json'], 2, 'is not the address of a repository'],
      [['update', '--root', 'absent.json'], 4, 'there is no file absent.json'],
      [['show'], 4, 'plombe trust-root update'],
      [['show', 'root.json'], 2, 'trusted root root.json is not valid'],
    ] as const) {
      const outcome = await run(['trust-root', ...args]);
      expect([outcome.code, outcome.stdout], outcome.stderr).toEqual([code, '']);
      expect(outcome.stderr).toContain(message);
    }
    expect((await update('--offline')).code).toBe(2);
    expect(asked).toEqual([]);
    expect(existsSync(join(home, 'data', 'plombe', 'tuf'))).toBe(false);
  });

  it('a mirror that is not there is no verdict', async () => {
    const { run } = await world();
    const args = ['trust-root', 'update', '--mirror', 'http://127.0.0.1:9', '--root', 'root.json', '-o', 'json'];
    const { code, stdout, stderr } = await run(args);
    expect([code, stdout]).toEqual([4, '']);
    expect(stderr).toContain('[registry/unreachable]');
  });
});
