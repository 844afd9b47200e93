// What ends in a client's terminal, and what may pass for text: whatever goes in, it is one inert line, and no archive is text.
import { spawnSync } from 'node:child_process';
import { gzipSync, zstdCompressSync } from 'node:zlib';
import { writeTar } from '@plombe/formats/testing';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isText } from './content.ts';
import { maxMessageLength, oneLine } from './message.ts';

const reason = fc.record({
  check: fc.string({ maxLength: 200 }),
  outcome: fc.constantFrom('pass' as const, 'fail' as const, 'unknown' as const),
  message: fc.string({ unit: 'binary', maxLength: 2000 }),
  remedy: fc.string({ unit: 'binary', maxLength: 600 }),
});

describe('the line for the terminal', () => {
  it('is one inert line of at most 400 characters, whatever the reasons are (T68)', () => {
    fc.assert(
      fc.property(fc.array(reason, { maxLength: 20 }), (reasons) => {
        const line = oneLine(reasons);
        expect(line.length).toBeLessThanOrEqual(maxMessageLength);
        expect(line).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]/);
        expect(line.isWellFormed()).toBe(true);
        expect(line).not.toBe('');
      }),
    );
  });

  it('keeps the remedy where a message is long, and names the other checks', () => {
    const line = oneLine([
      { check: 'vulnerabilities', outcome: 'fail', message: 'x'.repeat(1000), remedy: 'Upgrade it.' },
      { check: 'signatures', outcome: 'fail', message: 'Not signed.', remedy: 'Sign it.' },
    ]);
    expect(line).toMatch(/^vulnerabilities: … Upgrade it\. Also: signatures\.$/);
  });

  it('ends no part within a word, and has room for a remedy of 200 characters', () => {
    const words = fc.array(fc.stringMatching(/^[a-z0-9-]{1,20}$/), { minLength: 1, maxLength: 100 });
    fc.assert(
      fc.property(words, words, fc.array(words, { maxLength: 4 }), (message, remedy, checks) => {
        const [first, ...others] = ['vulnerabilities', ...checks.map((check) => check.join('/'))].map((check) => ({
          check,
          outcome: 'fail' as const,
          message: message.join(' '),
          remedy: remedy.join(' '),
        }));
        const line = oneLine([...(first === undefined ? [] : [first]), ...others]);
        expect(line.length).toBeLessThanOrEqual(maxMessageLength);
        if (remedy.join(' ').length <= 200) expect(line).toContain(` ${remedy.join(' ')}`);
        const known = new Set(['vulnerabilities:', '…', ...message, ...remedy]);
        for (const word of line.replace(/ Also: .*$/, '').split(' ')) expect(known).toContain(word);
      }),
    );
  });
});

describe('text', () => {
  const types = [
    'application/vnd.dev.sigstore.bundle.v0.3+json',
    'application/spdx+json',
    'application/vnd.cyclonedx+xml',
    'application/cose',
    'application/jose+json',
    'text/spdx',
    'application/vnd.oci.image.layer.v1.tar',
  ];

  it('is no archive, packed or not, whatever it is called', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'grapheme-ascii', minLength: 1, maxLength: 90 }),
        fc.string({ maxLength: 600 }),
        fc.constantFrom(...types),
        (path, content, type) => {
          const tar = writeTar([{ path: path.replaceAll('/', '_'), content }]);
          for (const bytes of [tar, gzipSync(tar), zstdCompressSync(tar)]) expect(isText(type, bytes)).toBe(false);
        },
      ),
    );
  });

  it.each([
    ['application/vnd.in-toto+json', tarLike('{"', '":{"name":"lodash","version":"4.17.11"}', '}')],
    ['text/spdx', tarLike('SPDXVersion: ', '\n', 'x')],
    ['application/vnd.cyclonedx+xml', tarLike('<a>', '</a>', ' ')],
    ['text/spdx', Buffer.concat([Buffer.from('#'.repeat(1024)), tarLike('a', 'b', 'c')])],
  ])('%s is no archive that is text at the same time', (type, bytes) => {
    expect(spawnSync('tar', ['-t'], { input: bytes }).stdout.toString()).toContain('package.json');
    expect(isText(type, bytes)).toBe(false);
    expect(isText('application/json', Buffer.from(JSON.stringify({ kept: bytes.toString() })))).toBe(true);
  });

  it('is not packed by anything that runtimes unpack', () => {
    expect(isText('text/spdx', Buffer.from('BZh91AY&SYabcd'))).toBe(false);
  });

  it.each([
    ['application/vnd.in-toto+json', '{"a":1}', true],
    ['application/vnd.in-toto+json', '[1]', false],
    ['application/vnd.in-toto+json', '{"a":', false],
    ['text/spdx', 'SPDXVersion: SPDX-2.3', true],
    ['text/spdx', 'a\0b', false],
    ['application/octet-stream', '{}', false],
    ['constructor', '{}', false],
  ])('%s of %j is %s', (type, content, expected) => {
    expect(isText(type, Buffer.from(content))).toBe(expected);
  });
});

/** A tar of one package.json without any byte that text cannot have: old tars end no field with a zero, and need no end. */
function tarLike(begin: string, content: string, end: string): Buffer {
  const name = `${begin}${'x'.repeat(60 - begin.length)}/../app/node_modules/lodash/package.json`;
  const field = (value: number, length: number): string => `${value.toString(8).padStart(length - 1, '0')} `;
  const header = (sum: string): string =>
    [
      name.padEnd(100, 'n'),
      field(0o644, 8),
      field(0, 8),
      field(0, 8),
      field(content.length, 12),
      field(0, 12),
      sum,
      '0',
    ].join('');
  const filled = (sum: string): string => header(sum).padEnd(512, '-');
  const sum = Buffer.from(filled(' '.repeat(8))).reduce((all, byte) => all + byte, 0);
  return Buffer.from(filled(field(sum, 8)) + content + end.padStart(512 - content.length));
}
