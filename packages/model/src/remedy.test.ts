import { expect, it } from 'vitest';
import { remedyOf, type Remedy } from './remedy.ts';

it.each<[string, Parameters<typeof remedyOf>, Remedy]>([
  ['a package', ['deb', 'openssl', '1', '2'], { kind: 'upgrade', name: 'openssl', from: '1', to: '2' }],
  ['without a fix', ['deb', 'openssl', '1'], { kind: 'upgrade', name: 'openssl', from: '1' }],
  [
    'a Go module',
    ['golang', 'x/net', 'v0.3.0', '0.5.6'],
    { kind: 'upgrade', name: 'x/net', from: 'v0.3.0', to: 'v0.5.6' },
  ],
  [
    "Go's library",
    ['golang', 'stdlib', 'v1.23.3', '1.25.1'],
    { kind: 'rebuild', name: 'Go', from: '1.23.3', to: '1.25.1' },
  ],
  ['without a fixed Go', ['golang', 'stdlib', 'go1.23.3'], { kind: 'rebuild', name: 'Go', from: '1.23.3' }],
  [
    'a stdlib of another ecosystem',
    ['npm', 'stdlib', '1', '2'],
    { kind: 'upgrade', name: 'stdlib', from: '1', to: '2' },
  ],
])('the remedy of %s', (_, [type, name, from, fixed], remedy) => {
  expect(remedyOf(type, name, from, fixed)).toEqual(remedy);
});
