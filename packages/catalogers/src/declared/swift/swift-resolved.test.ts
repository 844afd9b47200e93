// Package.resolved of all versions, written to its published format.
import { expect, it } from 'vitest';
import { declaredContract } from '../testing/contract.ts';
import { catalogOf, lines } from '../testing/folder.ts';
import { swiftResolvedCataloger } from './index.ts';

const revision = '0123456789012345678901234567890123456789';
const one = JSON.stringify({
  object: {
    pins: [
      {
        package: 'NIO',
        repositoryURL: 'https://github.com/apple/swift-nio.git',
        state: { branch: null, revision, version: '2.41.1' },
      },
    ],
  },
  version: 1,
});
const two = JSON.stringify({
  pins: [
    {
      identity: 'swift-nio',
      kind: 'remoteSourceControl',
      location: 'https://github.com/apple/swift-nio.git',
      state: { revision, version: '2.41.1' },
    },
    {
      identity: 'b',
      kind: 'remoteSourceControl',
      location: 'git@github.com:acme/b.git',
      state: { branch: 'main', revision },
    },
    { identity: 'c', kind: 'localSourceControl', location: '/home/x/c', state: { revision, version: '1.0.0' } },
    { identity: 'acme.d', kind: 'registry', location: '', state: { version: '1.0.0' } },
  ],
  version: 2,
});

it('pins of versions 1 and 2', () => {
  expect(lines(catalogOf(swiftResolvedCataloger, { 'Package.resolved': one }))).toEqual([
    'github.com/apple/swift-nio@2.41.1 runtime',
  ]);
  expect(
    lines(
      catalogOf(swiftResolvedCataloger, {
        'A.xcodeproj/project.xcworkspace/xcshareddata/swiftpm/Package.resolved': two,
      }),
    ),
  ).toEqual([
    'acme/d@1.0.0 runtime archive',
    'c@1.0.0 runtime local',
    'github.com/acme/b@0123456789012345678901234567890123456789 runtime vcs',
    'github.com/apple/swift-nio@2.41.1 runtime',
  ]);
});

declaredContract(swiftResolvedCataloger, { 'Package.resolved': two });
