import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isPlombeError } from '@plombe/kit';
import type { Digest } from '@plombe/model';
import { compareEntries, type CompareOptions } from './compare.ts';
import { fingerprintLines, FingerprintSum, openFingerprint, type FingerprintHeader } from './document.ts';
import { comparePaths, formatEntry, parseEntry, type FingerprintEntry } from './entry.ts';

const hex = (letter: string): string => letter.repeat(64);
const file = (path: string, sha256 = hex('a'), rest: Partial<FingerprintEntry> = {}): FingerprintEntry => ({
  path,
  type: 'file',
  mode: 0o644,
  uid: 0,
  gid: 0,
  sizeBytes: 1,
  sha256,
  ...rest,
});
const unread = (path: string): FingerprintEntry => {
  const { sha256: _, ...entry } = file(path);
  return entry;
};
const folder = (path: string): FingerprintEntry => ({ path, type: 'directory', mode: 0o755, uid: 0, gid: 0 });
const link = (path: string, linkTarget: string): FingerprintEntry => ({
  path,
  type: 'symlink',
  mode: 0,
  uid: 0,
  gid: 0,
  linkTarget,
});

function documentOf(entries: readonly FingerprintEntry[], rest: Partial<FingerprintHeader> = {}): readonly string[] {
  const sum = new FingerprintSum();
  for (const entry of entries) sum.add(entry, formatEntry(entry));
  const header: FingerprintHeader = {
    subject: { digest: `sha256:${hex('1')}` as Digest, platform: 'linux/amd64' },
    state: 'complete',
    causes: [],
    layers: [{ diffID: `sha256:${hex('2')}` as Digest, entries: 2, root: `sha256:${hex('3')}`, complete: true }],
    ...sum.result(),
    ...rest,
  };
  return [...fingerprintLines(header, entries)].map((line) => line.slice(0, -1));
}

const sample = [
  folder('a'),
  file('a/b'),
  link('a/c', '/b'),
  file('a-', hex('b'), { capabilities: '00ff' }),
  unread('z'),
];

function readAll(lines: readonly string[]): readonly FingerprintEntry[] {
  return [...openFingerprint(lines.values()).entries];
}

describe('the document', () => {
  it('comes back as it was written', () => {
    expect(readAll(documentOf(sample))).toEqual(sample);
    expect(documentOf([])).toHaveLength(1);
    expect(readAll(documentOf([]))).toEqual([]);
  });

  it('is canonical JSON, one entry a line', () => {
    expect(documentOf(sample)[2]).toBe(
      `{"gid":0,"mode":"0644","path":"a/b","sha256":"${hex('a')}","size":1,"type":"file","uid":0}`,
    );
    expect(formatEntry(file('\udcff'))).toContain('"pathBytes":"/w=="');
  });

  it.each([
    ['an entry taken out', (lines: string[]) => void lines.splice(2, 1), /4 entries where its header states 5/],
    ['an entry put in', (lines: string[]) => void lines.push(formatEntry(file('zz'))), /6 entries/],
    ['an entry twice', (lines: string[]) => void lines.splice(2, 0, lines[2] ?? ''), /out of order/],
    [
      'two in the wrong order',
      (lines: string[]) => void lines.splice(1, 2, lines[2] ?? '', lines[1] ?? ''),
      /out of order/,
    ],
    ['another content', (lines: string[]) => void (lines[2] = formatEntry(file('a/b', hex('f')))), /root/],
    ['another spelling', (lines: string[]) => void (lines[2] = ` ${lines[2]}`), /line 3 is no entry/],
    ['no header', (lines: string[]) => void lines.shift(), /no header/],
    ['a path that climbs', (lines: string[]) => void (lines[5] = formatEntry(file('../z'))), /line 6/],
    ['an absolute path', (lines: string[]) => void (lines[5] = formatEntry(file('/z'))), /line 6/],
    [
      'a directory with a digest',
      (lines: string[]) => void (lines[1] = (lines[1] ?? '').replace('"type"', `"sha256":"${hex('a')}","type"`)),
      /line 2/,
    ],
  ])('is refused with %s', (_, change, message) => {
    const lines = [...documentOf(sample)];
    change(lines);
    expect(() => readAll(lines)).toThrow(message);
  });

  it.each([
    [{ state: 'partial' as const }],
    [{ causes: [{ code: 'x', message: 'y' }] }],
    [{ root: 'sha256:x' }],
    [{ entries: -1 }],
  ])('has no header like %j', (rest) => {
    expect(() => readAll(documentOf(sample, rest))).toThrow(/no header/);
  });

  it('any change of a character is seen', () => {
    const text = documentOf(sample).join('\n');
    fc.assert(
      fc.property(fc.nat(text.length - 1), fc.constantFrom('0', 'a', 'f', '"', '\n', '{', ' ', '9'), (at, letter) => {
        const changed = text.slice(0, at) + letter + text.slice(at + 1);
        if (changed === text) return;
        try {
          const { header, entries } = openFingerprint(changed.split('\n').values());
          const read = [...entries];
          // What the root does not cover are the header's own words, which the digest of the document covers.
          expect(read).toEqual(sample);
          expect(header).not.toEqual(openFingerprint(documentOf(sample).values()).header);
        } catch (thrown) {
          if (!isPlombeError(thrown, 'fingerprint/invalid')) throw thrown;
        }
      }),
      { numRuns: 3000 },
    );
  });

  it('T73 takes no member from a prototype', () => {
    expect(parseEntry('{"__proto__":{"path":"a","type":"file"},"gid":0}')).toBeUndefined();
    expect(parseEntry('{"gid":0,"mode":"0644","path":"__proto__","type":"directory","uid":0}')).toMatchObject({
      path: '__proto__',
    });
  });
});

