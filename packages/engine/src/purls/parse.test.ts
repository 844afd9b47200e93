import { describe, expect, it } from 'vitest';
import { parsePurlList } from './parse.ts';

describe('lists of package URLs', () => {
  it('reads qualifiers as the facts they stand for', () => {
    const text = [
      '# installed',
      'pkg:deb/debian/libssl3@3.0.11-1~deb12u2?arch=amd64&distro=debian-12&upstream=openssl',
      '',
      'pkg:rpm/azurelinux/openssl-libs@3.3.0-1.azl3?arch=x86_64&distro=azurelinux-3.0&epoch=1&upstream=openssl-3.3.0-1.azl3.src.rpm',
      'pkg:deb/debian/gcc-12-base@12.2.0-14?distro=debian-12&upstream=gcc-12%4012.2.0-14%2Bx',
      'pkg:npm/%40scope/name@1.0.0',
      'pkg:deb/debian/zlib1g@1.2.11?epoch=1&upstream=zlib',
    ].join('\r\n');
    const { packages, complete } = parsePurlList(text, 'list');
    expect(complete).toBe(true);
    const by = Object.fromEntries(packages.map((found) => [found.name, found]));
    expect(by['libssl3']).toMatchObject({
      version: '3.0.11-1~deb12u2',
      architecture: 'amd64',
      source: { name: 'openssl', version: '3.0.11-1~deb12u2' },
    });
    expect(by['openssl-libs']).toMatchObject({
      version: '1:3.3.0-1.azl3',
      source: { name: 'openssl', version: '1:3.3.0-1.azl3' },
    });
    expect(by['gcc-12-base']?.source).toEqual({ name: 'gcc-12', version: '12.2.0-14+x' });
    expect(by['zlib1g']).toMatchObject({ version: '1:1.2.11', source: { name: 'zlib', version: '1:1.2.11' } });
    expect(by['name']).toMatchObject({ namespace: '@scope', type: 'npm' });
  });

  it('names every line that is none, and the inventory is not complete', () => {
    const { packages, diagnostics, complete } = parsePurlList(
      'pkg:npm/a@1\nnonsense\npkg:npm/b\n\u001b[31mpkg:',
      'list',
    );
    expect(packages).toHaveLength(1);
    expect(complete).toBe(false);
    expect(diagnostics.map((note) => note.path)).toEqual(['line 2', 'line 3', 'line 4']);
    expect(diagnostics[2]?.message).not.toContain('\u001b');
  });
});
