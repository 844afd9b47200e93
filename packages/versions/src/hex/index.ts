// The version scheme of Hex, for Erlang and Elixir.
import { compareKeys, type VersionKey } from '../key.ts';
import type { VersionScheme } from '../scheme.ts';
import { parseHex } from './parse.ts';

/** The order of Elixir's `Version`. */
export const hex: VersionScheme<VersionKey> = {
  id: 'hex',
  title: 'Hex package versions',
  urls: ['https://hexdocs.pm/elixir/Version.html'],
  parse: parseHex,
  compare: compareKeys,
};
