// Checkouts of Swift's package manager, as each version of its state file writes them; whole and hostile.
import { expect, test } from 'vitest';
import { catalogerContract } from '../testing/contract.ts';
import { type FileSpecs, viewOf } from '../testing/view.ts';
import { swiftCataloger } from './index.ts';

const catalog = (specs: FileSpecs) => swiftCataloger.catalog(viewOf(specs, swiftCataloger), {});
const path = 'app/.build/workspace-state.json';
const revision = '0123456789abcdef0123456789abcdef01234567';
const stateOf = (...dependencies: readonly object[]): string =>
  JSON.stringify({ object: { artifacts: [], dependencies }, version: 6 });
const checkout = (location: string, checkoutState: object): object => ({
  basedOn: null,
  packageRef: { identity: 'x', kind: 'remoteSourceControl', location, name: 'x' },
  state: { checkoutState, name: 'sourceControlCheckout' },
  subpath: 'x',
});

catalogerContract(swiftCataloger, {
  [path]: stateOf(checkout('https://github.com/apple/swift-nio.git', { revision, version: '2.38.0' })),
});

test.each([
  'https://github.com/apple/swift-nio.git',
  'https://github.com/apple/swift-nio',
  'https://user:secret@github.com/apple/swift-nio.git/',
  'git@github.com:apple/swift-nio.git',
  'ssh://git@github.com/apple/swift-nio.git',
])('%s', (location) => {
  expect(catalog({ [path]: stateOf(checkout(location, { revision, version: '2.38.0' })) })).toEqual({
    packages: [
      {
        type: 'swift',
        namespace: 'github.com/apple',
        name: 'swift-nio',
        version: '2.38.0',
        licences: [],
        paths: [path],
        facts: { commit: revision },
      },
    ],
    diagnostics: [],
    complete: true,
  });
});

test('of old the location was a path, and the kind remote', () => {
  const dependency = {
    packageRef: { identity: 'vapor', kind: 'remote', name: 'vapor', path: 'https://github.com/vapor/vapor.git' },
    state: { checkoutState: { revision, version: '4.60.0', branch: null }, name: 'checkout' },
  };
  expect(catalog({ [path]: stateOf(dependency) }).packages).toMatchObject([{ name: 'vapor', version: '4.60.0' }]);
});

test('in the first version there was no object around, and no reference', () => {
  const dependency = {
    basedOn: null,
    currentRevision: revision,
    currentVersion: '1.7.6',
    repositoryURL: 'https://github.com/IBM-Swift/Kitura',
  };
  expect(catalog({ [path]: JSON.stringify({ dependencies: [dependency], version: 1 }) }).packages).toMatchObject([
    { namespace: 'github.com/IBM-Swift', name: 'Kitura', version: '1.7.6', facts: { commit: revision } },
  ]);
});

test('a branch is its commit, and a registry has no repository: neither is compared', () => {
  const { packages } = catalog({
    [path]: stateOf(checkout('https://github.com/a/b', { branch: 'main', revision }), {
      packageRef: { identity: 'mona.LinkedList', kind: 'registry', location: 'mona.LinkedList', name: 'LinkedList' },
      state: { name: 'registryDownload', version: '1.2.0' },
    }),
  });
  expect(packages).toMatchObject([
    { name: 'b', version: revision, origin: 'vcs' },
    { namespace: 'mona', name: 'LinkedList', version: '1.2.0', origin: 'archive' },
  ]);
});

test('packages of the tree itself are none', () => {
  const local = {
    packageRef: { identity: 'own', kind: 'fileSystem', location: '/src/own' },
    state: { name: 'fileSystem', path: '/src/own' },
  };
  expect(catalog({ [path]: stateOf(local) })).toEqual({ packages: [], diagnostics: [], complete: true });
});

test.each([
  ['T15 cut', '{"object"'],
  ['T15 a list', '[]'],
  ['T73 a prototype', '{"__proto__":{"object":{"dependencies":[]}}}'],
  ['a dependency without location', stateOf({ packageRef: {}, state: {} })],
  ['T57 a version of a kilobyte', stateOf(checkout('https://github.com/a/b', { version: '1'.repeat(1000) }))],
  ['a location that is a path', stateOf(checkout('../../a', { version: '1.0.0', revision }))],
])('%s is reported', (_title, content) => {
  const { packages, diagnostics, complete } = catalog({ [path]: content });
  expect(packages).toEqual([]);
  expect(diagnostics).toMatchObject([{ code: 'package/metadata-invalid' }]);
  expect(complete).toBe(false);
});
