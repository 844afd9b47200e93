// Which catalogers are asked about a file: most files meet the terms of none, and images have millions of them.
import type { FileInterest, PathTerms } from '@plombe/catalogers';
import { by } from '@plombe/kit';

type Term = keyof PathTerms;

/** Interests by the terms that they state. */
export class InterestIndex {
  readonly #all: readonly FileInterest[];
  /** Those that state none. */
  readonly #always: readonly FileInterest[];
  readonly #names: ReadonlyMap<string, readonly FileInterest[]>;
  readonly #extensions: ReadonlyMap<string, readonly FileInterest[]>;
  readonly #folders: ReadonlyMap<string, readonly FileInterest[]>;

  constructor(interests: readonly FileInterest[]) {
    this.#all = interests;
    this.#always = interests.filter(({ where }) => where === undefined);
    this.#names = byTerm(interests, 'names');
    this.#extensions = byTerm(interests, 'extensions');
    this.#folders = byTerm(interests, 'folders');
  }

  /** The interests to ask about the file at a path, in their order. */
  of(path: string): readonly FileInterest[] {
    const slash = path.lastIndexOf('/');
    const name = slash < 0 ? path : path.slice(slash + 1);
    const dot = name.lastIndexOf('.');
    const named = this.#names.get(name);
    const ending = dot < 0 ? undefined : this.#extensions.get(name.slice(dot + 1).toLowerCase());
    const placed = slash < 0 ? undefined : this.#folders.get(path.slice(path.lastIndexOf('/', slash - 1) + 1, slash));
    if (named === undefined && ending === undefined && placed === undefined) return this.#always;
    const asked = new Set([...this.#always, ...(named ?? []), ...(ending ?? []), ...(placed ?? [])]);
    return [...asked].sort(by((interest) => this.#all.indexOf(interest)));
  }
}

function byTerm(interests: readonly FileInterest[], term: Term): ReadonlyMap<string, readonly FileInterest[]> {
  const found = new Map<string, FileInterest[]>();
  for (const interest of interests) {
    for (const text of interest.where?.[term] ?? []) found.set(text, [...(found.get(text) ?? []), interest]);
  }
  return found;
}
