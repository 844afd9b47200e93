// Packages of .NET: dependency lists, frameworks, assemblies, programs in one file; whole and hostile.
import { describe, expect, test } from 'vitest';
import { catalogerContract } from '../testing/contract.ts';
import { type FileSpecs, viewOf } from '../testing/view.ts';
import { assemblyPackage } from './assembly.ts';
import { dotnetCataloger } from './index.ts';
import { assembly, bundle, host } from './testing/programs.ts';

const catalog = (specs: FileSpecs) => dotnetCataloger.catalog(viewOf(specs, dotnetCataloger), {});
const named = (specs: FileSpecs): readonly string[] =>
  catalog(specs).packages.map(({ name, version }) => `${name}@${version}`);

const path = 'app/Shop.deps.json';
const depsOf = (target: object, libraries: object = {}, name = '.NETCoreApp,Version=v8.0/linux-x64'): string =>
  JSON.stringify({
    runtimeTarget: { name, signature: '' },
    targets: { '.NETCoreApp,Version=v8.0': {}, [name]: target },
    libraries,
  });

const target = {
  'Shop/1.2.0': { dependencies: { 'Newtonsoft.Json': '13.0.1' }, runtime: { 'Shop.dll': {} } },
  'runtimepack.Microsoft.NETCore.App.Runtime.linux-x64/8.0.1': {
    runtime: { 'System.Text.Json.dll': {} },
    native: { 'libcoreclr.so': {} },
  },
  'Newtonsoft.Json/13.0.1': { runtime: { 'lib/netstandard2.0/Newtonsoft.Json.dll': { fileVersion: '13.0.1.25517' } } },
  'System.Drawing.Common/5.0.0': {
    runtimeTargets: {
      'runtimes/unix/lib/netcoreapp3.0/System.Drawing.Common.dll': { rid: 'unix', assetType: 'runtime' },
    },
  },
  'Humanizer.Core.de/2.8.26': { resources: { 'lib/netstandard1.0/de/Humanizer.resources.dll': { locale: 'de' } } },
  'SQLitePCLRaw.lib.e_sqlite3/2.1.6': { native: { 'runtimes/linux-x64/native/libe_sqlite3.so': {} } },
  'Only.Compiled/1.0.0': { compileOnly: true, compile: { 'lib/x.dll': {} } },
  'Meta.Package/2.0.0': { dependencies: { 'Newtonsoft.Json': '13.0.1' } },
  'Placeholder/3.0.0': { runtime: { 'lib/net6.0/_._': {} } },
  'Loose.Reference/1.0.0.0': { runtime: { 'Loose.dll': {} } },
};
const libraries = {
  'Shop/1.2.0': { type: 'project' },
  'runtimepack.Microsoft.NETCore.App.Runtime.linux-x64/8.0.1': { type: 'runtimepack' },
  'Newtonsoft.Json/13.0.1': { type: 'package', sha512: 'x' },
  'Loose.Reference/1.0.0.0': { type: 'reference' },
};
const deps = depsOf(target, libraries);
const config = JSON.stringify({
  runtimeOptions: { tfm: 'net8.0', includedFrameworks: [{ name: 'Microsoft.NETCore.App', version: '8.0.1' }] },
});

catalogerContract(dotnetCataloger, {
  [path]: deps,
  'app/Shop.runtimeconfig.json': config,
  'app/Newtonsoft.Json.dll': assembly({
    name: 'Newtonsoft.Json',
    version: [13, 0, 0, 0],
    texts: { ProductVersion: '13.0.1+ae9fe44' },
  }),
  'plugins/Other.dll': assembly({ name: 'Other', version: [1, 0, 0, 0], texts: { ProductVersion: '1.5.0-rc.1+abc' } }),
  'bin/tool': bundle(host(), { 'tool.deps.json': depsOf({ 'Serilog/2.10.0': { runtime: { 'Serilog.dll': {} } } }) }),
});

test('the packages of a program in full', () => {
  const { packages, diagnostics, complete } = catalog({
    [path]: deps,
    'app/Shop.runtimeconfig.json': config,
    'app/Newtonsoft.Json.dll': assembly({ name: 'Newtonsoft.Json', version: [13, 0, 0, 0], texts: {} }),
  });
  const common = { type: 'nuget', licences: [], paths: [path, 'app/Shop.runtimeconfig.json'] };
  const missing = { weak: true, facts: { files: 'missing' } };
  expect(packages).toEqual([
    { ...common, name: 'Shop', version: '1.2.0', origin: 'local', facts: { libraryType: 'project' } },
    {
      ...common,
      name: 'Microsoft.NETCore.App.Runtime.linux-x64',
      version: '8.0.1',
      facts: { libraryType: 'runtimepack' },
    },
    { ...common, name: 'Newtonsoft.Json', version: '13.0.1' },
    { ...common, name: 'System.Drawing.Common', version: '5.0.0', ...missing },
    { ...common, name: 'Humanizer.Core.de', version: '2.8.26', ...missing },
    { ...common, name: 'SQLitePCLRaw.lib.e_sqlite3', version: '2.1.6' },
    { ...common, name: 'Loose.Reference', version: '1.0.0.0', weak: true, facts: { libraryType: 'reference' } },
  ]);
  expect(diagnostics).toEqual([]);
  expect(complete).toBe(true);
});

