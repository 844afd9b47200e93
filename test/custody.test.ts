// The ledger and custody through the program itself: what is recorded is provable from one file, whatever happened in between.
import { spawn } from 'node:child_process';
import { cpSync, existsSync, readFileSync, readlinkSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { installed, launcher, temporaryFolder } from './support/plombe.ts';

const home = temporaryFolder();
const plombe = installed(home);
const image = `sha256:${'a'.repeat(64)}`;
const other = `sha256:${'b'.repeat(64)}`;
const at = (...names: readonly string[]): string => join(home, ...names);
const vkey = ['--vkey', 'ledger/ledger.vkey'] as const;

async function run(...args: readonly string[]): Promise<string> {
  const { code, stdout, stderr } = await plombe(args);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  return stdout;
}

interface VerifyLine {
  readonly file: string;
  readonly verdict: string;
  readonly digests: readonly { digest: string; records: number; asOf: string }[];
  readonly firstBroken?: { line: number; link: string; check: string; message: string };
}

async function verify(...args: readonly string[]): Promise<{ code: number | undefined; lines: readonly VerifyLine[] }> {
  const { code, stdout } = await plombe(['custody', 'verify', ...args, ...vkey, '-o', 'json']);
  const lines = stdout.split('\n').filter(Boolean);
  return { code, lines: lines.map((line) => JSON.parse(line) as VerifyLine) };
}

beforeAll(async () => {
  const printed = await run('ledger', 'init', '--ledger', 'ledger', '--origin', 'example.com/custody');
  expect(printed).toMatch(/^example\.com\/custody\+[0-9a-f]{8}\+[A-Za-z0-9+/=]+\n$/);
  expect(readFileSync(at('ledger/ledger.vkey'), 'utf8')).toBe(printed);
  cpSync(at('ledger/checkpoint'), at('first.checkpoint'));
  writeFileSync(at('scan.json'), JSON.stringify({ findings: 0, database: 'sha256:…' }));
  const first = await run(
    'custody',
    'record',
    image,
    '--kind',
    'scan',
    '--predicate',
    'scan.json',
    '--ledger',
    'ledger',
  );
  expect(JSON.parse(first)).toEqual({ index: 2, digest: image, sequence: 1 });
  const lines = [
    { digest: image, kind: 'approve', predicate: { by: 'x' } },
    { digest: other, kind: 'push' },
    { digest: image, kind: 'deploy' },
  ];
  writeFileSync(at('more.jsonl'), lines.map((line) => `${JSON.stringify(line)}\n`).join(''));
  const more = await run('custody', 'record', '--from', 'more.jsonl', '--ledger', 'ledger');
  expect(
    more
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as unknown),
  ).toEqual([
    { index: 4, digest: image, sequence: 2 },
    { index: 5, digest: other, sequence: 1 },
    { index: 6, digest: image, sequence: 3 },
  ]);
  await run('custody', 'export', image, '--ledger', 'ledger', '--file', 'image.jsonl');
});

