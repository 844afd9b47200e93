// Which files .NET programs are told by, and what is kept of them while the layer streams by.
import { AssemblyReader, type AssemblyFacts, DotnetBundleReader, type DotnetBundle } from '@plombe/formats';
import {
  decodeText,
  isObject,
  type JsonObject,
  kibibyte,
  mebibyte,
  objectField,
  textField,
  textsField,
} from '@plombe/kit';
import type { FileHeader } from '@plombe/model';
import type { Distiller, Want } from '../cataloger.ts';
import { nuspecEnd } from './nuspec.ts';

/** The largest list known to us, of the SDK, has 1 MiB. */
const list: Want = { kind: 'whole', maxBytes: 16 * mebibyte };
const configuration: Want = { kind: 'whole', maxBytes: mebibyte };
/** The host alone, without a file in it, has 70 KiB. */
const minHostBytes = 64 * kibibyte;

const assembly: Want = { kind: 'distill', create: () => new ProgramDistiller([new AssemblyReader(), undefined]) };
const program: Want = {
  kind: 'distill',
  create: () => new ProgramDistiller([new AssemblyReader(), new DotnetBundleReader()]),
};
const host: Want = { kind: 'distill', create: () => new ProgramDistiller([undefined, new DotnetBundleReader()]) };

/** Lists, configurations, assemblies by their extension, and anything that may be a program in one file. */
export function wants({ path, type, sizeBytes }: FileHeader): Want | undefined {
  if (type !== 'file' && type !== 'hardlink') return undefined;
  if (path.endsWith('.json')) {
    if (path.endsWith('.deps.json')) return list;
    return path.endsWith('.runtimeconfig.json') ? configuration : undefined;
  }
  const last = path.charCodeAt(path.length - 1) | 0x20;
  if (last === 0x6c && /\.dll$/i.test(path)) return assembly;
  if (last === 0x63 && path.endsWith(nuspecEnd)) return configuration;
  if (last === 0x65 && /\.exe$/i.test(path)) return program;
  return type === 'file' && sizeBytes >= minHostBytes ? host : undefined;
}

/** What is kept of a program. JSON, so that the cache holds it as it was. */
export interface ProgramFacts {
  readonly assembly?: AssemblyFacts;
  readonly bundle?: DotnetBundle;
}

/** Reads what a `ProgramDistiller` kept; undefined where it is not that. */
export function decodeProgram(content: Uint8Array): ProgramFacts | undefined {
  let value: unknown;
  try {
    value = JSON.parse(decodeText(content));
  } catch {
    return undefined;
  }
  if (!isObject(value)) return undefined;
  const assembly = objectField(value, 'assembly');
  const bundle = objectField(value, 'bundle');
  return { ...(assembly && { assembly: assemblyIn(assembly) }), ...(bundle && { bundle: bundleIn(bundle) }) };
}

function assemblyIn(value: JsonObject): AssemblyFacts {
  const said = objectField(value, 'assembly');
  const name = said && textField(said, 'name');
  const version = said && textField(said, 'version');
  const culture = said && textField(said, 'culture');
  const named = name !== undefined && version !== undefined;
  return {
    ...(named ? { assembly: { name, version, ...(culture === undefined ? {} : { culture }) } } : {}),
    texts: textsIn(objectField(value, 'texts') ?? {}),
  };
}

function bundleIn(value: JsonObject): DotnetBundle {
  const { deps, runtimeConfig, problem } = textsIn(value);
  return {
    ...(deps === undefined ? {} : { deps }),
    ...(runtimeConfig === undefined ? {} : { runtimeConfig }),
    assemblies: textsField(value, 'assemblies'),
    ...(problem === undefined ? {} : { problem }),
  };
}

function textsIn(value: JsonObject): Partial<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(value).filter((pair): pair is [string, string] => typeof pair[1] === 'string'),
  );
}

class ProgramDistiller implements Distiller {
  readonly #assembly: AssemblyReader | undefined;
  readonly #bundle: DotnetBundleReader | undefined;

  constructor([one, other]: readonly [AssemblyReader | undefined, DotnetBundleReader | undefined]) {
    this.#assembly = one;
    this.#bundle = other;
  }

  write(chunk: Uint8Array): boolean {
    const more = this.#assembly?.write(chunk) === true;
    return this.#bundle?.write(chunk) === true || more;
  }

  finish(): Uint8Array | undefined {
    const found = this.#assembly?.finish();
    const bundle = this.#bundle?.finish();
    if (found === undefined && bundle === undefined) return undefined;
    return Buffer.from(JSON.stringify({ ...(found && { assembly: found }), ...(bundle && { bundle }) }));
  }
}
