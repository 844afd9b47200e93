// Files of NuGet and Paket, written to their published formats: there is no SDK of .NET to write them here.
import { describe, expect, it } from 'vitest';
import { declaredContract } from '../testing/contract.ts';
import { catalogOf, lines } from '../testing/folder.ts';
import { nugetLockCataloger } from './index.ts';

const of = (specs: Parameters<typeof catalogOf>[1]) => catalogOf(nugetLockCataloger, specs);

const project = `<Project Sdk="Microsoft.NET.Sdk">
  <PropertyGroup><JsonVersion>13.0.1</JsonVersion></PropertyGroup>
  <ItemGroup>
    <PackageReference Include="Newtonsoft.Json" Version="$(JsonVersion)" />
    <PackageReference Include="Serilog" />
    <PackageReference Include="StyleCop.Analyzers"><Version>[1.1.118]</Version><PrivateAssets>all</PrivateAssets></PackageReference>
    <PackageReference Include="Floating" Version="2.*" />
    <PackageReference Include="Ranged" Version="[1.0,2.0)" />
  </ItemGroup>
</Project>`;
const central = `<Project><ItemGroup>
  <PackageVersion Include="serilog" Version="2.10.0" />
  <PackageVersion Include="Unused" Version="1.0.0" />
  <GlobalPackageReference Include="Nerdbank.GitVersioning" Version="3.5.119" />
</ItemGroup></Project>`;
const lock = JSON.stringify({
  version: 2,
  dependencies: {
    'net8.0': {
      'StyleCop.Analyzers': {
        type: 'Direct',
        requested: '[1.1.118]',
        resolved: '1.1.118',
        contentHash: 'x',
        dependencies: { Rules: '1.0.0' },
      },
      Serilog: { type: 'Direct', requested: '[2.10.0, )', resolved: '2.10.0', contentHash: 'x' },
      Rules: { type: 'Transitive', resolved: '1.0.0', contentHash: 'x' },
      Pinned: { type: 'CentralTransitive', requested: '[4.0.0, )', resolved: '4.0.1', contentHash: 'x' },
      core: { type: 'Project', dependencies: { Pinned: '[4.0.0, )' } },
    },
    'net8.0/linux-x64': { Native: { type: 'Transitive', resolved: '5.0.0', contentHash: 'x' } },
  },
});
const assets = JSON.stringify({
  version: 3,
  targets: {
    'net8.0': {
      'A/1.0.0': { type: 'package', dependencies: { B: '2.0.0' } },
      'B/2.0.0': { type: 'package' },
      'Tool/3.0.0': { type: 'package' },
      'Core/1.0.0': { type: 'project', dependencies: { B: '2.0.0' } },
    },
  },
  libraries: {},
  project: {
    frameworks: { 'net8.0': { dependencies: { A: { target: 'Package' }, Tool: { suppressParent: 'All' } } } },
  },
});
const config = `<?xml version="1.0"?><packages><package id="jQuery" version="3.4.1" targetFramework="net472" />
<package id="MSBuildTasks" version="1.5.0.235" developmentDependency="true" /></packages>`;
const paket = `NUGET
  remote: https://api.nuget.org/v3/index.json
    FSharp.Core (6.0.1) - restriction: >= netstandard2.0
    Suave (2.6.1)
      FSharp.Core (>= 4.5)
GITHUB
  remote: fsharp/FAKE
    modules/Octokit.fsx (a25c2f256a99242c1106b5a3478aae6bb68c7a93)

GROUP Build
NUGET
  remote: https://api.nuget.org/v3/index.json
    FAKE (5.16.0)
`;

it('project files with central versions: ranges are open, versions alone are the lowest that will do', () => {
  const result = of({ 'src/a/a.csproj': project, 'Directory.Packages.props': central });
  expect(lines(result)).toEqual([
    'Nerdbank.GitVersioning@3.5.119 development direct',
    'Newtonsoft.Json@13.0.1 runtime direct',
    'Serilog@2.10.0 runtime direct',
    'StyleCop.Analyzers@1.1.118 development direct',
  ]);
  expect(result.packages.filter(({ weak }) => weak === true).map(({ name }) => name)).not.toContain(
    'StyleCop.Analyzers',
  );
  expect(result.diagnostics.map(({ code, message }) => `${code} ${message}`)).toEqual([
    expect.stringContaining('package/dependencies-open'),
    expect.stringMatching(/version-open.*Floating 2\.\*, Ranged \[1\.0,2\.0\)/),
  ]);
});

it('packages.lock.json beside a project says all, the project what for', () => {
  const result = of({ 'a.csproj': project, 'packages.lock.json': lock });
  expect([result.diagnostics, result.complete]).toEqual([[], true]);
  expect(lines(result)).toEqual([
    'Native@5.0.0 runtime',
    'Pinned@4.0.1 runtime',
    'Rules@1.0.0 development',
    'Serilog@2.10.0 runtime direct',
    'StyleCop.Analyzers@1.1.118 development direct',
  ]);
});

it('project.assets.json, packages.config and paket.lock', () => {
  expect(lines(of({ 'obj/project.assets.json': assets }))).toEqual([
    'A@1.0.0 runtime direct',
    'B@2.0.0 runtime',
    'Tool@3.0.0 development direct',
  ]);
  expect(lines(of({ 'packages.config': config }))).toEqual([
    'MSBuildTasks@1.5.0.235 development',
    'jQuery@3.4.1 runtime',
  ]);
  expect(lines(of({ 'paket.lock': paket }))).toEqual([
    'FAKE@5.16.0 development',
    'FSharp.Core@6.0.1 runtime',
    'Suave@2.6.1 runtime',
    'fsharp/FAKE@a25c2f256a99242c1106b5a3478aae6bb68c7a93 runtime vcs',
  ]);
});

describe('what cannot be read is told', () => {
  it.each([
    ['packages.lock.json', '{}'],
    ['packages.config', '<a/>'],
    ['packages.config', '<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><packages/>'],
    ['a.csproj', '<Project>'],
    ['paket.lock', 'x'],
  ])('%s: %s', (path, text) => {
    expect(of({ [path]: text })).toMatchObject({ complete: false, packages: [] });
  });
});

declaredContract(nugetLockCataloger, {
  'a.csproj': project,
  'Directory.Packages.props': central,
  'b/packages.lock.json': lock,
  'c/obj/project.assets.json': assets,
  'packages.config': config,
  'paket.lock': paket,
});