describe('custody', () => {
  it('shows the records in order, with what was given', async () => {
    const shown = JSON.parse(await run('custody', 'show', image, '--ledger', 'ledger', '-o', 'json')) as {
      records: { sequence: number; kind: string; predicate?: unknown; previous?: string; hash: string }[];
    };
    expect(shown.records.map(({ sequence, kind }) => [sequence, kind])).toEqual([
      [1, 'scan'],
      [2, 'approve'],
      [3, 'deploy'],
    ]);
    expect(shown.records[0]?.predicate).toEqual({ findings: 0, database: 'sha256:…' });
    expect(shown.records[2]?.previous).toBe(shown.records[1]?.hash);
    expect(await run('custody', 'show', image, '--ledger', 'ledger')).toMatch(/^1\t.*\tscan\tleaf 2\n2\t/);
  });

  it('T68 shows what somebody else wrote as JSON that changes no terminal', async () => {
    cpSync(at('ledger'), at('hostile'), { recursive: true });
    const predicate = { text: '\u009b31m \u202e \u0085' };
    writeFileSync(at('hostile.json'), JSON.stringify(predicate));
    await run('custody', 'record', other, '--kind', 'run', '--predicate', 'hostile.json', '--ledger', 'hostile');
    const text = await run('custody', 'show', other, '--ledger', 'hostile', '-o', 'json');
    expect(text).toContain('\\u009b31m \\u202e \\u0085');
    expect((JSON.parse(text) as { records: { predicate?: unknown }[] }).records.at(-1)?.predicate).toEqual(predicate);
  });

  it('an audit names a leaf where there is one, and none where the checkpoint is broken', async () => {
    cpSync(at('ledger'), at('headless'), { recursive: true });
    writeFileSync(at('headless/checkpoint'), 'no note\n');
    const broken = await plombe(['ledger', 'verify', '--ledger', 'headless', '-o', 'json']);
    expect(broken.code).toBe(1);
    expect((JSON.parse(broken.stdout) as VerifyLine).firstBroken).toEqual({
      link: 'ledger',
      check: 'format',
      message: expect.any(String) as string,
    });
    const newer = await plombe([
      'ledger',
      'verify',
      '--ledger',
      'ledger',
      '--checkpoint',
      'hostile/checkpoint',
      '-o',
      'json',
    ]);
    expect((JSON.parse(newer.stdout) as VerifyLine).firstBroken).toEqual(
      expect.not.objectContaining({ line: expect.anything() as number }),
    );
    cpSync(at('ledger'), at('flipped'), { recursive: true });
    const bytes = readFileSync(at('flipped/index'));
    bytes[64 * 2] = (bytes[64 * 2] ?? 0) ^ 1;
    writeFileSync(at('flipped/index'), bytes);
    const flipped = await plombe(['ledger', 'verify', '--ledger', 'flipped', '-o', 'json']);
    expect(JSON.parse(flipped.stdout)).toMatchObject({ firstBroken: { line: 3, link: 'index', check: 'consistency' } });
  });

  it('is exported as canonical lines', () => {
    const text = readFileSync(at('image.jsonl'), 'utf8');
    expect(text.endsWith('\n')).toBe(true);
    const lines = text.split('\n').slice(0, -1);
    const types = lines.map((line) => (JSON.parse(line) as { type: string }).type);
    const record = ['record', 'bundle', 'inclusionProof'];
    const head = [
      'header',
      'trustRoot',
      'checkpoint',
      'bundle',
      'inclusionProof',
      'bundle',
      'inclusionProof',
      'consistencyProof',
    ];
    expect(types).toEqual([...head, ...record, ...record, ...record, 'mapProof', 'seal']);
    const note = lines
      .map((line) => JSON.parse(line) as { type: string; note?: string })
      .find(({ type }) => type === 'checkpoint');
    expect(note?.note).toBe(readFileSync(at('ledger/checkpoint'), 'utf8'));
  });

  it('replaces no device and no link by an export', async () => {
    symlinkSync('/dev/full', at('full'));
    const full = await plombe(['custody', 'export', image, '--ledger', 'ledger', '--file', 'full']);
    expect({ code: full.code, stderr: full.stderr }).toEqual({
      code: 4,
      stderr: expect.stringContaining('ENOSPC') as string,
    });
    expect(readlinkSync(at('full'))).toBe('/dev/full');
    symlinkSync('linked.jsonl', at('link.jsonl'));
    writeFileSync(at('linked.jsonl'), '');
    await run('custody', 'export', image, '--ledger', 'ledger', '--file', 'link.jsonl');
    expect(readlinkSync(at('link.jsonl'))).toBe('linked.jsonl');
    expect(readFileSync(at('linked.jsonl'), 'utf8')).toBe(readFileSync(at('image.jsonl'), 'utf8'));
  });

  it('verifies far from the ledger, without network and home, by the key alone', async () => {
    const away = temporaryFolder();
    cpSync(at('image.jsonl'), join(away, 'x.jsonl'));
    const key = readFileSync(at('ledger/ledger.vkey'), 'utf8').trim();
    const { code, stdout, stderr } = await plombe(['custody', 'verify', 'x.jsonl', '--vkey', key, '-o', 'json'], {
      cwd: away,
    });
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(JSON.parse(stdout)).toMatchObject({
      file: 'x.jsonl',
      verdict: 'verified',
      digests: [{ digest: image, records: 3 }],
    });
  });

  it('answers one line per file, and names the first broken link of each', async () => {
    const lines = readFileSync(at('image.jsonl'), 'utf8').split(/(?<=\n)/);
    writeFileSync(at('gap.jsonl'), lines.toSpliced(11, 3).join(''));
    writeFileSync(at('spaced.jsonl'), lines.join('').replace(',"index"', ', "index"'));
    const { code, lines: answers } = await verify('image.jsonl', 'gap.jsonl', 'spaced.jsonl');
    expect(code).toBe(1);
    expect(answers.map(({ file, verdict }) => [file, verdict])).toEqual([
      ['image.jsonl', 'verified'],
      ['gap.jsonl', 'rejected'],
      ['spaced.jsonl', 'rejected'],
    ]);
    expect(answers[1]?.firstBroken).toMatchObject({ line: 12, link: `record 2 of ${image}`, check: 'sequence' });
    expect(answers[2]?.firstBroken).toMatchObject({ check: 'encoding' });
    const text = await plombe(['custody', 'verify', 'gap.jsonl', ...vkey]);
    expect(text.stdout).toContain(`gap.jsonl: rejected at line 12, record 2 of ${image}`);
  });

  it('a file that is not there is 4, and the others are judged', async () => {
    const { code, lines } = await verify('nowhere.jsonl', 'image.jsonl');
    expect(code).toBe(4);
    expect(lines.map(({ verdict }) => verdict)).toEqual(['rejected', 'verified']);
    writeFileSync(at('cut-off.jsonl'), readFileSync(at('image.jsonl')).subarray(0, -1));
    expect((await verify('cut-off.jsonl', 'nowhere.jsonl')).code).toBe(1);
    expect((await verify('nowhere.jsonl', 'cut-off.jsonl')).code).toBe(1);
  });

  it('T45 T70 checkpoints from elsewhere: earlier ones hold, newer ones and other histories do not', async () => {
    cpSync(at('ledger'), at('fork'), { recursive: true });
    cpSync(at('ledger'), at('yesterday'), { recursive: true });
    expect(
      (await verify('image.jsonl', '--checkpoint', 'first.checkpoint', '--checkpoint', 'ledger/checkpoint')).code,
    ).toBe(0);
    await run('custody', 'record', image, '--kind', 'retire', '--ledger', 'ledger');
    cpSync(at('ledger/checkpoint'), at('today.checkpoint'));
    const old = await verify('image.jsonl', '--checkpoint', 'today.checkpoint');
    expect(old.code).toBe(1);
    expect(old.lines[0]?.firstBroken).toMatchObject({ link: 'checkpoint', check: 'freshness' });
    await run('custody', 'export', image, '--ledger', 'yesterday', '--file', 'rollback.jsonl');
    expect((await verify('rollback.jsonl', '--checkpoint', 'today.checkpoint')).code).toBe(1);
    await run('custody', 'record', image, '--kind', 'run', '--ledger', 'fork');
    await run('custody', 'record', image, '--kind', 'run', '--ledger', 'fork');
    await run('custody', 'export', image, '--ledger', 'fork', '--file', 'fork.jsonl');
    expect((await verify('fork.jsonl')).code).toBe(0);
    const forked = await verify('fork.jsonl', '--checkpoint', 'today.checkpoint');
    expect(forked.code).toBe(1);
    expect(forked.lines[0]?.firstBroken).toMatchObject({ link: 'history', check: 'consistency' });
    const edited = readFileSync(at('today.checkpoint'), 'utf8').replace('\n10\n', '\n11\n');
    writeFileSync(at('edited.checkpoint'), edited);
    expect((await verify('fork.jsonl', '--checkpoint', 'edited.checkpoint')).code).toBe(1);
  });

  it('kill -9 of the program loses nothing that was answered', async () => {
    await run('ledger', 'init', '--ledger', 'killed', '--origin', 'example.com/killed');
    const answered: { index: number; sequence: number }[] = [];
    for (let round = 0; round < 3; round++) {
      const child = spawn(launcher, ['custody', 'record', '--from', '-', '--ledger', 'killed'], {
        cwd: home,
        env: { PATH: process.env['PATH'] ?? '', HOME: home },
      });
      let text = '';
      child.stdin.on('error', () => undefined);
      const line = `${JSON.stringify({ digest: image, kind: 'run', predicate: { round } })}\n`;
      const feed = setInterval(() => child.stdin.write(line.repeat(20)), 2);
      const ended = new Promise<void>((resolve) => child.once('close', () => resolve()));
      await new Promise<void>((resolve) => {
        child.stdout.on('data', (chunk: Buffer) => {
          text += chunk.toString();
          if (text.split('\n').length > 40 + round * 30) resolve();
        });
      });
      child.kill('SIGKILL');
      clearInterval(feed);
      await ended;
      const whole = text.slice(0, text.lastIndexOf('\n')).split('\n');
      answered.push(...whole.map((one) => JSON.parse(one) as { index: number; sequence: number }));
    }
    await run('custody', 'record', image, '--kind', 'retire', '--ledger', 'killed');
    const shown = JSON.parse(await run('custody', 'show', image, '--ledger', 'killed', '-o', 'json')) as {
      records: { index: number; sequence: number }[];
    };
    const indexes = new Map(shown.records.map(({ sequence, index }) => [sequence, index]));
    expect(answered.filter(({ sequence, index }) => indexes.get(sequence) !== index)).toEqual([]);
    expect(shown.records.map(({ sequence }) => sequence)).toEqual(shown.records.map((_, i) => i + 1));
    expect(await run('ledger', 'verify', '--ledger', 'killed')).toMatch(/^verified: /);
  });

  it('two writers are refused', async () => {
    const child = spawn(launcher, ['custody', 'record', '--from', '-', '--ledger', 'ledger'], {
      cwd: home,
      env: { PATH: process.env['PATH'] ?? '', HOME: home },
    });
    const ended = new Promise<void>((resolve) => child.once('close', () => resolve()));
    child.stdin.write(`${JSON.stringify({ digest: other, kind: 'run' })}\n`);
    await new Promise<void>((resolve) => child.stdout.once('data', () => resolve()));
    const { code, stderr } = await plombe(['custody', 'record', image, '--kind', 'run', '--ledger', 'ledger']);
    expect({ code, stderr }).toEqual({ code: 4, stderr: expect.stringContaining('[ledger/locked]') as string });
    expect(await run('custody', 'show', other, '--ledger', 'ledger')).toContain('\trun\t');
    child.stdin.end();
    await ended;
    await run('custody', 'record', image, '--kind', 'run', '--ledger', 'ledger');
  });
});

