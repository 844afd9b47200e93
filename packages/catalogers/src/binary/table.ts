// The whole table of well-known software, and which rows a file's name stands for.
import type { Software } from './software.ts';
import { libraries } from './software/libraries.ts';
import { media } from './software/media.ts';
import { runtimes } from './software/runtimes.ts';
import { servers } from './software/servers.ts';
import { tools } from './software/tools.ts';
import { nameParts } from './file-names.ts';

/** Every row of the table. */
export const softwareTable: readonly Software[] = [...runtimes, ...servers, ...libraries, ...media, ...tools];

const byId: ReadonlyMap<string, Software> = new Map(softwareTable.map((row) => [row.id, row]));

/** Returns the row of an id. */
export function softwareOf(id: string): Software | undefined {
  return byId.get(id);
}

/** Returns the rows of programs by the key of their files' names (`file-names.ts`). */
export function programsByKey(rows: readonly Software[] = softwareTable): ReadonlyMap<string, readonly Software[]> {
  return grouped(
    rows.filter(({ text }) => text !== true),
    (name) => nameParts(name).key,
  );
}

/** Returns the rows that are files of text, by the whole name of the file. */
export function textsByName(rows: readonly Software[] = softwareTable): ReadonlyMap<string, readonly Software[]> {
  return grouped(
    rows.filter(({ text }) => text === true),
    (name) => name,
  );
}

function grouped(rows: readonly Software[], keyOf: (name: string) => string): ReadonlyMap<string, readonly Software[]> {
  const groups = new Map<string, Software[]>();
  for (const row of rows) {
    for (const key of new Set(row.files.trim().split(/\s+/).map(keyOf))) {
      const group = groups.get(key);
      if (group === undefined) groups.set(key, [row]);
      else group.push(row);
    }
  }
  return groups;
}
