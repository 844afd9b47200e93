// `plombe completion` in the shells themselves: each is given a command line and says what it would offer.
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { hasProgram, installed, temporaryFolder } from './support/plombe.ts';

const home = temporaryFolder();
const plombe = installed(home);
const shells = ['bash', 'zsh', 'fish', 'powershell'] as const;

beforeAll(async () => {
  for (const shell of shells) {
    const { code, stdout, stderr } = await plombe(['completion', shell]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    writeFileSync(join(home, `plombe.${shell}`), stdout);
  }
});

/** Command line, with its last word unfinished, and what is offered for that, sorted. */
const cases: readonly (readonly [readonly string[], readonly string[]])[] = [
  [['sc'], ['scan', 'scanner-adapter']],
  [
    ['db', ''],
    ['build', 'help', 'status', 'update', 'verify'],
  ],
  [['db', 'build', '--fr'], ['--from']],
  [
    ['scan', '--pl'],
    ['--plain-http', '--platform'],
  ],
  [['scan', 'alpine', '--fail-on', 'h'], ['high']],
  [
    ['scan', '--declared', 'a'],
    ['always', 'auto'],
  ],
  [['convert', 'r.json', '--severity', 'm'], ['medium']],
  [
    ['scan', '-o', 's'],
    ['sarif', 'spdx'],
  ],
  [
    ['sbom', '--output', ''],
    ['cyclonedx', 'spdx'],
  ],
  // The value of a flag is no command, whatever it is called.
  [['scan', '--db', 'db', '--of'], ['--offline']],
  [['registry', 'posture', '--kind', 'a'], ['acr']],
  [['completion', 'z'], ['zsh']],
];

const scripts = {
  bash: {
    program: 'bash',
    flags: ['--norc', '-c'],
    script: (words: readonly string[]) =>
      `. ./plombe.bash; COMP_WORDS=(plombe ${words.map((word) => `'${word}'`).join(' ')}); COMP_CWORD=${words.length}; _plombe; printf '%s\\n' "\${COMPREPLY[@]}"`,
  },
  zsh: {
    program: 'zsh',
    flags: ['-f', '-c'],
    // What completion calls is shown instead; the rest is the real function.
    script: (words: readonly string[]) =>
      `compdef() { }; _files() { }; _describe() { print -rl -- "\${(P@)2}" }; . ./plombe.zsh; words=(plombe ${words.map((word) => `'${word}'`).join(' ')}); CURRENT=${words.length + 1}; _plombe`,
  },
  fish: {
    program: 'fish',
    flags: ['--no-config', '-c'],
    script: (words: readonly string[]) => `source plombe.fish; complete -C 'plombe ${words.join(' ')}'`,
  },
  powershell: {
    program: 'pwsh',
    flags: ['-NoProfile', '-Command'],
    script: (words: readonly string[]) => {
      const line = `plombe ${words.join(' ')}`;
      // Only files named .ps1 are scripts to it.
      return `Invoke-Expression (Get-Content -Raw ./plombe.powershell); [System.Management.Automation.CommandCompletion]::CompleteInput('${line}', ${line.length}, $null).CompletionMatches | ForEach-Object { $_.CompletionText }`;
    },
  },
} as const;

describe.each(shells)('%s', (shell) => {
  const { program, flags, script } = scripts[shell];

  it.skipIf(!hasProgram(program)).each(cases)('plombe %j offers %j', (words, expected) => {
    const { status, stdout, stderr } = spawnSync(program, [...flags, script(words)], { cwd: home, encoding: 'utf8' });
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    const offered = stdout
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => (shell === 'zsh' ? line.replace(/:.*$/, '') : line.replace(/\t.*$/, '')))
      // zsh itself leaves out what does not begin as the word does.
      .filter((word) => word.startsWith(words.at(-1) ?? ''));
    expect(offered.toSorted()).toEqual(expected);
  });
});

it('another shell is refused', async () => {
  const outcome = await plombe(['completion', 'csh']);
  expect(outcome).toMatchObject({ code: 2, stdout: '' });
  expect(outcome.stderr).toContain('Allowed choices are bash, zsh, fish, powershell');
});