describe('mistakes end with 2 and leave the ledger as it is', () => {
  it.each([
    ['no ledger named', ['custody', 'show', image], "required option '--ledger <DIR>'"],
    ['no key', ['custody', 'verify', 'image.jsonl'], "required option '--vkey <VKEY>'"],
    ['a key that is none', ['custody', 'verify', 'image.jsonl', '--vkey', 'image.jsonl'], 'is not a verifier key'],
    ['no digest', ['custody', 'record', '--ledger', 'ledger', '--kind', 'run'], 'Name one digest with --kind'],
    [
      'a digest that is none',
      ['custody', 'record', 'sha256:x', '--ledger', 'ledger', '--kind', 'run'],
      'is not a digest',
    ],
    ['an unknown kind', ['custody', 'record', image, '--ledger', 'ledger', '--kind', 'bless'], 'must be one of build'],
    [
      'a predicate that is no JSON',
      ['custody', 'record', image, '--ledger', 'ledger', '--kind', 'run', '--predicate', 'ledger/checkpoint'],
      'cannot be kept',
    ],
    [
      'both ways at once',
      ['custody', 'record', image, '--from', 'more.jsonl', '--ledger', 'ledger'],
      'Name one digest',
    ],
    ['an origin with a space', ['ledger', 'init', '--ledger', 'new', '--origin', 'a b'], 'cannot name a log'],
  ])('%s', async (_, args, message) => {
    const { code, stdout, stderr } = await plombe(args);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toContain(message);
  });

  it.each([
    ['{"digest":"x","kind":"run"}', 'Line 2 does not name a digest'],
    [`{"digest":"${image}","kind":"run","note":1}`, 'Line 2 has a field note'],
    ['{', 'Line 2 cannot be kept'],
    [`{"digest":"${image}","kind":"run","predicate":12345678901234567890}`, 'is not held exactly'],
    [`{"digest":"${image}","digest":"${other}","kind":"run"}`, 'the name "digest" is there twice'],
  ])('line %j', async (line, message) => {
    const before = readFileSync(at('ledger/checkpoint'), 'utf8');
    const good = JSON.stringify({ digest: image, kind: 'run' });
    const { code, stderr } = await plombe(['custody', 'record', '--from', '-', '--ledger', 'ledger'], {
      stdin: `${good}\n${line}\n`,
    });
    expect(code).toBe(2);
    expect(stderr).toContain(message);
    expect(readFileSync(at('ledger/checkpoint'), 'utf8')).toBe(before);
  });

  it('T54 a predicate is UTF-8 to its end, and not without end', async () => {
    const before = readFileSync(at('ledger/checkpoint'), 'utf8');
    const record = ['custody', 'record', image, '--kind', 'run', '--ledger', 'ledger', '--predicate'];
    writeFileSync(at('latin.json'), Buffer.from('{"by":"M\xfcller"}', 'latin1'));
    const latin = await plombe([...record, 'latin.json']);
    expect({ code: latin.code, stderr: latin.stderr }).toEqual({
      code: 2,
      stderr: expect.stringContaining('not UTF-8') as string,
    });
    const endless = await plombe([...record, '/dev/zero']);
    expect({ code: endless.code, stderr: endless.stderr }).toEqual({
      code: 4,
      stderr: expect.stringContaining('is larger than') as string,
    });
    const line = Buffer.from(JSON.stringify({ digest: image, kind: 'run' }));
    writeFileSync(at('cut.jsonl'), Buffer.concat([line, Buffer.from([0xe2, 0x82])]));
    const cut = await plombe(['custody', 'record', '--from', 'cut.jsonl', '--ledger', 'ledger']);
    expect({ code: cut.code, stderr: cut.stderr }).toEqual({
      code: 2,
      stderr: expect.stringContaining('not UTF-8') as string,
    });
    expect(readFileSync(at('ledger/checkpoint'), 'utf8')).toBe(before);
  });

  it('what is not a ledger is 4', async () => {
    const { code, stderr } = await plombe(['custody', 'show', image, '--ledger', 'nowhere']);
    expect({ code, stderr }).toEqual({ code: 4, stderr: expect.stringContaining('[ledger/missing]') as string });
    expect(existsSync(at('nowhere'))).toBe(false);
  });

  it('a damaged ledger is found', async () => {
    cpSync(at('ledger'), at('damaged'), { recursive: true });
    const journal = readFileSync(at('damaged/journal/000000'));
    journal[journal.length >> 1] = (journal[journal.length >> 1] as number) ^ 1;
    writeFileSync(at('damaged/journal/000000'), journal);
    const { code, stdout } = await plombe(['ledger', 'verify', '--ledger', 'damaged', '-o', 'json']);
    expect(code).toBe(1);
    expect(JSON.parse(stdout)).toMatchObject({ verdict: 'rejected' });
  });
});
