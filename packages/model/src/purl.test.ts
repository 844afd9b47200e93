// Package URLs: the rules of each type, what is none, and that parts survive a round trip.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatPurl, parsePurl, type PurlParts } from './purl.ts';

describe('formatPurl', () => {
  it.each<[PurlParts, string]>([
    [
      {
        type: 'deb',
        namespace: 'Debian',
        name: 'Curl',
        version: '7.50.3-1',
        qualifiers: { distro: 'debian-8', arch: 'i386' },
      },
      'pkg:deb/debian/curl@7.50.3-1?arch=i386&distro=debian-8',
    ],
    [
      { type: 'deb', namespace: 'debian', name: 'g++', version: '4:12.2.0-3~b+1' },
      'pkg:deb/debian/g%2B%2B@4:12.2.0-3~b%2B1',
    ],
    [
      { type: 'apk', namespace: 'alpine', name: 'APK', version: '2.12.9-r3', qualifiers: { arch: 'x86' } },
      'pkg:apk/alpine/apk@2.12.9-r3?arch=x86',
    ],
    [
      {
        type: 'rpm',
        namespace: 'Fedora',
        name: 'NetworkManager',
        version: '1.2^git1-3.el9',
        qualifiers: { epoch: '1' },
      },
      'pkg:rpm/fedora/NetworkManager@1.2%5Egit1-3.el9?epoch=1',
    ],
    [
      { type: 'npm', namespace: '@angular', name: 'animation', version: '12.3.1' },
      'pkg:npm/%40angular/animation@12.3.1',
    ],
    [{ type: 'npm', name: 'JSONStream', version: '1.3.5' }, 'pkg:npm/JSONStream@1.3.5'],
    [{ type: 'PyPI', name: 'Django_package', version: '1.11.1.dev1' }, 'pkg:pypi/django-package@1.11.1.dev1'],
    [{ type: 'pypi', name: 'torch', version: '2.1+cpu' }, 'pkg:pypi/torch@2.1%2Bcpu'],
    [
      { type: 'golang', namespace: 'github.com/BurntSushi', name: 'toml', version: 'v1.3.2', subpath: '/./a//../b/' },
      'pkg:golang/github.com/BurntSushi/toml@v1.3.2#a/b',
    ],
    [{ type: 'golang', name: 'stdlib', version: '1.22.3' }, 'pkg:golang/stdlib@1.22.3'],
    [
      {
        type: 'oci',
        name: 'Debian',
        version: 'sha256:244fd47e07d1004f0aed9c',
        qualifiers: { repository_url: 'docker.io/library/debian', tag: '', Arch: 'amd64' },
      },
      'pkg:oci/debian@sha256:244fd47e07d1004f0aed9c?arch=amd64&repository_url=docker.io%2Flibrary%2Fdebian',
    ],
    [
      { type: 'generic', name: 'a b', version: "1'(!*)", qualifiers: { a: '1', 'a-b': '2', '1x': '3', 'x y': '4' } },
      'pkg:generic/a%20b@1%27%28%21%2A%29?a=1&a-b=2',
    ],
    [{ type: 'generic', namespace: '/a//b/', name: 'x/y', version: '1@2?3#4' }, 'pkg:generic/a/b/x%2Fy@1%402%3F3%234'],
    [{ type: 'generic', name: '\ud800', version: '漢' }, 'pkg:generic/%EF%BF%BD@%E6%BC%A2'],
  ])('%j', (parts, text) => {
    expect(formatPurl(parts)).toBe(text);
  });
});