describe('the order of paths', () => {
  it('puts a folder directly before what is below it', () => {
    const paths = ['a.b', 'a', 'a/b', 'a-b', 'a/b/c', 'b', 'a/a'];
    expect(paths.sort(comparePaths)).toEqual(['a', 'a/a', 'a/b', 'a/b/c', 'a-b', 'a.b', 'b']);
  });

  it('is total, and the same as comparing lists of parts', () => {
    const path = fc.array(fc.constantFrom('a', 'b', 'a-', 'A', 'é', '\udcff', 'ab'), { minLength: 1, maxLength: 4 });
    fc.assert(
      fc.property(path, path, (a, b) => {
        const byParts = (): number => {
          for (let i = 0; i < Math.min(a.length, b.length); i++) {
            const [left, right] = [a[i] as string, b[i] as string];
            if (left !== right) return left < right ? -1 : 1;
          }
          return a.length - b.length;
        };
        expect(Math.sign(comparePaths(a.join('/'), b.join('/')))).toBe(Math.sign(byParts()));
      }),
    );
  });
});

const whole: CompareOptions = {
  isIgnored: () => false,
  expectedComplete: true,
  actualComplete: true,
  mayBeUnread: () => false,
  capabilities: true,
};

describe('comparing', () => {
  it.each<[string, FingerprintEntry, FingerprintEntry, string[]]>([
    ['content', file('x'), file('x', hex('b')), ['content']],
    ['size alone', unread('x'), { ...unread('x'), sizeBytes: 9 }, ['content']],
    ['mode', file('x'), file('x', hex('a'), { mode: 0o4755 }), ['mode']],
    ['owner', file('x'), file('x', hex('a'), { uid: 1 }), ['owner']],
    ['group', folder('x'), { ...folder('x'), gid: 1 }, ['owner']],
    ['link target', link('x', 'a'), link('x', 'b'), ['linkTarget']],
    ['type', file('x'), link('x', 'b'), ['type']],
    ['capabilities', file('x'), file('x', hex('a'), { capabilities: '01' }), ['capabilities']],
    ['all of them', file('x'), file('x', hex('c'), { mode: 0, gid: 3 }), ['content', 'mode', 'owner']],
  ])('sees %s', (_, expected, actual, fields) => {
    const report = compareEntries([expected], [actual], whole);
    expect(report).toMatchObject({ verdict: 'differs', changed: 1, added: 0, removed: 0, compared: 1 });
    expect(report.differences).toEqual([{ path: 'x', kind: 'changed', fields, expected, actual }]);
  });

  it('sees what was added and removed', () => {
    const report = compareEntries([folder('a'), file('a/b'), file('c')], [folder('a'), file('a/x'), file('c')], whole);
    expect(report).toMatchObject({ verdict: 'differs', added: 1, removed: 1, changed: 0, compared: 2 });
    expect(report.differences.map(({ path, kind }) => [path, kind])).toEqual([
      ['a/b', 'removed'],
      ['a/x', 'added'],
    ]);
  });

  it('leaves out what may differ, with all below it, on both sides', () => {
    const isIgnored = (path: string): boolean => path === 'run';
    const expected = [folder('run'), file('run/a'), file('run-b')];
    const actual = [folder('run'), file('run/x'), folder('run/y'), file('run/y/z'), file('run-b')];
    const report = compareEntries(expected, actual, { ...whole, isIgnored });
    expect(report).toMatchObject({ verdict: 'same', compared: 1, ignored: 6 });
  });

  it.each<[string, FingerprintEntry[], FingerprintEntry[], Partial<CompareOptions>, string]>([
    ['nothing was read on either side', [unread('x')], [unread('x')], {}, 'undecidable'],
    ['one content is unknown', [file('x')], [unread('x')], {}, 'undecidable'],
    ['a place could not be read', [file('x')], [], { mayBeUnread: () => true, actualComplete: false }, 'undecidable'],
    ['a place without anything expected could not be read', [], [], { actualComplete: false }, 'undecidable'],
    ['the fingerprint is partial', [], [file('x')], { expectedComplete: false }, 'undecidable'],
    ['a partial fingerprint fits', [file('x')], [file('x')], { expectedComplete: false }, 'undecidable'],
    ['a difference is certain all the same', [file('x')], [file('x', hex('b'))], { actualComplete: false }, 'differs'],
    [
      'capabilities cannot be told',
      [file('x', hex('a'), { capabilities: '01' })],
      [file('x')],
      { capabilities: false },
      'same',
    ],
  ])('%s', (_, expected, actual, options, verdict) => {
    expect(compareEntries(expected, actual, { ...whole, ...options }).verdict).toBe(verdict);
  });

  it('T07 lists ten thousand differences and counts the rest', () => {
    const actual = Array.from({ length: 10_050 }, (_, i) => file(`f${String(i).padStart(6, '0')}`));
    const { differences, unlisted, added } = compareEntries([], actual, whole);
    expect([differences.length, unlisted, added]).toEqual([10_000, 50, 10_050]);
  });

  it('random lists: same only where they are the same', () => {
    const list = fc
      .uniqueArray(fc.constantFrom('a', 'b', 'c', 'd', 'a/x', 'a/y'), { maxLength: 6 })
      .chain((paths) =>
        fc.tuple(...paths.sort(comparePaths).map((path) => fc.constantFrom('a', 'b').map((c) => file(path, hex(c))))),
      );
    fc.assert(
      fc.property(list, list, (a, b) => {
        const { verdict, added, removed, compared } = compareEntries(a, b, whole);
        expect(verdict === 'same').toBe(JSON.stringify(a) === JSON.stringify(b));
        expect([removed + compared, added + compared]).toEqual([a.length, b.length]);
      }),
    );
  });
});
