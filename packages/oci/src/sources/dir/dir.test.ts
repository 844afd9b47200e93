import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import type { EntryConsumer, FileHeader, TreeProblem } from '@plombe/model';
import { defaultLayerLimits, mebibyte } from '@plombe/kit';
import { offlineContext, temporaryFolder } from '../testing/context.ts';
import { dirSource } from './index.ts';
import { ruleOfType } from './mounts.ts';
import { walkTree } from './walk.ts';

interface Seen {
  readonly headers: FileHeader[];
  readonly contents: Map<string, string>;
  readonly problems: readonly TreeProblem[];
}

async function see(root: string, wanted: (header: FileHeader) => boolean = () => true): Promise<Seen> {
  const [image] = await dirSource.open(root, { subject: root }, offlineContext());
  const content = image?.layers[0]?.content;
  if (content?.kind !== 'tree') throw new Error('no tree');
  const headers: FileHeader[] = [];
  const contents = new Map<string, string>();
  const problems = await content.walk(collect(headers, contents, wanted), { signal: new AbortController().signal });
  return { headers, contents, problems };
}

function collect(
  headers: FileHeader[],
  contents: Map<string, string>,
  wanted: (header: FileHeader) => boolean,
): EntryConsumer {
  return {
    entry: (header) => {
      headers.push(header);
      if (!wanted(header)) return undefined;
      let text = '';
      return {
        write: (chunk) => {
          text += Buffer.from(chunk).toString('latin1');
          return true;
        },
        end: () => void contents.set(header.path, text),
      };
    },
  };
}

describe('dir', () => {
  test('offers every entry once, sorted, with what the file system says', async () => {
    const root = temporaryFolder();
    mkdirSync(`${root}/usr/bin`, { recursive: true });
    writeFileSync(`${root}/usr/bin/b`, 'B');
    writeFileSync(`${root}/usr/bin/a`, '');
    chmodSync(`${root}/usr/bin/b`, 0o4755);
    symlinkSync('b', `${root}/usr/bin/c`);
    writeFileSync(`${root}/.wh.hidden`, 'not a whiteout here');
    execFileSync('mkfifo', [`${root}/pipe`]);
    const { headers, contents, problems } = await see(root);
    expect(headers.map(({ path, type }) => `${type} ${path}`)).toEqual([
      'file .wh.hidden',
      'fifo pipe',
      'directory usr',
      'directory usr/bin',
      'file usr/bin/a',
      'file usr/bin/b',
      'symlink usr/bin/c',
    ]);
    expect(headers.find(({ path }) => path === 'usr/bin/b')).toMatchObject({ mode: 0o4755, sizeBytes: 1 });
    expect(headers.find(({ path }) => path === 'usr/bin/c')?.linkTarget).toBe('b');
    expect([...contents]).toEqual([
      ['.wh.hidden', 'not a whiteout here'],
      ['usr/bin/a', ''],
      ['usr/bin/b', 'B'],
    ]);
    expect(problems).toEqual([]);
  });

  test('hands files over in chunks of 1 MiB at most, and stops where no more is wanted', async () => {
    const root = temporaryFolder();
    writeFileSync(`${root}/large`, Buffer.alloc(2.5 * mebibyte, 7));
    const sizes: number[] = [];
    const consumer = (enough: number): EntryConsumer => ({
      entry: () => ({ write: (chunk) => sizes.push(chunk.length) < enough, end: () => void sizes.push(-1) }),
    });
    const options = { signal: new AbortController().signal, limits: defaultLayerLimits };
    await walkTree(root, consumer(9), options);
    expect(sizes.splice(0)).toEqual([mebibyte, mebibyte, mebibyte / 2, -1]);
    await walkTree(root, consumer(1), options);
    expect(sizes).toEqual([mebibyte, -1]);
  });

  test('says what is no folder', async () => {
    const root = temporaryFolder();
    writeFileSync(`${root}/file`, '');
    const open = (path: string) => dirSource.open(path, { subject: path }, offlineContext());
    await expect(open(`${root}/file`)).rejects.toMatchObject({ code: 'source/unreadable' });
    await expect(open(`${root}/none`)).rejects.toMatchObject({ code: 'source/not-found' });
  });

  test('sees a cancellation while it walks', async () => {
    const root = temporaryFolder();
    for (let i = 0; i < 3000; i++) writeFileSync(`${root}/${i}`, '');
    const controller = new AbortController();
    setImmediate(() => controller.abort());
    const walk = walkTree(root, { entry: () => undefined }, { signal: controller.signal, limits: defaultLayerLimits });
    await expect(walk).rejects.toThrow('aborted');
  });

  test('lets an error of the consumer through', async () => {
    const root = temporaryFolder();
    writeFileSync(`${root}/a`, 'x');
    const fails = (): never => {
      throw new Error('consumer');
    };
    const options = { signal: new AbortController().signal, limits: defaultLayerLimits };
    await expect(walkTree(root, { entry: fails }, options)).rejects.toThrow('consumer');
  });

  test.skipIf(process.getuid?.() !== 0)('names what it may not read (as another user)', () => {
    const root = temporaryFolder();
    chmodSync(root, 0o755);
    mkdirSync(`${root}/secret`, { mode: 0o700 });
    writeFileSync(`${root}/shadow`, 'x', { mode: 0o600 });
    const script = `
      import { walkTree } from '${new URL('walk.ts', import.meta.url).href}';
      process.setuid(65534);
      const consumer = { entry: () => ({ write: () => true, end: () => {} }) };
      const limits = { entries: 1e6, pathBytes: 4096, pathDepth: 512 };
      console.log(JSON.stringify(await walkTree('${root}', consumer, { signal: new AbortController().signal, limits })));`;
    const out = execFileSync(process.execPath, ['--input-type=module', '-e', script], { encoding: 'utf8' });
    expect(JSON.parse(out)).toEqual([
      { path: 'shadow', cause: 'could not be read (EACCES)' },
      { path: 'secret', cause: 'could not be read (EACCES)' },
    ]);
  });
});