describe('frameworks', () => {
  const shared = (name: string, version: string, text: string): FileSpecs => ({
    [`usr/share/dotnet/shared/${name}/${version}/${name}.deps.json`]: text,
  });
  test.each([
    [
      'of .NET 8 names its runtime pack itself',
      'Microsoft.NETCore.App',
      '8.0.1',
      { 'Microsoft.NETCore.App.Runtime.linux-x64/8.0.1': { native: { 'libcoreclr.so': {} } } },
      ['Microsoft.NETCore.App.Runtime.linux-x64@8.0.1'],
    ],
    [
      'of .NET Core 3 is named as advisories do',
      'Microsoft.NETCore.App',
      '3.1.23',
      { 'runtime.linux-x64.Microsoft.NETCore.App/3.1.23-servicing.22122.4': { native: { 'libcoreclr.so': {} } } },
      [
        'runtime.linux-x64.Microsoft.NETCore.App@3.1.23-servicing.22122.4',
        'Microsoft.NETCore.App.Runtime.linux-x64@3.1.23',
      ],
    ],
    ['of .NET Core 2 has its own name', 'Microsoft.AspNetCore.App', '2.1.30', {}, ['Microsoft.AspNetCore.App@2.1.30']],
  ])('one %s', (_title, name, version, libs, expected) => {
    expect(named(shared(name, version, depsOf(libs)))).toEqual(expected);
  });

  test.each([
    ['ubuntu.22.04-x64', 'linux-x64'],
    ['alpine.3.18-arm64', 'linux-musl-arm64'],
    ['rhel.6-x64', 'rhel.6-x64'],
    ['win-x64', 'win-x64'],
    ['linux-musl-x64', 'linux-musl-x64'],
  ])('one for %s has the name that is published for %s', (platform, published) => {
    const pack = `Microsoft.AspNetCore.App.Runtime.${platform}`;
    const { packages } = catalog(
      shared('Microsoft.AspNetCore.App', '8.0.1', depsOf({ [`${pack}/8.0.1`]: { native: { 'x.so': {} } } })),
    );
    const facts = platform === published ? undefined : { declaredName: pack };
    expect(packages.map((one) => [one.name, one.facts])).toEqual([
      [`Microsoft.AspNetCore.App.Runtime.${published}`, facts],
    ]);
    const older = catalog(
      shared('Microsoft.NETCore.App', '3.1.1', depsOf({}, {}, `.NETCoreApp,Version=v3.1/${platform}`)),
    );
    expect(older.packages[0]?.name).toBe(`Microsoft.NETCore.App.Runtime.${published}`);
  });

  test('one that a program brings without saying of what is a runtime pack too', () => {
    const list = depsOf({ 'x/1.0.0': {} }, { 'x/1.0.0': { type: 'project' } });
    const specs = { 'app/x.deps.json': list, 'app/x.runtimeconfig.json': config };
    expect(named(specs)).toEqual(['x@1.0.0', 'Microsoft.NETCore.App.Runtime.linux-x64@8.0.1']);
    expect(named({ 'app/x.runtimeconfig.json': config })).toEqual(['Microsoft.NETCore.App@8.0.1']);
  });

  test('one that a program needs is a fact of the program, not a package', () => {
    const needs = JSON.stringify({
      runtimeOptions: { framework: { name: 'Microsoft.NETCore.App', version: '8.0.0' } },
    });
    const { packages } = catalog({
      'app/x.deps.json': depsOf({ 'x/1.0.0': {} }, { 'x/1.0.0': { type: 'project' } }),
      'app/x.runtimeconfig.json': needs,
    });
    expect(packages.map(({ name, facts }) => [name, facts?.['frameworks']])).toEqual([
      ['x', 'Microsoft.NETCore.App 8.0.0'],
    ]);
  });
});

