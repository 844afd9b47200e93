// Real installations made by npm and pip, read as a layer would be, against what the tools themselves list.
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { FoundPackage } from '@plombe/model';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Cataloger } from './cataloger.ts';
import { normalName } from './python/metadata.ts';
import { npmCataloger } from './npm/index.ts';
import { pythonCataloger } from './python/index.ts';
import { catalogFolder, run } from './testing/folder.ts';
import { type FileSpec, viewOf } from './testing/view.ts';

/** Returns the packages of a folder that holds nothing unreadable. */
function packagesIn(cataloger: Cataloger, folder: string): readonly FoundPackage[] {
  const { packages, diagnostics, complete } = catalogFolder(cataloger, folder);
  expect(diagnostics).toEqual([]);
  expect(complete).toBe(true);
  return packages;
}

const nameVersion = ({ namespace, name, version }: FoundPackage): string =>
  `${namespace === undefined ? '' : `${namespace}/`}${name}@${version}`;

const folder = mkdtempSync(join(tmpdir(), 'plombe-installed-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Writes a package that npm can install without a registry. */
function writePackage(path: string, manifest: object): void {
  const full = join(folder, 'sources', path, 'package.json');
  mkdirSync(dirname(full), { recursive: true });
  writeFileSync(full, JSON.stringify(manifest));
}

function npmPack(path: string): string {
  const output = run(join(folder, 'sources', path), 'npm', 'pack', '--json', '--pack-destination', folder);
  const [{ filename }] = JSON.parse(output ?? '[{}]') as [{ filename: string }];
  return join(folder, filename);
}

const hasNpm = run(folder, 'npm', '--version') !== undefined;

describe.skipIf(!hasNpm)('npm install (skipped: no npm)', () => {
  let app = '';
  beforeAll(() => {
    app = join(folder, 'app');
    writePackage('leaf-old', { name: 'leaf', version: '1.0.0', license: 'ISC' });
    writePackage('leaf-new', { name: 'leaf', version: '2.0.0-rc.1', license: 'MIT' });
    const old = npmPack('leaf-old');
    writePackage('scoped', { name: '@scope/branch', version: '0.3.0', dependencies: { leaf: `file:${old}` } });
    const dependencies = { leaf: `file:${npmPack('leaf-new')}`, '@scope/branch': `file:${npmPack('scoped')}` };
    mkdirSync(app);
    writeFileSync(
      join(app, 'package.json'),
      JSON.stringify({ name: 'app', version: '1.0.0', private: true, dependencies }),
    );
    run(app, 'npm', 'install', '--offline', '--ignore-scripts', '--no-audit', '--no-fund');
  });

  test('the same packages as npm ls', () => {
    interface Node {
      readonly version?: string;
      readonly dependencies?: Readonly<Record<string, Node>>;
    }
    const listed = new Set<string>();
    const visit = (node: Node): void => {
      for (const [name, child] of Object.entries(node.dependencies ?? {})) {
        listed.add(`${name}@${child.version}`);
        visit(child);
      }
    };
    visit(JSON.parse(run(app, 'npm', 'ls', '--all', '--json') ?? '{}') as Node);
    const installed = packagesIn(npmCataloger, app).filter((found) => found.weak !== true);
    expect(listed.size).toBe(3);
    expect(new Set(installed.map(nameVersion))).toEqual(listed);
  });
});

/** Writes a wheel (binary distribution format 1.0) with no more than its metadata; prints its file name. */
const makeWheel = `
import sys, zipfile
name, version = sys.argv[1:]
stem = name.replace('.', '_').replace('-', '_').lower() + '-' + version
info = stem + '.dist-info/'
with zipfile.ZipFile(stem + '-py3-none-any.whl', 'w') as wheel:
    wheel.writestr(info + 'METADATA', f'Metadata-Version: 2.1\\nName: {name}\\nVersion: {version}\\nLicense: MIT\\n\\nText\\n')
    wheel.writestr(info + 'WHEEL', 'Wheel-Version: 1.0\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n')
    wheel.writestr(info + 'RECORD', ''.join(f'{info}{file},,\\n' for file in ('METADATA', 'WHEEL', 'RECORD')))
print(stem + '-py3-none-any.whl')
`;

const hasPip = run(folder, 'python3', '-c', 'import pip') !== undefined;

describe.skipIf(!hasPip)('pip install --target (skipped: no pip)', () => {
  test('the same distributions as pip list', () => {
    const target = join(folder, 'site-packages');
    for (const [name, version] of [
      ['Plombe.Test_one', '1.0rc1'],
      ['plombe-test-two', '2!1.0.post1'],
    ] as const) {
      const file = run(folder, 'python3', '-c', makeWheel, name, version)?.trim() ?? '';
      const flags = ['--no-deps', '--no-index', '--quiet', '--target', target];
      run(folder, 'python3', '-m', 'pip', 'install', ...flags, file);
    }
    const output = run(folder, 'python3', '-m', 'pip', 'list', '--path', target, '--format', 'json') ?? '[]';
    const listed = JSON.parse(output) as readonly { readonly name: string; readonly version: string }[];
    const found = packagesIn(pythonCataloger, target);
    expect(listed).toHaveLength(2);
    expect(found.map(nameVersion)).toEqual(listed.map(({ name, version }) => `${normalName(name)}@${version}`));
    expect(found.map((one) => [one.licences, one.facts?.['installer']])).toEqual([
      [['MIT'], 'pip'],
      [['MIT'], 'pip'],
    ]);
  });
});

describe.skipIf(!hasPip)('the Python of this machine (skipped: no pip)', () => {
  test('has at least the distributions that pip lists', () => {
    const site = run(folder, 'python3', '-c', 'import sysconfig; print(sysconfig.get_path("purelib"))')?.trim() ?? '';
    const output = run(folder, 'python3', '-m', 'pip', 'list', '--path', site, '--format', 'json') ?? '[]';
    const listed = JSON.parse(output) as readonly { readonly name: string; readonly version: string }[];
    const specs: Record<string, FileSpec> = {};
    for (const entry of readdirSync(site, { withFileTypes: true })) {
      if (!/\.(?:dist|egg)-info$/.test(entry.name) || !entry.isDirectory()) continue;
      for (const file of readdirSync(join(site, entry.name), { withFileTypes: true })) {
        if (file.isFile()) specs[`${entry.name}/${file.name}`] = readFileSync(join(site, entry.name, file.name));
      }
    }
    const found = pythonCataloger.catalog(viewOf(specs, pythonCataloger), {}).packages.map(nameVersion);
    expect(found).toEqual(expect.arrayContaining(listed.map(({ name, version }) => `${normalName(name)}@${version}`)));
  });
});