describe('parsePurl', () => {
  it.each<[string, PurlParts]>([
    [
      'pkg:deb/Debian/curl@7.50.3-1?arch=i386&distro=jessie',
      {
        type: 'deb',
        namespace: 'debian',
        name: 'curl',
        version: '7.50.3-1',
        qualifiers: { arch: 'i386', distro: 'jessie' },
      },
    ],
    ['PKG://PyPI//Django_package@1.0/', { type: 'pypi', name: 'django-package', version: '1.0' }],
    ['pkg:npm/@angular/core', { type: 'npm', namespace: '@angular', name: 'core' }],
    ['pkg:npm/%40angular/core@1.0.0-a%2Bb', { type: 'npm', namespace: '@angular', name: 'core', version: '1.0.0-a+b' }],
    ['pkg:rpm/fedora/Curl@7.50?Arch=', { type: 'rpm', namespace: 'fedora', name: 'Curl', version: '7.50' }],
    [
      'pkg:golang/google.golang.org/genproto#/googleapis/./api/../annotations/',
      { type: 'golang', namespace: 'google.golang.org', name: 'genproto', subpath: 'googleapis/api/annotations' },
    ],
    [
      'pkg:oci/debian@sha256%3Aabc?repository_url=ghcr.io/debian',
      { type: 'oci', name: 'debian', version: 'sha256:abc', qualifiers: { repository_url: 'ghcr.io/debian' } },
    ],
    ['pkg:deb/debian/dpkg@1:1.0+b1', { type: 'deb', namespace: 'debian', name: 'dpkg', version: '1:1.0+b1' }],
    [
      'pkg:golang/github.com%2Fgin-gonic%2fgin@v1.5.0',
      { type: 'golang', namespace: 'github.com/gin-gonic', name: 'gin', version: 'v1.5.0' },
    ],
    [
      'pkg:golang/gopkg.in/%2Fyaml.v3%2F@v3.0.0',
      { type: 'golang', namespace: 'gopkg.in', name: 'yaml.v3', version: 'v3.0.0' },
    ],
    ['pkg:npm/%40angular%2Fcore@1.0.0', { type: 'npm', namespace: '@angular', name: 'core', version: '1.0.0' }],
    ['pkg:composer/Symfony%2Fhttp@1', { type: 'composer', namespace: 'symfony', name: 'http', version: '1' }],
    ['pkg:generic/x@', { type: 'generic', name: 'x' }],
  ])('%s', (text, parts) => {
    expect(parsePurl(text)).toEqual(parts);
  });

  it.each([
    '',
    'pkg',
    'pkg:',
    'pkg:deb',
    'pkg:deb/',
    'pkg:deb//',
    'pkg:/deb',
    'pkg:1x/a',
    'pkg:d b/a',
    'npm/a',
    'http://a/b',
    'pkg:deb/a@%ff',
    'pkg:deb/%ff/a',
    'pkg:deb/a%2Fb/c',
    'pkg:golang/%2F%2F@v1',
    'pkg:golang/a%252Fb%2Fc%ff',
    'pkg:deb/a?x=%zz',
    'pkg:deb/a?x=1&X=2',
    'pkg:deb/a?=1',
    'pkg:deb/a?x',
    'pkg:deb/a#b%2Fc',
  ])('%j is none', (text) => {
    expect(parsePurl(text)).toBeUndefined();
  });

  it('T56 refuses ten megabytes', () => {
    expect(parsePurl(`pkg:deb/${'a'.repeat(10_000_000)}`)).toBeUndefined();
    expect(parsePurl(`pkg:deb/${'%2'.repeat(2000)}`)).toBeUndefined();
  });

  it('T73 reaches no prototype', () => {
    const parts = parsePurl('pkg:deb/a?__proto__=x&constructor=y');
    expect(Object.keys(parts?.qualifiers ?? {})).toEqual(['__proto__', 'constructor']);
    expect(({} as Record<string, unknown>)['x']).toBeUndefined();
  });
});

it('parts survive a round trip, and the text is canonical', () => {
  const text = fc.oneof(
    fc.string({ minLength: 1, maxLength: 12 }),
    fc.string({ unit: 'grapheme', minLength: 1, maxLength: 6 }),
  );
  const segment = text.filter((one) => !one.includes('/') && one !== '.' && one !== '..');
  const path = fc.array(segment, { minLength: 1, maxLength: 3 }).map((segments) => segments.join('/'));
  const parts = fc.record(
    {
      type: fc.constantFrom('deb', 'apk', 'rpm', 'npm', 'pypi', 'golang', 'oci', 'generic'),
      namespace: path,
      name: segment,
      version: text,
      qualifiers: fc.dictionary(fc.stringMatching(/^[a-z._-][a-z0-9._-]{0,5}$/), text, { minKeys: 1, maxKeys: 3 }),
      subpath: path,
    },
    { requiredKeys: ['type', 'name'] },
  );
  fc.assert(
    fc.property(parts, (one) => {
      const written = formatPurl(one);
      expect(written).toMatch(/^pkg:[\x21-\x7e]+$/);
      const read = parsePurl(written);
      expect(read).toBeDefined();
      expect(formatPurl(read as PurlParts)).toBe(written);
      if (one.type === 'generic')
        expect({ ...read, qualifiers: { ...read?.qualifiers } }).toEqual({ ...one, qualifiers: { ...one.qualifiers } });
    }),
    { numRuns: 3000 },
  );
});

it('any text is parsed or refused', () => {
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string(),
        fc.string({ unit: 'binary' }).map((rest) => `pkg:${rest}`),
      ),
      (text) => {
        const read = parsePurl(text);
        if (read !== undefined) expect(parsePurl(formatPurl(read))).toEqual(read);
      },
    ),
    { numRuns: 3000 },
  );
});
