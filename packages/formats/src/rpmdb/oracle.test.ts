// Databases that rpm itself made or reads: every value must be the one that `rpm -qa` prints.
import { execFileSync, spawnSync } from 'node:child_process';
import {
  copyFileSync,
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { sharedPath } from '@plombe/kit/testing';
import { afterAll, expect, test } from 'vitest';
import { readNdbBlobs } from '../ndb/packages.ts';
import { insertPackages } from '../testing/rpm.ts';
import { readRpmDatabase } from './database.ts';
import { rpmTags } from './tags.ts';

const hasRpm = spawnSync('rpm', ['--version']).status === 0;
const hasRpmbuild = spawnSync('rpmbuild', ['--version']).status === 0;
if (!hasRpm || !hasRpmbuild) console.warn('skipped: rpm or rpmbuild is not installed');

const folder = mkdtempSync(join(tmpdir(), 'plombe-rpm-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const format =
  ['NAME', 'EPOCH', 'VERSION', 'RELEASE', 'ARCH', 'SOURCERPM', 'VENDOR', 'LICENSE', 'MODULARITYLABEL']
    .map((tag) => `%{${tag}}`)
    .join('\\t') + '\\t[%{FILENAMES};]\\n';

function rpm(database: string, ...args: readonly string[]): string {
  const all = ['--dbpath', database, ...args];
  return execFileSync('rpm', all, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'], maxBuffer: 2 ** 26 });
}

function ours(file: string): string[] {
  const problems: string[] = [];
  const onProblem = (sentence: string): undefined => void problems.push(sentence);
  const lines = [...readRpmDatabase(readFileSync(file), { onProblem })].map((header) => {
    const texts = [
      header.text(rpmTags.name),
      header.number(rpmTags.epoch),
      header.text(rpmTags.version),
      header.text(rpmTags.release),
      header.text(rpmTags.architecture),
      header.text(rpmTags.sourceRpm),
      header.text(rpmTags.vendor),
      header.text(rpmTags.licence),
      header.text(rpmTags.modularityLabel),
    ].map((value) => value ?? '(none)');
    return [...texts, [...header.paths()].map((path) => `/${path};`).join('')].join('\t');
  });
  expect(problems).toEqual([]);
  return lines.sort();
}

function theirs(database: string, ...args: readonly string[]): string[] {
  return rpm(database, ...args, '-qa', '--qf', format)
    .split('\n')
    .filter((line) => line !== '')
    .sort();
}

function place(name: string, source: string): string {
  const database = mkdtempSync(join(folder, 'db-'));
  copyFileSync(source, join(database, name));
  chmodSync(join(database, name), 0o644);
  return database;
}

const spec = `
Name: epochy
Epoch: 7
Version: 1.2~rc1^git
Release: 3
Summary: s
License: MIT AND (BSD-3-Clause OR Apache-2.0)
Vendor: Ünïcode Vendor <x@example.org>
ModularityLabel: epochy:1:8000:abcd
%description
d
%package -n sub-with-dash
Epoch: 2
Version: 9.9
Summary: s
%description -n sub-with-dash
d
%package nothing
Summary: s
BuildArch: noarch
%description nothing
d
%install
mkdir -p %{buildroot}/usr/bin "%{buildroot}/usr/lib/py/x-1.dist-info" %{buildroot}/opt
echo x > %{buildroot}/usr/bin/epochy
echo x > %{buildroot}/usr/lib/py/x-1.dist-info/METADATA
echo x > "%{buildroot}/opt/a b ä"
ln -s /usr/bin/epochy %{buildroot}/opt/link
%files
/usr/bin/epochy
"/opt/a b ä"
/opt/link
%files -n sub-with-dash
/usr/lib/py
%files nothing
`;

test.skipIf(!hasRpm || !hasRpmbuild)('a database that rpm made of packages that rpmbuild built', () => {
  const specFile = join(folder, 'epochy.spec');
  writeFileSync(specFile, spec);
  const top = join(folder, 'top');
  const defines = ['--define', `_topdir ${top}`, '--define', '_build_id_links none'];
  for (const target of ['x86_64', 'i686', 'aarch64']) {
    execFileSync('rpmbuild', ['-bb', '--quiet', '--target', target, ...defines, specFile], { stdio: 'ignore' });
  }
  const built = readdirSync(join(top, 'RPMS'), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.rpm'))
    .map((name) => join(top, 'RPMS', name));
  const database = join(folder, 'made');
  mkdirSync(database);
  rpm(database, '--initdb');
  rpm(database, '-i', '--justdb', '--nodeps', '--ignorearch', '--force', ...built);
  const expected = theirs(database);
  expect(expected).toHaveLength(7);
  expect(ours(join(database, 'rpmdb.sqlite'))).toEqual(expected);
  rpm(database, '-e', '--justdb', '--nodeps', 'epochy-nothing');
  expect(ours(join(database, 'rpmdb.sqlite'))).toEqual(theirs(database));
  expect(ours(join(database, 'rpmdb.sqlite'))).toHaveLength(6);
});

test.skipIf(!hasRpm)('the real SQLite database of CBL-Mariner 2.0', () => {
  const path = sharedPath('rpmdb/cbl-mariner-2.0/rpmdb.sqlite');
  if (path === undefined) return console.warn('skipped: there is no Mariner database');
  expect(ours(path)).toEqual(theirs(place('rpmdb.sqlite', path)));
});

test.skipIf(!hasRpm)('the real Berkeley DB of a RHEL package', () => {
  const path = sharedPath('rpmdb/libuuid/Packages');
  if (path === undefined) return console.warn('skipped: there is no Berkeley DB database');
  expect(ours(path)).toEqual(theirs(place('Packages', path), '--define', '_db_backend bdb_ro'));
});

test.skipIf(!hasRpm)('the real NDB of SLE 15, its blobs put into a SQLite database for an rpm that has no NDB', () => {
  const path = sharedPath('rpmdb/sle15-bci/Packages.db');
  if (path === undefined) return console.warn('skipped: there is no NDB database');
  const blobs = [...readNdbBlobs(readFileSync(path), () => undefined)];
  const database = mkdtempSync(join(folder, 'db-'));
  rpm(database, '--initdb');
  const target = new DatabaseSync(join(database, 'rpmdb.sqlite'));
  insertPackages(target, blobs);
  target.close();
  expect(ours(path)).toEqual(theirs(database));
});
