// apk's own order is the judge: the library of an Alpine root file system, called through its own loader.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sharedPath } from '@plombe/kit/testing';
import { afterAll, describe, expect, it } from 'vitest';
import { compareVersions } from '../schemes.ts';
import { apkAnywhere, apkPieces } from '../testing/arbitraries.ts';
import { answersOf, expectAnswers } from '../testing/oracle.ts';
import { pairsOf, samplePairs } from '../testing/pairs.ts';

// No C library to compile against is needed: what it calls is in Alpine's own.
const program = `
typedef struct { long size; char *text; } blob;
int apk_version_compare_blob(blob a, blob b);
int apk_version_validate(blob a);
long read(int, void *, unsigned long);
long write(int, const void *, unsigned long);
void _exit(int);
static char in[1 << 24], out[1 << 20];
__attribute__((force_align_arg_pointer)) void _start(void) {
  long size = 0, got, used = 0;
  while ((got = read(0, in + size, sizeof in - size)) > 0) size += got;
  for (char *at = in; at < in + size;) {
    blob a = {0, at}, b;
    while (*at != '\\t') at++;
    a.size = at++ - a.text;
    b.text = at;
    while (*at != '\\n') at++;
    b.size = at++ - b.text;
    int order = apk_version_validate(a) && apk_version_validate(b) ? apk_version_compare_blob(a, b) : 0;
    const char *answer = order == 1 ? "0\\n" : order == 2 ? "-1\\n" : order == 4 ? "1\\n" : "error\\n";
    while (*answer) out[used++] = *answer++;
  }
  for (long done = 0; done < used;) done += write(1, out + done, used - done);
  _exit(0);
}`;

const image = sharedPath('images/alpine-minirootfs-3.20.3-x86_64.tar.gz');
const folder = mkdtempSync(join(tmpdir(), 'plombe-apk-'));
const judge = image === undefined ? undefined : buildJudge(image);
if (judge === undefined)
  console.warn('SKIPPED: no Alpine root file system or no compiler, the order of apk was not compared');

describe.skipIf(judge === undefined)('apk-tools 2.14', () => {
  afterAll(() => rmSync(folder, { recursive: true }));

  it('agrees on 40,000 pairs', () => {
    const pairs = samplePairs(pairsOf(apkPieces, apkAnywhere), 40_000);
    const [command = '', ...parameters] = judge ?? [];
    const answers = answersOf(command, parameters, pairs);
    expectAnswers('apk', pairs, answers, { lenient: true });
  });

  it('takes no version that we refuse', () => {
    const pairs = samplePairs(pairsOf(apkPieces, apkAnywhere), 20_000);
    const [command = '', ...parameters] = judge ?? [];
    const answers = answersOf(command, parameters, pairs);
    const refused = pairs.filter(
      ([a, b], at) => answers[at] !== undefined && compareVersions('apk', a, b) === undefined,
    );
    expect(refused).toEqual([]);
  });
});

/** The command that runs the judge, undefined where it cannot be built or run. */
function buildJudge(archive: string): readonly string[] | undefined {
  const lib = join(folder, 'lib');
  const loader = join(lib, 'ld-musl-x86_64.so.1');
  const source = join(folder, 'judge.c');
  const binary = join(folder, 'judge');
  writeFileSync(source, program);
  spawnSync('tar', ['-xzf', archive, '-C', folder, './lib'], { stdio: 'ignore' });
  const flags = [
    '-O1',
    '-fno-builtin',
    '-fno-stack-protector',
    '-nostdlib',
    '-nostartfiles',
    '-no-pie',
    '-Wl,--allow-shlib-undefined',
  ];
  spawnSync('gcc', [...flags, '-o', binary, source, join(lib, 'libapk.so.2.14.0'), loader], { stdio: 'ignore' });
  const command = [loader, '--library-path', lib, binary];
  const trial = spawnSync(loader, command.slice(1), { input: '1\t2\n', encoding: 'utf8' });
  return trial.stdout === '-1\n' ? command : undefined;
}
