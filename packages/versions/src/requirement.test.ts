// Requirements in the notations of the ecosystems: tables, and RubyGems' and Composer's own answers.
import { spawnSync } from 'node:child_process';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Interval } from './interval.ts';
import { schemeById } from './schemes.ts';
import { composerPieces, gemAnywhere, gemPieces } from './testing/arbitraries.ts';
import { answersOf, hasTool } from './testing/oracle.ts';
import { pairsOf, piecesOf, samplePairs, versionsOf, type Pair } from './testing/pairs.ts';

/** Writes intervals in brackets, an open end as nothing. */
function written(id: string, text: string): string | undefined {
  return schemeById(id)
    ?.requirement?.(text)
    ?.map(
      ({ from, to }) =>
        `${from?.included ? '[' : '('}${from?.version ?? ''},${to?.version ?? ''}${to?.included ? ']' : ')'}`,
    )
    .join(' ');
}

it.each([
  ['gem', '~> 1.2.3', '[1.2.3,1.3.A)'],
  ['gem', '~> 1', '[1,2.A)'],
  ['gem', '~> 1.2.3.rc1', '[1.2.3.rc1,1.3.A)'],
  ['gem', '~> 5.2.1, >= 5.2.1.1', '[5.2.1.1,5.3.A)'],
  ['gem', '>= 1.0, != 1.5, < 2', '[1.0,1.5) (1.5,2)'],
  ['gem', '< 1, > 2', ''],
  ['gem', '1.0', '[1.0,1.0]'],
  ['gem', '> 1.0', '(1.0,)'],
  ['gem', '~> ', undefined],
  ['gem', '^1.0', undefined],
  ['gem', '', undefined],
  ['composer', '>=4.8.4,<4.8.6', '[4.8.4-dev,4.8.6-dev)'],
  ['composer', '>=1.0 <1.2||>2.0,<=2.1', '[1.0-dev,1.2-dev) (2.0,2.1]'],
  ['composer', '>=1.0-beta1', '[1.0-beta1,)'],
  ['composer', '1.2', '[1.2,1.2]'],
  ['composer', '^1.2', undefined],
  ['composer', '>=', undefined],
  ['composer', '>=1.0,,<2', undefined],
  ['maven', '[1.0,2.0)', '[1.0,2.0)'],
  ['maven', '(,1.0],[1.2,)', '(,1.0] [1.2,)'],
  ['maven', '[1.0]', '[1.0,1.0]'],
  ['maven', '(1.0)', undefined],
  ['maven', '[1.0', undefined],
  ['maven', '[1,2,3]', undefined],
  ['maven', '1.0', undefined],
  ['maven', '[1.0],', undefined],
  ['nuget', '[1.0, 2.0-beta)', '[1.0,2.0-beta)'],
  ['nuget', '(, 3.0.0.1]', '(,3.0.0.1]'],
  ['nuget', '[a,)', undefined],
  ['semver', '8.x || ^9.1.2', '[8.0.0-0,9.0.0-0) [9.1.2,10.0.0-0)'],
  ['semver', '>= 0.2.0 <= 0.9.6 || ~0.8.0-pre', '[0.2.0,0.9.6] [0.8.0-pre,0.9.0-0)'],
  ['semver', ' ^10.24.0 || 15.2.1', '[10.24.0,11.0.0-0) [15.2.1,15.2.1]'],
  ['semver', '<= 10', '(,11.0.0-0)'],
  ['semver', '*', '(,)'],
  ['semver', '<0.0.0', '(,0.0.0)'],
  ['semver', '1.2 - 2', '[1.2.0-0,3.0.0-0)'],
  ['semver', '^0.0.3', '[0.0.3,0.0.4-0)'],
  ['semver', '>1.2', '[1.3.0-0,)'],
  ['semver', 'latest', undefined],
  ['semver', '1.2.3.4', undefined],
  ['semver', '1x', undefined],
] as const)('%s %s is %s', (id, text, expected) => {
  expect(written(id, text)).toBe(expected);
});

it('reads no longer text', () => {
  const texts: readonly (readonly [string, string])[] = [
    ['gem', '!= 1,'.repeat(300) + '1'],
    ['composer', '!=1,'.repeat(300) + '1'],
    ['maven', '[1],'.repeat(300) + '[1]'],
    ['semver', '1||'.repeat(400) + '1'],
  ];
  for (const [id, text] of texts) expect(written(id, text)).toBeUndefined();
});

/** Whether the version is in one of the intervals: 1 for yes, 0 for no; undefined where something is no version. */
function allows(id: string, version: string, intervals: readonly Interval[] | undefined): 0 | 1 | undefined {
  const scheme = schemeById(id);
  const at = scheme?.parse(version);
  if (scheme === undefined || at === undefined || intervals === undefined) return undefined;
  return intervals.some(({ from, to }) => {
    const [above, below] = [from, to].map((bound) =>
      bound === undefined ? undefined : scheme.compare(at, scheme.parse(bound.version)),
    );
    const isAbove = above === undefined || above > 0 || (above === 0 && from?.included === true);
    return isAbove && (below === undefined || below < 0 || (below === 0 && to?.included === true));
  })
    ? 1
    : 0;
}

