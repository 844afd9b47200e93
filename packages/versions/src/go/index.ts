// The version scheme of Go modules, the standard library and the toolchain.
import { compareKeys, type VersionKey } from '../key.ts';
import type { VersionScheme } from '../scheme.ts';
import { parseGo } from './parse.ts';

/** Go's order of module and toolchain versions, in one scale as the Go vulnerability database uses it. */
export const go: VersionScheme<VersionKey> = {
  id: 'go',
  title: 'Go module and toolchain versions',
  urls: ['https://go.dev/ref/mod#versions', 'https://go.dev/doc/toolchain#version'],
  parse: parseGo,
  compare: compareKeys,
};
