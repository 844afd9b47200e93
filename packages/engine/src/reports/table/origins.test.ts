import { expect, it } from 'vitest';
import type { Package } from '@plombe/model';
import { findingOf, hostileText, packageOf, resultOf } from '../../testing/results.ts';
import { renderOrigins } from './origins.ts';
import { paletteFor } from './palette.ts';

const npm = (name: string, overrides: Partial<Package> = {}): Package =>
  packageOf(name, {
    id: name,
    type: 'npm',
    namespace: '',
    direct: false,
    evidence: [{ path: 'package-lock.json', layerIndex: 0, line: 7 }],
    ...overrides,
  });
const plain = (found: Package): Package => {
  const { namespace: _, ...rest } = found;
  return rest;
};
const lines = (packages: readonly Package[], affected: readonly string[], width = 100): readonly string[] => {
  const all = packages.map(plain);
  const findings = all.filter(({ id }) => affected.includes(id)).map((found) => findingOf('CVE-1-1', found));
  return renderOrigins(resultOf(all, findings), paletteFor(false), width);
};

it('shows who needs a package, up to what the project asks for', () => {
  const packages = [
    npm('express', { direct: true, dependsOn: ['qs', 'body-parser'] }),
    npm('body-parser', { dependsOn: ['qs'] }),
    npm('app', { origin: 'local', dependsOn: ['qs'] }),
    npm('qs'),
  ];
  expect(lines(packages, ['qs', 'express'])).toEqual([
    'Where packages come from',
    'express 1.0  1 finding  /package-lock.json:7',
    '  the project asks for it',
    'qs 1.0  1 finding  /package-lock.json:7',
    '  ├─ express 1.0, which the project asks for',
    '  ├─ body-parser 1.0',
    '  │  └─ express 1.0, which the project asks for',
    '  └─ app 1.0, a part of the project',
  ]);
});

it('ends with circles, with graphs that meet again and again, and with many dependents', () => {
  const circle = [npm('a', { dependsOn: ['b'] }), npm('b', { dependsOn: ['a'] })];
  expect(lines(circle, ['a'])).toEqual([
    'Where packages come from',
    'a 1.0  1 finding  /package-lock.json:7',
    '  └─ b 1.0',
    '     └─ a 1.0 (above)',
  ]);
  const many = [npm('x'), ...Array.from({ length: 9 }, (_, n) => npm(`p${n}`, { dependsOn: ['x'] }))];
  expect(lines(many, ['x']).at(-1)).toBe('  └─ … and 4 more');
  const levels = Array.from({ length: 30 }, (_, level) =>
    [0, 1, 2, 3, 4].map((n) =>
      npm(`${level}-${n}`, { dependsOn: level === 0 ? ['x'] : [0, 1, 2, 3, 4].map((m) => `${level - 1}-${m}`) }),
    ),
  );
  const shown = lines([npm('x'), ...levels.flat()], ['x']);
  expect(shown.length).toBeLessThan(60);
  expect(shown.at(-1)).toBe('  … the JSON report has all');
});

it('says the way where the file has no graph, and that nothing tells it', () => {
  expect(lines([npm('x', { facts: { via: 'a > b > x' } })], ['x']).slice(1)).toEqual([
    'x 1.0  1 finding  /package-lock.json:7',
    '  by way of a > b > x',
  ]);
  expect(lines([plain(packageOf('openssl', { id: 'o' }))], ['o'])).toEqual([
    'Where packages come from: no lock file says it of a package with findings.',
  ]);
});

it('names are inert, and no line is wider than the terminal but for names of packages with findings', () => {
  const name = `${hostileText}${'x'.repeat(200)}`;
  const shown = lines([npm('x'), npm(name, { id: 'p', dependsOn: ['x'] })], ['x'], 60);
  expect(shown.join('\n')).not.toMatch(/\u001b|\u202e|\r/);
  for (const line of shown) expect(line.length).toBeLessThanOrEqual(60);
});
