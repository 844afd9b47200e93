// Orders of versions by the tools that define them, many pairs in one process.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sharedPath } from '../../../../kit/src/testing/shared.ts';
import type { Order } from './claim.ts';

type Command = readonly [command: string, ...parameters: string[]];

const python = (parse: string): Command => [
  'python3',
  '-c',
  `import sys, re
${parse}
for line in sys.stdin:
    a, b = line.rstrip('\\n').split('\\t')
    try:
        x, y = parse(a), parse(b)
        print((x > y) - (x < y))
    except Exception:
        print('error')`,
];

const pep440 = 'from packaging.version import Version as parse';

const semver = `def part(text):
    return (0, int(text), '') if text.isdigit() else (1, 0, text)
def parse(text):
    core, dash, pre = text.split('+')[0].partition('-')
    numbers = re.match(r'^v?(\\d+)\\.(\\d+)\\.(\\d+)$', core).groups()
    return ([int(n) for n in numbers], not dash, [part(p) for p in pre.split('.')] if dash else [])`;

const perl = `use Dpkg::Version;
while (<STDIN>) {
  chomp; my ($a, $b) = split /\\t/, $_, -1;
  my ($x, $y) = (Dpkg::Version->new($a), Dpkg::Version->new($b));
  print $x->is_valid && $y->is_valid ? version_compare($a, $b) : 'error', "\\n";
}`;

const lua = `for line in io.stdin:lines() do
  local a, b = line:match('^([^\\t]*)\\t([^\\t]*)$')
  io.stdout:write(string.format('%d', rpm.vercmp(a, b)), '\\n')
end`;

function folder(): string {
  return mkdtempSync(join(tmpdir(), 'plombe-oracle-'));
}

function rpm(): Command {
  const script = join(folder(), 'compare.lua');
  writeFileSync(script, lua);
  return ['rpm', '--eval', `%{lua: dofile('${script}')}`];
}

/** apk itself, from an Alpine root file system, called through its own loader. */
function apk(): Command | undefined {
  const image = sharedPath('images/alpine-minirootfs-3.20.3-x86_64.tar.gz');
  if (image === undefined) return undefined;
  const root = folder();
  spawnSync('tar', ['-xzf', image, '-C', root, './lib', './sbin/apk'], { stdio: 'ignore' });
  const loop = `while IFS="\t" read -r a b; do
    answer=$("$0/lib/ld-musl-x86_64.so.1" --library-path "$0/lib" "$0/sbin/apk" version -t "$a" "$b" 2>/dev/null)
    case "$answer" in '<') echo -1 ;; '=') echo 0 ;; '>') echo 1 ;; *) echo error ;; esac
  done`;
  return ['sh', '-c', loop, root];
}

const commands: Readonly<Record<string, () => Command | undefined>> = {
  deb: () => ['perl', '-e', perl],
  rpm,
  apk,
  pep440: () => python(pep440),
  semver: () => python(semver),
};

/** Asks the tool of a scheme for the order of all pairs at once; undefined where the machine does not have it. */
export function nativeOrder(scheme: string, pairs: Iterable<readonly [string, string]>): Order | undefined {
  const command = commands[scheme]?.();
  if (command === undefined) return undefined;
  const lines = [...new Set([...pairs].map(([a, b]) => `${a}\t${b}`))];
  const run = spawnSync(command[0], command.slice(1), {
    input: lines.map((line) => `${line}\n`).join(''),
    encoding: 'utf8',
    maxBuffer: 1 << 28,
  });
  const answers = (run.stdout ?? '').trimEnd().split('\n');
  if (run.status !== 0 || answers.length !== lines.length) return undefined;
  const known = new Map(lines.map((line, at) => [line, answers[at] === 'error' ? undefined : Number(answers[at])]));
  return (a, b) => known.get(`${a}\t${b}`);
}