describe('dir, hostile', () => {
  test('T01 T02 never leaves its root: links are entries, not ways', async () => {
    const root = temporaryFolder();
    const outside = temporaryFolder();
    writeFileSync(`${outside}/secret`, 'secret');
    mkdirSync(`${root}/etc`);
    symlinkSync('/etc/passwd', `${root}/etc/passwd`);
    symlinkSync(outside, `${root}/outside`);
    symlinkSync('..', `${root}/etc/up`);
    symlinkSync('.', `${root}/loop`);
    symlinkSync('self', `${root}/self`);
    symlinkSync('../../../../../../etc/shadow', `${root}/deep`);
    const { headers, contents, problems } = await see(root);
    expect(headers.map(({ path }) => path).sort()).toEqual([
      'deep',
      'etc',
      'etc/passwd',
      'etc/up',
      'loop',
      'outside',
      'self',
    ]);
    expect([contents.size, problems]).toEqual([0, []]);
  });

  test('T02 does not read a file or folder that was swapped for a link while the walk is under way', async () => {
    const root = temporaryFolder();
    const outside = temporaryFolder();
    writeFileSync(`${outside}/passwd`, 'secret');
    mkdirSync(`${root}/etc`);
    writeFileSync(`${root}/etc/passwd`, 'inside');
    const contents = new Map<string, string>();
    const inner = collect([], contents, () => true);
    const consumer: EntryConsumer = {
      entry: (header) => {
        if (header.path === 'etc/passwd') {
          execFileSync('mv', [`${root}/etc`, `${root}/moved`]);
          symlinkSync(outside, `${root}/etc`);
        }
        return inner.entry(header);
      },
    };
    const problems = await walkTree(root, consumer, {
      signal: new AbortController().signal,
      limits: defaultLayerLimits,
    });
    expect(contents.size).toBe(0);
    expect(problems).toEqual([{ path: 'etc/passwd', cause: 'was replaced while it was read' }]);
  });

  test('T03 keeps names distinct that are not UTF-8', async () => {
    const root = temporaryFolder();
    for (const name of [
      Buffer.from([0x61, 0xff]),
      Buffer.from([0x61, 0xfe]),
      Buffer.from('a\u0301'),
      Buffer.from('\u00e1'),
    ]) {
      writeFileSync(Buffer.concat([Buffer.from(`${root}/`), name]), name);
    }
    const { contents } = await see(root);
    expect([...contents.keys()].sort()).toEqual(['a\u0301', 'a\udcfe', 'a\udcff', '\u00e1']);
    expect(contents.get('a\udcff')).toBe('a\u00ff');
  });

  test('T07 stops at its limits and says so', async () => {
    const root = temporaryFolder();
    mkdirSync(`${root}/a/b/c/d`, { recursive: true });
    for (let i = 0; i < 20; i++) writeFileSync(`${root}/a/${i}`, '');
    const signal = new AbortController().signal;
    const consumer: EntryConsumer = { entry: () => undefined };
    const deep = await walkTree(root, consumer, { signal, limits: { ...defaultLayerLimits, pathDepth: 2 } });
    expect(deep.map(({ path }) => path)).toEqual(['a/b/c']);
    const many = await walkTree(root, consumer, { signal, limits: { ...defaultLayerLimits, entries: 10 } });
    expect(many[0]?.cause).toContain('more than 10 entries');
  });

  test('T10 never opens devices and FIFOs', async () => {
    const root = temporaryFolder();
    execFileSync('mkfifo', [`${root}/fifo`]);
    const { headers, contents } = await see(root);
    expect([headers[0]?.type, contents.size]).toEqual(['fifo', 0]);
  });

  test('kernel file systems are left out, remote ones named, local ones walked', () => {
    expect([0x9fa0, 0x62656572, 0x794c7630].map(ruleOfType)).toEqual(['skip', 'skip', 'skip']);
    expect(ruleOfType(0x6969)).toMatchObject({ cause: expect.stringContaining('nfs') as string });
    expect(ruleOfType(-11317950)).toMatchObject({ cause: expect.stringContaining('cifs') as string });
    expect([0xef53, 0x9123683e, 0x01021994].map(ruleOfType)).toEqual(['walk', 'walk', 'walk']);
  });
});
