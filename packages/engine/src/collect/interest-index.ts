// Which catalogers are asked about a file: most files meet the terms of none, and images have millions of them.
import type { FileInterest, PathTerms } from '@plombe/catalogers';
import { by } from '@plombe/kit';

/** Interests that state the same term. `number` tells lists of one kind apart. */
interface Listed {
  readonly number: number;
  readonly interests: FileInterest[];
}

/** Interests by the terms that they state. */
export class InterestIndex {
  readonly #all: readonly FileInterest[];
  /** Those that state none. */
  readonly #always: readonly FileInterest[];
  readonly #names: ReadonlyMap<string, Listed>;
  readonly #extensions: ReadonlyMap<string, Listed>;
  readonly #folders: ReadonlyMap<string, Listed>;
  /** What a file is asked that meets terms, by the numbers of their lists: a tree of Python has a hundred thousand of the same. */
  readonly #asked = new Map<number, readonly FileInterest[]>();
  /** The folder of the path before, with its slash, and what meets its name: files come folder by folder. */
  #folder = '/';
  #placed: Listed | undefined;

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
    const placed = slash < 0 ? undefined : this.#placedIn(path, slash);
    if (named === undefined && ending === undefined && placed === undefined) return this.#always;
    const key = ((named?.number ?? 0) * 1024 + (ending?.number ?? 0)) * 1024 + (placed?.number ?? 0);
    let asked = this.#asked.get(key);
    if (asked === undefined) {
      const met = [named, ending, placed].flatMap((listed) => listed?.interests ?? []);
      asked = [...new Set([...this.#always, ...met])].sort(by((interest) => this.#all.indexOf(interest)));
      this.#asked.set(key, asked);
    }
    return asked;
  }

  #placedIn(path: string, slash: number): Listed | undefined {
    if (this.#folder.length === slash + 1 && path.startsWith(this.#folder)) return this.#placed;
    this.#folder = path.slice(0, slash + 1);
    this.#placed = this.#folders.get(path.slice(path.lastIndexOf('/', slash - 1) + 1, slash));
    return this.#placed;
  }
}

function byTerm(interests: readonly FileInterest[], term: keyof PathTerms): ReadonlyMap<string, Listed> {
  const found = new Map<string, Listed>();
  for (const interest of interests) {
    for (const text of new Set(interest.where?.[term])) {
      const listed = found.get(text) ?? { number: found.size + 1, interests: [] };
      listed.interests.push(interest);
      found.set(text, listed);
    }
  }
  return found;
}
