import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { maxPluginOutputBytes } from '@plombe/notation';
import { pluginFinder } from './plugin.ts';

const home = mkdtempSync(join(tmpdir(), 'plombe-plugin-'));
afterAll(() => rmSync(home, { recursive: true, force: true }));
const never = new AbortController().signal;

/** Writes a plugin as a shell script, by name below a folder of notation. */
function write(folder: string, name: string, script: string, mode = 0o755): string {
  const path = join(folder, 'plugins', name, `notation-${name}`);
  mkdirSync(dirname(path), { recursive: true, mode: 0o755 });
  writeFileSync(path, `#!/bin/sh\n${script}\n`);
  chmodSync(path, mode);
  return path;
}

describe('the folder', () => {
  it.each([
    ['NOTATION_LIBEXEC', { NOTATION_LIBEXEC: '/a', NOTATION_CONFIG: '/b', XDG_CONFIG_HOME: '/c', HOME: '/d' }, 'a'],
    ['NOTATION_CONFIG', { NOTATION_CONFIG: '/b', XDG_CONFIG_HOME: '/c', HOME: '/d' }, 'b'],
    ['XDG_CONFIG_HOME', { XDG_CONFIG_HOME: '/c', HOME: '/d' }, 'c/notation'],
    ['HOME', { HOME: '/d' }, 'd/.config/notation'],
    ['no relative path', { NOTATION_LIBEXEC: 'a', XDG_CONFIG_HOME: '.', HOME: '/d' }, 'd/.config/notation'],
  ])('%s', async (_, variables, folder) => {
    const root = mkdtempSync(join(home, 'folder-'));
    write(join(root, folder), 'here', 'exit 0');
    const environment = Object.fromEntries(
      Object.entries(variables).map(([name, path]) => [name, path.startsWith('/') ? join(root, path) : path]),
    );
    const plugin = await pluginFinder(environment, never)('here');
    expect(plugin?.name).toBe('here');
    expect(await pluginFinder(environment, never)('absent')).toBeUndefined();
  });
});

describe('what must not be run', () => {
  const environment = { NOTATION_LIBEXEC: home };
  const find = pluginFinder(environment, never);

  it.each(['', '.', '..', '../x', 'a/b', 'a\\b', '/bin/sh', '-x', 'a\0b', 'a b', '\u001b[31m', 'a'.repeat(101)])(
    'T46 the name %j',
    async (name) => {
      const error = await find(name).catch((thrown: unknown) => thrown);
      expect(error).toMatchObject({ code: 'notation/plugin' });
      expect((error as Error).message).not.toMatch(/[\0\u001b]/);
    },
  );

  it('a folder, a link, a file without the right to run, one that others may change', async () => {
    mkdirSync(join(home, 'plugins', 'folder', 'notation-folder'), { recursive: true });
    const real = write(home, 'real', 'exit 0');
    mkdirSync(join(home, 'plugins', 'link'));
    symlinkSync(real, join(home, 'plugins', 'link', 'notation-link'));
    write(home, 'inert', 'exit 0', 0o644);
    write(home, 'shared', 'exit 0', 0o757);
    write(home, 'grouped', 'exit 0', 0o775);
    chmodSync(dirname(write(home, 'housed', 'exit 0')), 0o777);
    for (const [name, text] of [
      ['folder', 'no regular file'],
      ['link', 'no regular file'],
      ['inert', 'not executable'],
      ['shared', 'may be changed by others'],
      ['grouped', 'may be changed by others'],
      ['housed', 'may be changed by others'],
    ] as const) {
      await expect(find(name), name).rejects.toMatchObject({
        code: 'notation/plugin',
        message: expect.stringContaining(text) as string,
      });
    }
  });
});

describe('a run', () => {
  const exec = async (name: string, script: string, signal = never, deadlineMs?: number) => {
    write(home, name, script);
    const environment = { NOTATION_LIBEXEC: home, PATH: '/usr/bin:/bin', SECRET: 'canary' };
    const plugin = await pluginFinder(environment, signal, deadlineMs)(name);
    if (plugin === undefined) throw new Error('not found');
    return plugin.exec('describe-key', Buffer.from('{"a":1}'));
  };

  it('gives the command, the request and a small environment, and takes both outputs and the exit code', async () => {
    const { exitCode, stdout, stderr } = await exec('says', 'echo "$# $1 $(cat)"; env >&2; exit 3');
    expect([exitCode, Buffer.from(stdout).toString()]).toEqual([3, '1 describe-key {"a":1}\n']);
    expect(Buffer.from(stderr).toString()).not.toMatch(/canary|NOTATION/);
  });

  it('may leave its input unread', async () => {
    expect(await exec('deaf', 'exec 0<&-; echo hello')).toMatchObject({ exitCode: 0 });
  });

  it('T48 ends one that writes without end', async () => {
    const one = exec('loud', 'exec cat /dev/zero');
    await expect(one).rejects.toMatchObject({
      code: 'notation/plugin',
      message: expect.stringContaining('too much') as string,
    });
    const other = exec('complaining', `exec head -c ${maxPluginOutputBytes} /dev/zero >&2`);
    await expect(other).rejects.toMatchObject({ code: 'notation/plugin' });
  });

  it('ends one that does not end, also where what it started holds its outputs', async () => {
    await expect(exec('slow', 'exec sleep 30', never, 200)).rejects.toMatchObject({
      code: 'notation/plugin',
      message: expect.stringContaining('did not end') as string,
    });
    await expect(exec('parent', 'sleep 3 & exit 0', never, 200)).rejects.toMatchObject({ code: 'notation/plugin' });
  });

  it('ends with the signal, for its reason', async () => {
    const controller = new AbortController();
    const reason = new Error('over');
    setTimeout(() => controller.abort(reason), 100);
    await expect(exec('waiting', 'exec sleep 30', controller.signal)).rejects.toBe(reason);
    await expect(exec('late', 'exit 0', controller.signal)).rejects.toBe(reason);
  });

  it('says what cannot be run at all', async () => {
    write(home, 'shapeless', '');
    const path = join(home, 'plugins', 'shapeless', 'notation-shapeless');
    writeFileSync(path, '#!/nowhere/at/all\n');
    const plugin = await pluginFinder({ NOTATION_LIBEXEC: home }, never)('shapeless');
    await expect(plugin?.exec('describe-key', Buffer.from('{}'))).rejects.toMatchObject({ code: 'notation/plugin' });
  });
});