describe('assemblies that nothing lists', () => {
  const other = assembly({
    name: 'Other.Lib',
    version: [1, 5, 0, 0],
    texts: { ProductVersion: '1.5.2-rc.1+0a1b2c', FileVersion: '1.5.2.7', CompanyName: 'Acme', ProductName: 'Other' },
  });
  test('are weak evidence, in the version of their product', () => {
    expect(catalog({ 'plugins/OTHER.DLL': other }).packages).toEqual([
      {
        type: 'nuget',
        name: 'Other.Lib',
        version: '1.5.2-rc.1',
        licences: [],
        vendor: 'Acme',
        paths: ['plugins/OTHER.DLL'],
        weak: true,
        facts: { assemblyVersion: '1.5.0.0', fileVersion: '1.5.2.7', product: 'Other' },
      },
    ]);
  });

  test('say more than a mere reference to them, and nothing is missing of a native library', () => {
    const native = { runtimeTargets: { 'runtimes/win-x64/native/git2.dll': { rid: 'win-x64', assetType: 'native' } } };
    const { packages } = catalog({
      [path]: depsOf(
        { 'Other.Lib/0.0.0.0': { runtime: { 'Other.Lib.dll': {} } }, 'LibGit2Sharp.NativeBinaries/2.0.323': native },
        { 'Other.Lib/0.0.0.0': { type: 'reference' } },
      ),
      'app/Other.Lib.dll': other,
    });
    expect(packages.map(({ name, version, weak }) => [name, version, weak])).toEqual([
      ['LibGit2Sharp.NativeBinaries', '2.0.323', undefined],
      ['Other.Lib', '1.5.2-rc.1', true],
    ]);
  });

  test('are told from listed ones by their place', () => {
    const json = assembly({ name: 'Newtonsoft.Json', version: [13, 0, 0, 0], texts: { ProductVersion: '13.0.1' } });
    const specs = {
      [path]: deps,
      'app/newtonsoft.json.dll': json,
      'app/plugin/Newtonsoft.Json.dll': json,
      'app/runtimes/unix/lib/netcoreapp3.0/System.Drawing.Common.dll': json,
    };
    expect(
      catalog(specs)
        .packages.filter(({ paths }) => paths[0] !== path)
        .map(({ paths }) => paths[0]),
    ).toEqual(['app/plugin/Newtonsoft.Json.dll']);
  });

  test.each([
    ['the version of the file', { FileVersion: '2.3.4.5' }, '2.3.4.5'],
    [
      'the product with words behind',
      { ProductVersion: '4.6.26515.06 @BuiltBy: dlab', FileVersion: '1.0' },
      '4.6.26515.06',
    ],
    ['the assembly', { ProductVersion: 'latest' }, '1.5.0.0'],
  ])('have the version of %s', (_title, texts, expected) => {
    const facts = { assembly: { name: 'A', version: '1.5.0.0' }, texts };
    expect(assemblyPackage('x/A.dll', facts)?.version).toBe(expected);
  });

  test.each([
    [
      'translations',
      'x/de/A.resources.dll',
      { assembly: { name: 'A.resources', version: '1.0.0.0', culture: 'de' }, texts: {} },
    ],
    [
      'reference assemblies',
      'packs/X.Ref/8.0.0/ref/net8.0/A.dll',
      { assembly: { name: 'A', version: '1.0.0.0' }, texts: {} },
    ],
    [
      'those without any version',
      'x/A.exe',
      { assembly: { name: 'A', version: '0.0.0.0' }, texts: { FileVersion: '0.0.0.0' } },
    ],
    [
      'class libraries of Mono',
      'x/System.dll',
      {
        assembly: { name: 'System', version: '4.0.0.0' },
        texts: { ProductName: 'Mono Common Language Infrastructure' },
      },
    ],
  ])('%s are none', (_title, file, facts) => {
    expect(assemblyPackage(file, facts)).toBeUndefined();
  });

  test('in the cache of NuGet are what their folder says', () => {
    const found = assemblyPackage('root/.nuget/packages/newtonsoft.json/13.0.3/lib/net6.0/Newtonsoft.Json.dll', {
      assembly: { name: 'Newtonsoft.Json', version: '13.0.0.0' },
      texts: {},
    });
    expect(found).toMatchObject({ name: 'newtonsoft.json', version: '13.0.3', weak: true });
  });

  test('a native library is none', () => {
    expect(viewOf({ 'x/native.dll': host() }, dotnetCataloger).files()).toEqual([]);
  });
});

