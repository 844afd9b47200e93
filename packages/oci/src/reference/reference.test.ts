import { isPlombeError } from '@plombe/kit';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { apiHost, formatReference, parseReference } from './reference.ts';

const hex = 'a'.repeat(64);

function reason(text: string): string {
  try {
    parseReference(text);
  } catch (thrown) {
    if (isPlombeError(thrown, 'reference/invalid')) return thrown.message;
    throw thrown;
  }
  return '';
}

describe('parseReference', () => {
  test.each([
    ['alpine', 'docker.io/library/alpine:latest'],
    ['alpine:3.20', 'docker.io/library/alpine:3.20'],
    ['user/app', 'docker.io/user/app:latest'],
    ['docker.io/alpine', 'docker.io/library/alpine:latest'],
    ['index.docker.io/alpine', 'docker.io/library/alpine:latest'],
    ['index.docker.io/user/app:1', 'docker.io/user/app:1'],
    ['localhost/app', 'localhost/app:latest'],
    ['localhost:5000/app', 'localhost:5000/app:latest'],
    ['registry:5000/app', 'registry:5000/app:latest'],
    ['registry/app', 'docker.io/registry/app:latest'],
    ['[::1]:5000/x', '[::1]:5000/x:latest'],
    ['[0:0:0:0:0:0:0:1]:5000/x', '[::1]:5000/x:latest'],
    ['[2001:DB8::1]/a/b:t', '[2001:db8::1]/a/b:t'],
    ['team.azurecr.io/a/b__c/d--e.f:1', 'team.azurecr.io/a/b__c/d--e.f:1'],
    [`alpine@sha256:${hex}`, `docker.io/library/alpine@sha256:${hex}`],
    [`alpine:3@sha256:${hex}`, `docker.io/library/alpine:3@sha256:${hex}`],
    [`x.io:8443/a:t@sha512:${hex}${hex}`, `x.io:8443/a:t@sha512:${hex}${hex}`],
    ['127.0.0.1:5000/x', '127.0.0.1:5000/x:latest'],
    ['app:5000', 'docker.io/library/app:5000'],
    ['xn--bcher-kva.example/app', 'xn--bcher-kva.example/app:latest'],
  ])('reads %s as %s', (text, canonical) => {
    expect(formatReference(parseReference(text))).toBe(canonical);
  });

  test.each([
    ['', 'empty'],
    ['https://x.io/a', 'no scheme'],
    [hex, 'image id'],
    ['Alpine', 'lower case'],
    ['x.io/App', 'lower case'],
    ['x.io/', 'no repository'],
    ['x.io', ''],
    ['a//b', 'empty component'],
    ['a/../b', 'component ".."'],
    ['a/b-', 'component "b-"'],
    ['a___b', 'component "a___b"'],
    ['a:', 'tag is empty'],
    ['a:-t', 'tag may hold'],
    [`a:${'t'.repeat(129)}`, 'longer than 128'],
    ['a@sha256:abc', 'exactly 64'],
    [`a@sha256:${hex.toUpperCase()}`, 'lower-case'],
    [`a@md5:${hex}`, 'neither sha256'],
    [`a@sha256:${hex}@sha256:${hex}`, 'more than one @'],
    ['a@sha256:../../x', 'exactly 64'],
    ['x.io:0/a', 'port'],
    ['x.io:99999/a', 'port'],
    ['x.io:port/a', 'host:port'],
    ['-x.io/a', 'host name'],
    ['[::g]/a', 'IPv6'],
    ['::1/a', 'brackets'],
    ['user:secret@x.io/a', 'neither sha256'],
    [`x.io/${'a/'.repeat(128)}b`, 'longer than 255'],
    ['a'.repeat(900), 'longer than 800'],
    ['x.io/a b', 'component'],
    ['x.io/a\u001b[31m', '\\u{1b}'],
  ])('refuses %s', (text, part) => {
    if (part === '') expect(reason(text)).toBe('');
    else expect(reason(text)).toContain(part);
  });

  test('T37 look-alike names have one canonical form or are refused', () => {
    const same = ['X.IO/a', 'x.io:443/a', 'x.io/a:latest', 'X.io:0443/a'];
    for (const text of same) expect(formatReference(parseReference(text))).toBe('x.io/a:latest');
    for (const text of ['0x7f.1/a', '127.1/a', '2130706433:443/a', '127.0.0.1/a']) {
      expect(parseReference(text).registry).toBe('127.0.0.1');
    }
    for (const text of ['Docker.IO/alpine', 'INDEX.docker.io/library/alpine', 'docker.io:443/alpine']) {
      expect(formatReference(parseReference(text))).toBe('docker.io/library/alpine:latest');
    }
    expect(reason('bücher.example/app')).toContain('xn--bcher-kva.example');
    expect(reason('аzurecr.io/app')).toContain('xn--');
    expect(reason('x．io/app')).toContain('ASCII');
  });

  test('keeps a password out of the message', () => {
    expect(reason('user:secret@x.io/a')).not.toContain('secret');
  });

  test('parses its own canonical form to the same parts', () => {
    const component = fc.stringMatching(/^[a-z0-9]+((\.|_|__|-{1,3})[a-z0-9]+){0,2}$/);
    const host = fc.oneof(
      fc.constantFrom('localhost', 'docker.io', '[::1]:5000', '10.0.0.1:80', 'x.azurecr.io'),
      fc.domain(),
    );
    const tag = fc.stringMatching(/^[A-Za-z0-9_][A-Za-z0-9_.-]{0,20}$/);
    fc.assert(
      fc.property(host, fc.array(component, { minLength: 1, maxLength: 4 }), fc.option(tag), (registry, path, name) => {
        const text = `${registry}/${path.join('/')}${name === null ? '' : `:${name}`}`;
        fc.pre(text.length < 255);
        const parsed = parseReference(text);
        expect(parseReference(formatReference(parsed))).toEqual(parsed);
      }),
    );
  });

  test('never throws anything but reference/invalid', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 60 }), (text) => {
        reason(text);
      }),
    );
  });
});

test('apiHost names the host that answers for docker.io', () => {
  expect([apiHost('docker.io'), apiHost('x.io')]).toEqual(['registry-1.docker.io', 'x.io']);
});

test('T57 a reference of a million colons is refused at once, and no part of a long password is shown', () => {
  expect(() => parseReference(`localhost${':'.repeat(1_000_000)}`)).toThrow(/is longer than/);
  expect(() => parseReference(`user:${'secret'.repeat(5000)}@host/name`)).toThrow(/^"user:…@" is not/);
});
