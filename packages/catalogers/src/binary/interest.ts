// Which files of a layer may be well-known software, decided by their names alone.
import { kibibyte } from '@plombe/kit';
import type { FileHeader } from '@plombe/model';
import type { Want } from '../cataloger.ts';
import { nameParts, programName } from './file-names.ts';
import { type Search, SoftwareReader } from './reader.ts';
import type { Software } from './software.ts';
import { programsByKey, softwareTable, textsByName } from './table.ts';
import { compileTemplate } from './template.ts';

/** The longest of the text files, `release` of a Java runtime, has 3 KiB. */
const maxTextBytes = 64 * kibibyte;
/** Names whose version matters to what is looked for (`python3.11`); each is compiled once. */
const maxNamed = 1024;

const release: Want = { kind: 'whole', maxBytes: maxTextBytes };

/** How the names of cross tools begin: `x86_64-linux-gnu-gcc-12`. */
const targets = ['x86', 'aarch', 'arm', 'i686', 'powerpc', 's390x', 'riscv'];

const programs = programsByKey();
const firsts: ReadonlySet<number> = new Set(
  [...softwareTable.flatMap(({ files }) => files.trim().split(/\s+/)), ...targets].map(firstTwo),
);
const wantsByKey = new Map<string, Want>();
const texts: ReadonlyMap<string, Want> = new Map<string, Want>([
  ['release', release],
  ...Array.from(textsByName(), ([name, rows]): [string, Want] => [name, wantFor(rows, '', true)]),
]);
const lastsOfTexts: ReadonlySet<number> = new Set(Array.from(texts.keys(), (name) => name.charCodeAt(name.length - 1)));

/** Answers what to keep of a file. */
export function wants({ path, type, sizeBytes }: FileHeader): Want | undefined {
  if (type !== 'file' || sizeBytes === 0) return undefined;
  if (sizeBytes <= maxTextBytes && lastsOfTexts.has(path.charCodeAt(path.length - 1))) {
    const text = wantOfText(path);
    if (text !== undefined) return text;
  }
  const name = programName(path);
  return name === undefined || !firsts.has(firstTwo(name)) ? undefined : wantOfProgram(name);
}

function firstTwo(name: string): number {
  return name.charCodeAt(0) * 256 + (name.length > 1 ? name.charCodeAt(1) : 0);
}

function wantOfText(path: string): Want | undefined {
  return texts.get(path.slice(path.lastIndexOf('/') + 1));
}

function wantOfProgram(name: string): Want | undefined {
  const { key, version } = nameParts(name);
  const rows = programs.get(key);
  if (rows === undefined) return undefined;
  const begun = rows.some(({ says }) => says.some((template) => /\{m(?:aj|in)or\}/.test(template)));
  // Hard links between programs of the same software are asked for with the same object: `redis-check-rdb` is `redis-server`.
  const id = `${rows.map((row) => row.id).join(' ')}${begun ? `\t${version}` : ''}`;
  const known = wantsByKey.get(id);
  if (known !== undefined) return known;
  const want = wantFor(rows, version, false);
  if (wantsByKey.size < maxNamed) wantsByKey.set(id, want);
  return want;
}

function wantFor(rows: readonly Software[], version: string, anyFile: boolean): Want {
  const searches = rows.map(({ id, says, named }): Search => {
    const evidence = says.flatMap((template) => compileTemplate(template, version) ?? []);
    return { id, evidence, ...(named === undefined ? {} : { holds: Buffer.from(named.holds) }) };
  });
  return { kind: 'distill', create: () => new SoftwareReader(searches, { anyFile }) };
}
