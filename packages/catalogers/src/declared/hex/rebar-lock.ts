// rebar.lock (rebar3.org/docs, "Dependencies"): packages with the depth at which they were asked for first.
import type { RawFile } from '@plombe/model';
import { readTerms, textOf as textIn, type Term } from '../../erlang/terms.ts';
import type { DeclaredPackages } from '../declared-packages.ts';
import { textOf } from '../read.ts';

const itemsIn = (term: Term | undefined): readonly Term[] =>
  term?.kind === 'tuple' || term?.kind === 'list' ? term.items : [];

/** Reads a lock file of any version: `{"1.2.0", [ENTRY …]}.` or `[ENTRY …].`, each `{<<"app">>, {pkg, <<"name">>, <<"version">>}, LEVEL}`. */
export function readRebarLock(file: RawFile, into: DeclaredPackages): void {
  const [first] = file.truncated ? [] : readTerms(textOf(file));
  const list = first?.kind === 'tuple' ? first.items[1] : first;
  if (list?.kind !== 'list') return into.unreadable(file, 'is no lock file of rebar3');
  for (const entry of list.items) {
    const [application, source, level] = itemsIn(entry);
    const [kind, second, third] = itemsIn(source);
    const direct = level?.kind === 'other' && level.text === '0';
    if (textIn(kind) === 'pkg') {
      into.add(file, { type: 'hex', name: textIn(second) ?? '', version: textIn(third) ?? '', direct });
    } else if (textIn(kind) === 'git' || textIn(kind) === 'hg' || textIn(kind) === 'git_subdir') {
      const commit = textIn(itemsIn(third)[1]) ?? '';
      const resolved = (textIn(second) ?? '').slice(0, 1024);
      into.add(file, {
        type: 'hex',
        name: textIn(application) ?? '',
        version: commit,
        direct,
        origin: 'vcs',
        facts: { resolved },
      });
    } else into.unreadable(file, 'has an entry that is neither of Hex nor of a repository');
  }
}
