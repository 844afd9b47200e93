// mix.lock (hexdocs.pm/mix, "mix deps"): a map from the name of an application to where it comes from; mix.exs says what is only for development.
import type { RawFile } from '@plombe/model';
import type { DeclaredPackages } from '../declared-packages.ts';
import { reach, type Need } from '../graph.ts';
import { textOf } from '../read.ts';
import { readElixirTerm, type ElixirTerm } from './elixir-terms.ts';

/** What the projects of a lock file ask for: by application, true where all of them only for development and tests. */
export type Asked = ReadonlyMap<string, boolean>;

const textIn = (term: ElixirTerm | undefined): string | undefined =>
  term?.kind === 'text' || term?.kind === 'atom' ? term.text : undefined;
const itemsIn = (term: ElixirTerm | undefined): readonly ElixirTerm[] =>
  term?.kind === 'tuple' || term?.kind === 'list' ? term.items : [];

/** Reads a lock file. Entries are `{:hex, package, version, hash, tools, dependencies, repository, hash}` and `{:git, address, commit, options}`. */
export function readMixLock(file: RawFile, asked: Asked, into: DeclaredPackages): void {
  const lock = file.truncated ? undefined : readElixirTerm(textOf(file));
  if (lock?.kind !== 'map') return into.unreadable(file, 'is no lock file of mix');
  const entries = new Map(lock.entries.map(([key, value]) => [textIn(key) ?? '', itemsIn(value)]));
  const needsOf = (application: string): readonly Need[] =>
    itemsIn(entries.get(application)?.[5])
      .map((dependency): Need => ({ key: textIn(itemsIn(dependency)[0]) ?? '', scope: 'runtime' }))
      .filter(({ key }) => entries.has(key));
  const roots = [...asked].map(([key, isDevelopment]): Need => ({
    key,
    scope: isDevelopment ? 'development' : 'runtime',
  }));
  const reached = reach(
    roots.filter(({ key }) => entries.has(key)),
    needsOf,
    (key) => key,
  );
  for (const [application, entry] of entries) {
    const kind = textIn(entry[0]);
    const way = reached.get(application);
    const said = { scope: way?.scope, ...(asked.size === 0 ? {} : { direct: way?.direct ?? false }) };
    const via: Readonly<Record<string, string>> = way?.via === undefined ? {} : { via: way.via };
    if (kind === 'hex') {
      const repository = textIn(entry[6]) ?? 'hexpm';
      const organisation = /^hexpm:([\w-]{1,100})$/.exec(repository)?.[1];
      const isPublic = repository === 'hexpm' || organisation !== undefined;
      into.add(file, {
        type: 'hex',
        namespace: organisation,
        name: textIn(entry[1]) ?? '',
        version: textIn(entry[2]) ?? '',
        ...said,
        facts: { ...via, ...(isPublic ? {} : { registry: repository.slice(0, 200) }) },
      });
    } else if (kind === 'git') {
      const commit = textIn(entry[2]) ?? '';
      const resolved = (textIn(entry[1]) ?? '').slice(0, 1024);
      into.add(file, {
        type: 'hex',
        name: application,
        version: commit,
        ...said,
        origin: 'vcs',
        facts: { ...via, resolved },
      });
    } else into.unreadable(file, 'has an entry that is neither of Hex nor of git');
  }
}

const dependency = /\{\s*:(\w{1,100})\s*,([^{}]{0,2000})\}/g;
const only = /\bonly:\s*(?:\[([^\]]*)\]|:(\w+))/;
const developmentOnly: ReadonlySet<string> = new Set(['dev', 'test', 'docs', 'ci', 'lint']);

/** Adds what a mix.exs asks for. It is a program: only tuples that are written out are seen, and what is not there leads to nothing weaker. */
export function askedIn(text: string, asked: Map<string, boolean>): void {
  const bare = text.replaceAll(/(^|\s)#[^\n]*/g, '$1');
  for (const [, name = '', options = ''] of bare.matchAll(dependency)) {
    const [, list, one] = only.exec(options) ?? [];
    const environments = one === undefined ? (list?.match(/\w+/g) ?? []) : [one];
    const isDevelopment = environments.length > 0 && environments.every((env) => developmentOnly.has(env));
    asked.set(name, isDevelopment && (asked.get(name) ?? true));
  }
}
