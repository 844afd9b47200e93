// Figures with closed sets of labels, and how they are written for Prometheus (text format 0.0.4).

/** Names of labels, each with every value that it can have: nothing that a client sends can become one (T71). */
type LabelSets = Readonly<Record<string, readonly string[]>>;

/** One value of each label. */
export type Labels<L extends LabelSets> = { readonly [K in keyof L]: L[K][number] };

/** A number that only grows. */
export interface Counter<L extends LabelSets> {
  add(labels: Labels<L>): void;
}

/** All figures of a server. */
export interface Meter {
  /** Counts what happens. Combinations that never happened are not shown. */
  counter<const L extends LabelSets>(name: string, help: string, labels: L): Counter<L>;
  /** Shows what `read` returns when it is asked for; `total` where it only grows. */
  figure(name: string, help: string, kind: 'gauge' | 'total', read: () => number): void;
  /** Writes all of them. */
  text(): string;
}

/** Creates an empty meter. Names and helps are the program's own. */
export function createMeter(): Meter {
  const families: (() => readonly string[])[] = [];
  const family = (name: string, help: string, type: string, lines: () => readonly string[]): void => {
    families.push(() => [`# HELP ${name} ${help}`, `# TYPE ${name} ${type}`, ...lines()]);
  };
  return {
    counter: (name, help, labels) => {
      const counts = new Map<string, number>();
      const names = Object.keys(labels);
      family(name, help, 'counter', () => [...counts].map(([key, count]) => `${name}${key} ${count}`));
      return {
        add: (given) => {
          const pairs = names.map((label) => `${label}="${known(labels[label] ?? [], given[label] ?? '')}"`);
          const key = pairs.length === 0 ? '' : `{${pairs.join(',')}}`;
          counts.set(key, (counts.get(key) ?? 0) + 1);
        },
      };
    },
    figure: (name, help, kind, read) =>
      family(name, help, kind === 'total' ? 'counter' : 'gauge', () => [`${name} ${read()}`]),
    text: () => `${families.flatMap((lines) => lines()).join('\n')}\n`,
  };
}

/** What the types say, held to where they were talked round: a value from outside would be a series of its own. */
function known(values: readonly string[], value: string): string {
  return values.includes(value) ? value : 'other';
}
