// The list of crates in a Rust program (cargo-auditable's format 0 and 1): which were linked, from where, and who asked for them.
import { decodeText, field, isObject, listField, textField, textsField } from '@plombe/kit';
import type { CargoAudit } from './reader.ts';

/** A crate of the list. */
export interface CargoCrate {
  readonly name: string;
  readonly version: string;
  /** `crates.io`, `git`, `local`, `registry` for another registry; other words may come. */
  readonly source: string;
  /** `build`: for build scripts and procedural macros, not in the program. */
  readonly kind: 'runtime' | 'build' | 'dev';
  /** The crate that the program is. */
  readonly isRoot: boolean;
  /** Positions in the list. */
  readonly dependencies: readonly number[];
}

/** The largest program known to us has 1,500 crates. */
const maxCrates = 65_536;

/** Reads what `CargoAuditReader` answers; undefined where it is not that. */
export function decodeCargoAudit(content: Uint8Array): CargoAudit | undefined {
  try {
    const value: unknown = JSON.parse(decodeText(content));
    if (!isObject(value)) return undefined;
    const compiler = textField(value, 'compiler');
    const problem = textField(value, 'problem');
    return {
      lists: textsField(value, 'lists'),
      ...(compiler === undefined ? {} : { compiler }),
      ...(problem === undefined ? {} : { problem }),
    };
  } catch {
    return undefined;
  }
}

/** Parses one list. Undefined where it is none; a crate without name or version is `undefined` in its place, so that positions stay. */
export function parseCargoList(text: string): readonly (CargoCrate | undefined)[] | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (!isObject(value) || !Array.isArray(field(value, 'packages'))) return undefined;
  const crates = listField(value, 'packages');
  return crates.length > maxCrates ? undefined : crates.map(crateOf);
}

function crateOf(value: unknown): CargoCrate | undefined {
  if (!isObject(value)) return undefined;
  const name = textField(value, 'name');
  const version = textField(value, 'version');
  if (name === undefined || version === undefined) return undefined;
  const kind = textField(value, 'kind');
  return {
    name,
    version,
    source: textField(value, 'source') ?? '',
    kind: kind === 'build' || kind === 'dev' ? kind : 'runtime',
    isRoot: field(value, 'root') === true,
    dependencies: listField(value, 'dependencies').filter((one): one is number => Number.isInteger(one)),
  };
}
