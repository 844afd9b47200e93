// Several scans on one cache at the same time, through the program itself.
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { writeTar } from '@plombe/formats/testing';
import { writeFeeds } from './support/feeds.ts';
import { apkInstalled, npmPackage, osRelease } from './support/images.ts';
import { writeHostile, type HostileLayer } from './support/layout.ts';
import { installed, launcher, temporaryFolder } from './support/plombe.ts';

const home = temporaryFolder();
const database = join(home, 'db');
const base: HostileLayer = {
  stored: [writeTar([osRelease, { path: 'lib/apk/db/installed', content: apkInstalled({ busybox: '1.36.1-r29' }) }])],
};

beforeAll(async () => {
  writeFeeds(join(home, 'feeds'));
  await installed(home)(['db', 'build', '--from', join(home, 'feeds'), '--db', database]);
});

describe('T25 four scans on one cache', () => {
  it('all succeed while a fifth is killed, and the next is right', async () => {
    const noise = Array.from({ length: 8 }, (_, i): HostileLayer => {
      const chunk = createHash('sha512').update(String(i)).digest().toString('hex').repeat(20_000);
      const entries = [npmPackage(`srv/${i}`, `pack${i}`, '1.0.0'), { path: `srv/${i}/data`, content: chunk }];
      return { stored: [writeTar(entries)] };
    });
    const folder = writeHostile(join(home, 'shared'), { layers: [base, ...noise] });
    const cache = join(folder, 'cache');
    const args = ['scan', `oci:${folder}`, '--db', database, '--cache', cache, '-o', 'json'];
    const plombe = installed(home);
    const killed = spawn(launcher, args, { cwd: home, stdio: 'ignore' });
    const ended = once(killed, 'exit');
    const running = Array.from({ length: 4 }, () => plombe(args));
    // Killed as soon as it has begun to write.
    while (!existsSync(join(cache, 'layers'))) await new Promise((resolve) => setTimeout(resolve, 5));
    killed.kill('SIGKILL');
    await ended;
    const packagesOf = (stdout: string): unknown => JSON.parse(stdout).packages;
    const outcomes = await Promise.all(running);
    const next = await plombe(args);
    const alone = await plombe(args.with(5, join(folder, 'other')));
    for (const outcome of [...outcomes, next]) {
      expect([outcome.code, outcome.stderr]).toEqual([0, '']);
      expect(packagesOf(outcome.stdout)).toEqual(packagesOf(alone.stdout));
    }
    expect((packagesOf(alone.stdout) as unknown[]).length).toBe(9);
  });
});
