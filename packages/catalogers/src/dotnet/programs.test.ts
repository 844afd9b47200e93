// Programs and assemblies as bytes: damaged in any place, and the real ones of Mono.
import { globSync, readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { AssemblyReader } from '@plombe/formats';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { viewOf } from '../testing/view.ts';
import { dotnetCataloger } from './index.ts';
import { assembly, bundle, host } from './testing/programs.ts';

const list = '{"runtimeTarget": {"name": "x"}, "targets": {"x": {"a/1.0.0": {"runtime": {"a.dll": {}}}}}}';
const programs = {
  'a.dll': assembly({ name: 'A', version: [1, 2, 3, 4], texts: { ProductVersion: '1.2.3', CompanyName: 'Acme' } }),
  'b.exe': bundle(host(), { 'b.dll': 'MZ', 'b.deps.json': list, 'b.runtimeconfig.json': '{"runtimeOptions": {}}' }),
};
const whole = (path: 'a.dll' | 'b.exe', content: Uint8Array): number => {
  const { packages, diagnostics, complete } = dotnetCataloger.catalog(viewOf({ [path]: content }, dotnetCataloger), {});
  expect(complete || diagnostics.length > 0).toBe(true);
  return packages.length;
};
const paths = fc.constantFrom<'a.dll' | 'b.exe'>('a.dll', 'b.exe');

test('programs as they are', () => {
  expect([whole('a.dll', programs['a.dll']), whole('b.exe', programs['b.exe'])]).toEqual([1, 1]);
});

test('T13 T15 flipped bytes never throw or hang', () => {
  const flips = fc.array(fc.tuple(fc.nat(), fc.nat(255)), { minLength: 1, maxLength: 20 });
  fc.assert(
    fc.property(paths, flips, fc.boolean(), (path, changes, early) => {
      const copy = Buffer.from(programs[path]);
      // Headers and manifests are small: they get their share.
      for (const [at, value] of changes) copy[early ? at % 1024 : copy.length - 1 - (at % 2048)] = value;
      whole(path, copy);
    }),
    { numRuns: 400 },
  );
});

test('T13 T15 truncated ones never throw or hang', () => {
  fc.assert(fc.property(paths, fc.nat(), (path, at) => void whole(path, programs[path].subarray(0, at % 75_000))));
});

test('T12 offsets and sizes beyond the file are not followed', () => {
  for (let at = 60; at < 0x98 + 224 + 80; at += 4) {
    const copy = Buffer.from(programs['a.dll']);
    copy.writeUInt32LE(0xffff_fff0, at);
    whole('a.dll', copy);
  }
  for (let at = 0x800; at + 4 < programs['a.dll'].length; at += 2) {
    const copy = Buffer.from(programs['a.dll']);
    copy.writeUInt32LE(0xffff_fff0, at);
    whole('a.dll', copy);
  }
});

const real = globSync('/usr/lib/mono/{4.5,gac}/**/*.dll').slice(0, 200);

describe.skipIf(real.length === 0)('assemblies of Mono (skipped: no Mono)', () => {
  test('are named as their files are', () => {
    for (const path of real) {
      const reader = new AssemblyReader();
      const content = readFileSync(path);
      for (let at = 0; at < content.length; at += 65_536) {
        if (!reader.write(content.subarray(at, at + 65_536))) break;
      }
      const facts = reader.finish();
      expect(facts?.assembly?.name).toBe(basename(path, '.dll'));
      expect(facts?.texts.FileVersion).toMatch(/^\d+(\.\d+){3}$/);
    }
  });
});
