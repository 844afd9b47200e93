// Logins that are stored and taken away again, as docker keeps them.
import { chmodSync, lstatSync, readdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { afterEach, describe, expect, test } from 'vitest';
import { temporaryFolder } from '../sources/testing/context.ts';
import { dockerConfigSource } from './docker-config.ts';
import { storeDockerLogin, takeDockerLogin } from './docker-login.ts';

const signal = new AbortController().signal;
const login = { kind: 'password', username: 'u', password: 'p:q' } as const;
const path = process.env['PATH'] ?? '';
afterEach(() => {
  process.env['PATH'] = path;
});

describe('docker logins', () => {
  test('go into a new file that only its owner reads, and out of it', async () => {
    const file = `${temporaryFolder()}/new/config.json`;
    expect(await storeDockerLogin(file, 'x.io:5000', login, signal)).toBe(file);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(await dockerConfigSource(file).find('x.io:5000', undefined, signal)).toEqual(login);
    expect(await takeDockerLogin(file, 'x.io:5000', signal)).toEqual(login);
    expect(await takeDockerLogin(file, 'x.io:5000', signal)).toBeUndefined();
    expect(JSON.parse(readFileSync(file, 'utf8'))).toEqual({ auths: {} });
  });

  test('leave everything else, and a link, as it was', async () => {
    const folder = temporaryFolder();
    const config = { HttpHeaders: { a: 'b' }, auths: { 'y.io': { auth: 'eA==' } }, detachKeys: 'ctrl-e' };
    writeFileSync(`${folder}/real.json`, JSON.stringify(config));
    symlinkSync(`${folder}/real.json`, `${folder}/config.json`);
    await storeDockerLogin(`${folder}/config.json`, 'x.io', login, signal);
    expect(JSON.parse(readFileSync(`${folder}/real.json`, 'utf8'))).toMatchObject(config);
    expect(lstatSync(`${folder}/config.json`).isSymbolicLink()).toBe(true);
    await takeDockerLogin(`${folder}/config.json`, 'x.io', signal);
    expect(JSON.parse(readFileSync(`${folder}/real.json`, 'utf8'))).toEqual(config);
    expect(readdirSync(folder).toSorted()).toEqual(['config.json', 'real.json']);
  });

  test('go to the helper where one is named', async () => {
    const folder = temporaryFolder();
    process.env['PATH'] = `${folder}:${path}`;
    const store = `${folder}/store`;
    writeFileSync(
      `${folder}/docker-credential-box`,
      `#!/bin/sh\ncase "$1" in store) cat > ${store};; get) sed s/ServerURL/X/ ${store};; erase) cat > ${folder}/erased; rm ${store};; esac\n`,
    );
    chmodSync(`${folder}/docker-credential-box`, 0o755);
    const file = `${folder}/config.json`;
    writeFileSync(file, JSON.stringify({ credHelpers: { 'x.io': 'box' } }));
    expect(await storeDockerLogin(file, 'x.io', login, signal)).toBe('docker-credential-box');
    expect(readFileSync(file, 'utf8')).not.toContain('auths');
    expect(await takeDockerLogin(file, 'x.io', signal)).toEqual(login);
    expect(readFileSync(`${folder}/erased`, 'utf8')).toBe('x.io');
    writeFileSync(file, JSON.stringify({ credsStore: '../box' }));
    await expect(storeDockerLogin(file, 'x.io', login, signal)).rejects.toThrow('not allowed');
  });

  test('a file that is none is said, and left alone', async () => {
    const file = `${temporaryFolder()}/config.json`;
    writeFileSync(file, '{"auths": secret');
    const failure = storeDockerLogin(file, 'x.io', login, signal);
    await expect(failure).rejects.toThrow('is not JSON');
    await expect(failure).rejects.not.toThrow('secret');
    expect(readFileSync(file, 'utf8')).toBe('{"auths": secret');
  });
});