describe('licences', () => {
  const nuspec = (id: string, version: string, licence: string): string =>
    `\uFEFF<?xml version="1.0" encoding="utf-8"?><package xmlns="http://schemas.microsoft.com/packaging/2013/05/nuspec.xsd"><metadata minClientVersion="2.12"><id>${id}</id><version>${version}</version>${licence}<dependencies><group><dependency id="x" version="1" /></group></dependencies></metadata></package>`;
  const expression = (text: string): string => `<license type="expression">${text}</license>`;
  const url = (text: string): string => `<licenseUrl>${text}</licenseUrl>`;

  test.each([
    [
      'an expression',
      expression('MIT OR Apache-2.0') + url('https://aka.ms/deprecateLicenseUrl'),
      ['MIT OR Apache-2.0'],
    ],
    ["NuGet's own address", url('https://licenses.nuget.org/Apache-2.0%20OR%20MIT'), ['Apache-2.0 OR MIT']],
    ['an address that is known', url('https://opensource.org/licenses/MIT'), ['MIT']],
    ['an address of somebody', url('https://go.microsoft.com/fwlink/?LinkId=329770'), []],
    ['a file', '<license type="file">LICENSE.md</license>' + url('https://aka.ms/deprecateLicenseUrl'), []],
    ['nothing', '', []],
    ['no XML', '<', []],
  ])('%s', (_, licence, expected) => {
    const folder = 'root/.nuget/packages/newtonsoft.json/13.0.1';
    const { packages, complete } = catalog({
      [path]: deps,
      [`${folder}/newtonsoft.json.nuspec`]: nuspec('Newtonsoft.Json', '13.0.1', licence),
    });
    expect(complete).toBe(true);
    expect(packages.find(({ name }) => name === 'Newtonsoft.Json')?.licences).toEqual(expected);
    expect(packages.filter(({ licences }) => licences.length > 0)).toHaveLength(expected.length);
  });
});

describe('programs in one file', () => {
  const list = depsOf(
    { 'tool/1.0.0': {}, 'Serilog/2.10.0': { runtime: { 'Serilog.dll': {} } } },
    { 'tool/1.0.0': { type: 'project' } },
  );
  const files = { 'tool.dll': 'MZ', 'tool.deps.json': list, 'tool.runtimeconfig.json': config, 'x.pdb': '{' };
  test.each([1, 2, 6])('of manifest version %i list what is in them', (version) => {
    for (const size of [70_000, 16_384 * 5 - 20, 16_384 * 5 + 3]) {
      const view = viewOf({ 'usr/local/bin/tool': bundle(host(size), files, version) }, dotnetCataloger);
      const { packages, complete } = dotnetCataloger.catalog(view, {});
      expect(packages.map((one) => [one.name, one.version, one.origin, one.weak])).toEqual([
        ['tool', '1.0.0', 'local', undefined],
        ['Serilog', '2.10.0', undefined, undefined],
        ['Microsoft.NETCore.App.Runtime.linux-x64', '8.0.1', undefined, undefined],
      ]);
      expect(complete).toBe(true);
    }
  });

  test('a host without files in it is no program of .NET', () => {
    expect(viewOf({ 'bin/tool': host() }, dotnetCataloger).files()).toEqual([]);
  });

  test('without a list they are noted', () => {
    const { packages, diagnostics, complete } = catalog({ 'bin/tool': bundle(host(), { 'tool.dll': 'MZ' }) });
    expect([packages, diagnostics.map(({ code, level }) => [code, level]), complete]).toEqual([
      [],
      [['package/not-listed', 'note']],
      true,
    ]);
  });

  test.each([
    ['whose manifest is cut', (bytes: Buffer) => bytes.subarray(0, -40)],
    [
      'whose manifest is of a later version',
      (bytes: Buffer) => Buffer.from(bytes).fill(9, bytes.readUInt32LE(64_000 - 8), bytes.readUInt32LE(64_000 - 8) + 1),
    ],
  ])('one %s is told, and not complete', (_title, change) => {
    const { packages, diagnostics, complete } = catalog({ 'bin/tool': change(bundle(host(), files)) });
    expect([packages, diagnostics.map(({ code }) => code), complete]).toEqual([
      [],
      ['package/metadata-invalid'],
      false,
    ]);
  });
});

describe('hostile lists', () => {
  test.each([
    ['cut short', deps.slice(0, 500)],
    ['a list', '[]'],
    ['without targets', '{}'],
    ['T51 half a million brackets', '['.repeat(500_000)],
  ])('%s is told, and not complete', (_title, text) => {
    const { packages, diagnostics, complete } = catalog({ [path]: text });
    expect([packages, diagnostics.map(({ code }) => code), complete]).toEqual([
      [],
      ['package/metadata-invalid'],
      false,
    ]);
  });

  test('entries without a name or a version are left out and told', () => {
    const file = { runtime: { 'x.dll': {} } };
    const { packages, complete } = catalog({
      [path]: depsOf({ 'a b\u0007/1.0.0': file, 'c/latest': file, d: file, 'e/1.0.0': file }),
    });
    expect([packages.map(({ name }) => name), complete]).toEqual([['e'], false]);
  });

  test('T73 inherited properties are no fields', () => {
    const text = `{"runtimeTarget": {"name": "x"}, "targets": {"__proto__": {"evil/6.6.6": {"runtime": {"x.dll": {}}}}, "x": {"__proto__": 1}}}`;
    expect(catalog({ [path]: text }).packages).toEqual([]);
  });
});