function expectSame(id: string, pairs: readonly Pair[], command: string, parameters: readonly string[]): void {
  const answers = answersOf(command, parameters, pairs);
  const wrong: string[] = [];
  let answered = 0;
  for (const [at, [version, requirement]] of pairs.entries()) {
    if (answers[at] === undefined) continue;
    answered += 1;
    const ours = allows(id, version, schemeById(id)?.requirement?.(requirement));
    if (ours !== answers[at]) wrong.push(`${version} in ${requirement}: ours ${ours}, theirs ${answers[at]}`);
  }
  expect(wrong.slice(0, 20)).toEqual([]);
  expect(answered).toBeGreaterThanOrEqual(20_000);
}

const ruby = `
STDIN.each_line(chomp: true) do |line|
  version, requirement = line.split("\\t", -1)
  begin
    puts Gem::Requirement.new(requirement.split(',')).satisfied_by?(Gem::Version.new(version)) ? 1 : 0
  rescue ArgumentError
    puts 'error'
  end
end`;

describe.skipIf(!hasTool('ruby', 'ruby', ['-e', 'Gem::Version']))('Gem::Requirement', () => {
  it('agrees on 40,000 versions and requirements', () => {
    const signs = ['~> ', '>= ', '< ', '<= ', '> ', '!= ', '= ', '', '~> 1.0, >= ', '< 2, != '];
    const pairs = samplePairs(pairsOf(gemPieces, gemAnywhere), 40_000)
      // Ruby takes blanks alone for a version; capital letters before `a` are nobody's pre-release.
      .map(([version, bound], at): Pair => [version, `${signs[at % signs.length]}${bound}`])
      .filter((pair) => !pair.some((text) => /[A-Z]/.test(text)));
    expectSame('gem', pairs, 'ruby', ['-e', ruby]);
  });
});

const library = '/usr/share/php/Composer/Semver/autoload.php';
const php = `
require '${library}';
while (($line = fgets(STDIN)) !== false) {
  [$version, $requirement] = explode("\\t", rtrim($line, "\\n"));
  try {
    $normal = (new Composer\\Semver\\VersionParser())->normalize($version);
    echo str_starts_with($normal, 'dev-') ? 'error' : (int) Composer\\Semver\\Semver::satisfies($version, $requirement), "\\n";
  } catch (UnexpectedValueException $e) {
    echo "error\\n";
  }
}`;

describe.skipIf(!hasTool('composer', 'php', ['-r', `require '${library}';`]))('Composer\\Semver\\Semver', () => {
  it('agrees on versions and requirements', () => {
    const signs = ['>=', '<', '<=', '>', '!=', '==', '>=0.1-beta,<', '<2-RC2|>='];
    const bounds = piecesOf(
      ['0', '1', 'v1.0', '1.2', '2', '01.2'],
      [],
      ['.1', '.0', '.3.4'],
      ['-alpha1', '-beta.3', '-RC2', '-patch1', '-dev', '-stable'],
    );
    const versions = fc.oneof(versionsOf(composerPieces), versionsOf(bounds));
    const pairs = fc
      .sample(fc.tuple(versions, versionsOf(bounds)), { numRuns: 50_000, seed: 20_260_301 })
      .map(([version, bound], at): Pair => [version, `${signs[at % signs.length]}${bound}`]);
    expectSame('composer', pairs, 'php', ['-r', php]);
  });
});

const nodeSemver = `
const { createRequire } = require('node:module');
const semver = createRequire(process.argv[1])('semver');
const lines = require('node:fs').readFileSync(0, 'utf8').split('\\n').slice(0, -1);
for (const line of lines) {
  const [version, range] = line.split('\\t');
  if (semver.valid(version) === null || semver.validRange(range) === null) console.log('error');
  else console.log(semver.satisfies(version, range, { includePrerelease: true }) ? 1 : 0);
}`;
const npm = spawnSync('sh', ['-c', 'realpath "$(command -v npm)"'], { encoding: 'utf8' }).stdout.trim();

describe.skipIf(!hasTool('npm', 'npm', ['--version']))('node-semver', () => {
  it('agrees on versions and ranges', () => {
    const signs = ['', '^', '~', '>=', '>', '<', '<=', '=', '>=1.0.0 <', '1.x || >=', '0.1.0 - ', '>= 0.2 || ^'];
    const numbers = fc
      .array(fc.integer({ min: 0, max: 3 }), { minLength: 3, maxLength: 3 })
      .map((list) => list.join('.'));
    const tail = fc.constantFrom('', '', '', '-0', '-beta.1', '-rc.2');
    const partial = fc.constantFrom('0', '1', '2', '1.2', '0.1', '1.x', '0.0', '*', '2.*', '1.2.x');
    const versions = fc.tuple(numbers, tail).map(([text, end]) => `${text}${end}`);
    const pairs = fc
      .sample(fc.tuple(versions, fc.oneof(versions, versions, partial)), { numRuns: 40_000, seed: 20_261_128 })
      .map(([version, bound], at): Pair => [version, `${signs[at % signs.length]}${bound}`]);
    expectSame('semver', pairs, 'node', ['-e', nodeSemver, npm]);
  });
});
