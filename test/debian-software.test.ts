// WordPress, RabbitMQ and packages of R out of Debian's packages, unpacked: found as what their own programs list.
import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { hasProgram, installed, temporaryFolder } from './support/plombe.ts';

const home = temporaryFolder();
const timeout = 120_000;

function output(program: string, args: readonly string[], cwd = home): string | undefined {
  const { status, stdout, stderr } = spawnSync(program, args, { cwd, encoding: 'utf8', timeout });
  if (status !== 0) console.warn(`SKIPPED: ${program} ended with ${status}: ${stderr.slice(-300)}`);
  return status === 0 ? stdout : undefined;
}

/** Returns a folder with the packages unpacked; undefined where they cannot be fetched. */
function unpacked(...names: readonly string[]): string | undefined {
  const fetched = join(home, `${names[0]}-fetched`);
  const root = join(home, names[0] ?? '');
  mkdirSync(fetched);
  mkdirSync(root);
  // What this machine has installed must not decide the version.
  const flags = ['-o', 'Dir::State::status=/dev/null', '-o', 'APT::Sandbox::User=root', 'download'];
  if (output('apt-get', [...flags, ...names], fetched) === undefined) return undefined;
  for (const file of readdirSync(fetched)) output('dpkg-deb', ['--extract', join(fetched, file), root]);
  return root;
}

interface Report {
  readonly packages: readonly { readonly name: string; readonly version: string; readonly cataloger: string }[];
}

async function found(root: string, id: string): Promise<readonly string[]> {
  const { stdout } = await installed(home)(['scan', `dir:${root}`, '-o', 'json']);
  const { packages } = JSON.parse(stdout) as Report;
  return packages
    .filter(({ cataloger }) => cataloger === id)
    .map(({ name, version }) => `${name}@${version}`)
    .sort();
}

const hasApt = hasProgram('apt-get') && hasProgram('dpkg-deb');
const linesOf = (text: string | undefined): string[] => (text ?? '').trim().split('\n').sort();

/** WordPress's own functions, which need few of its files. */
const wordpress = `<?php
define('ABSPATH', $argv[1] . '/usr/share/wordpress/');
define('WPINC', 'wp-includes');
define('WP_CONTENT_DIR', ABSPATH . 'wp-content');
define('WP_PLUGIN_DIR', WP_CONTENT_DIR . '/plugins');
define('WPMU_PLUGIN_DIR', WP_CONTENT_DIR . '/mu-plugins');
define('KB_IN_BYTES', 1024);
$wp_plugin_paths = [];
function wp_cache_get() { return false; }
function wp_cache_set() { return true; }
foreach (['version', 'plugin', 'formatting', 'functions'] as $file) require ABSPATH . "wp-includes/$file.php";
require ABSPATH . 'wp-admin/includes/plugin.php';
echo "wordpress@$wp_version\\n";
foreach (get_plugins() as $file => $data) echo dirname($file) . "@{$data['Version']}\\n";
foreach (glob(WP_CONTENT_DIR . '/themes/*/style.css') as $file)
  echo basename(dirname($file)) . '@' . get_file_data($file, ['Version' => 'Version'])['Version'] . "\\n";
`;

describe.skipIf(!hasApt || !hasProgram('php'))('WordPress', () => {
  it('is found with the plugins and themes that it lists itself', { timeout }, async ({ skip }) => {
    const themes = ['twentytwentythree', 'twentytwentytwo'].map((name) => `wordpress-theme-${name}`);
    const root = unpacked('wordpress', ...themes);
    if (root === undefined) return skip('apt has no packages');
    writeFileSync(join(home, 'list.php'), wordpress);
    const listed = linesOf(output('php', ['-d', 'display_errors=0', join(home, 'list.php'), root]));
    expect(listed).toHaveLength(4);
    expect(await found(root, 'wordpress')).toEqual(listed);
  });
});

describe.skipIf(!hasApt || !hasProgram('erl'))('RabbitMQ', () => {
  it('is found with the applications that Erlang reads of it', { timeout }, async ({ skip }) => {
    const root = unpacked('rabbitmq-server');
    if (root === undefined) return skip('apt has no packages');
    const read = `[begin {ok, [{application, N, P}]} = file:consult(F), io:format("~s@~s~n", [N, proplists:get_value(vsn, P)]) end || F <- filelib:wildcard("${root}/usr/lib/**/ebin/*.app")], halt().`;
    const listed = linesOf(output('erl', ['-noshell', '-eval', read]));
    expect(listed.length).toBeGreaterThan(50);
    expect(await found(root, 'erlang')).toEqual(listed);
  });
});

describe.skipIf(!hasApt || !hasProgram('Rscript'))('packages of R', () => {
  it('are those that installed.packages() lists', { timeout }, async ({ skip }) => {
    const names = ['jsonlite', 'ggplot2', 'rlang', 'xml2', 'lattice', 'matrix', 'mass'].map((name) => `r-cran-${name}`);
    const root = unpacked(...names);
    if (root === undefined) return skip('apt has no packages');
    const folders = ['library', 'site-library'].map((name) => `"${root}/usr/lib/R/${name}"`).join(', ');
    const list = `cat(apply(installed.packages(c(${folders}), noCache = TRUE)[, c("Package", "Version")], 1, paste, collapse = "@"), sep = "\\n")`;
    const listed = linesOf(output('Rscript', ['-e', list]));
    expect(listed).toHaveLength(names.length);
    expect(await found(root, 'r')).toEqual(listed);
  });
});
