// Requirements files of pip (pip.pypa.io, "Requirements File Format"): only what says its version exactly is a package.
import type { PackageScope, RawFile } from '@plombe/model';
import { normalName } from '../../python/metadata.ts';
import type { DeclaredPackages } from '../declared-packages.ts';
import { baseName, folderOf, pathWithin, textOf } from '../read.ts';
import { archiveName, originOfAddress, parseRequirement } from './names.ts';

/** A requirement whose version nothing in its file says. */
export interface OpenRequirement {
  readonly file: RawFile;
  readonly name: string;
  readonly text: string;
}

/** Files that include others, and those again. pip itself has no limit; real ones include two deep. */
const maxDepth = 16;
/** Lines of all files that one file leads to: a chain of files that each include the next one twice ends here. */
const maxLines = 200_000;

const developmentFile =
  /(?:^|[-_.])(?:dev|devel|develop|development|tests?|testing|lint|linting|docs?|ci|typing|mypy|style|check)(?:[-_.]|$)/i;

/** Reads a file and those it includes; answers what is open. `files` are all requirements files of the tree by path. */
export function readRequirements(
  file: RawFile,
  files: ReadonlyMap<string, RawFile>,
  into: DeclaredPackages,
): readonly OpenRequirement[] {
  const scope = developmentFile.test(baseName(file.path)) ? 'development' : 'runtime';
  const reading = new Reading(files, scope, into);
  reading.read(file, 0);
  return reading.open();
}

class Reading {
  readonly #files: ReadonlyMap<string, RawFile>;
  readonly #scope: PackageScope;
  readonly #into: DeclaredPackages;
  readonly #seen = new Set<string>();
  readonly #open: OpenRequirement[] = [];
  readonly #constraints = new Map<string, string>();
  #lines = 0;

  constructor(files: ReadonlyMap<string, RawFile>, scope: PackageScope, into: DeclaredPackages) {
    this.#files = files;
    this.#scope = scope;
    this.#into = into;
  }

  /** What neither a line nor a constraint says the version of; where a constraint does, it is a package. */
  open(): readonly OpenRequirement[] {
    return this.#open.filter(({ file, name }) => {
      const version = this.#constraints.get(name);
      if (version !== undefined) this.#add(file, name, version, { constrained: 'true' });
      return version === undefined;
    });
  }

  read(file: RawFile, depth: number, constraining = false): void {
    const mark = `${constraining ? 'c' : 'r'} ${file.path}`;
    if (depth > maxDepth || this.#seen.has(mark)) return;
    this.#seen.add(mark);
    if (file.truncated) return this.#into.unreadable(file, '');
    for (const line of logicalLines(decode(file))) {
      this.#lines += 1;
      if (this.#lines > maxLines)
        return this.#into.missing(file, 'archive/limit', `and what it includes have more than ${maxLines} lines`);
      this.#line(file, line, depth, constraining);
    }
  }

  #line(file: RawFile, line: string, depth: number, constraining: boolean): void {
    const [, option, value = ''] = /^(-{1,2}[A-Za-z][A-Za-z-]*)(?:[\s=]+(.*))?$/s.exec(line) ?? [];
    if (option === undefined) return this.#requirement(file, line, constraining);
    if (option === '-r' || option === '--requirement') this.#include(file, value, depth, constraining);
    else if (option === '-c' || option === '--constraint') this.#include(file, value, depth, true);
    else if (option === '-e' || option === '--editable') this.#address(file, value, value.trim());
    else if (/^-[rc]./.test(option)) this.#include(file, line.slice(2), depth, constraining || option.startsWith('-c'));
  }

  #include(file: RawFile, written: string, depth: number, constraining: boolean): void {
    const name = unquoted(written.trim());
    const path = /^[a-z]+:\/\//i.test(name) ? undefined : pathWithin(folderOf(file.path), name);
    const included = path === undefined ? undefined : this.#files.get(path);
    if (included !== undefined) this.read(included, depth + 1, constraining);
    else
      this.#into.missing(
        file,
        'package/version-open',
        `includes ${JSON.stringify(name.slice(0, 200))}, which was not read`,
      );
  }

  #requirement(file: RawFile, line: string, constraining: boolean): void {
    const text = line.split(/\s--(?:hash|config-settings|global-option|install-option)\b/, 1)[0] ?? '';
    const requirement = /^[a-z][a-z+]*:\/\/|^git\+|^\.{0,2}\//i.test(text) ? undefined : parseRequirement(text);
    if (requirement === undefined) {
      const [word = ''] = text.trim().split(/\s/, 1);
      if (!isPlace(word)) return this.#into.unreadable(file, 'has lines that are no requirements');
      return this.#address(file, text, word);
    }
    const { name, version, address } = requirement;
    if (address !== undefined) return this.#address(file, text, address, name);
    if (constraining) {
      if (version !== undefined) this.#constraints.set(name, version);
      return;
    }
    const marker = text.includes(';') ? text.slice(text.indexOf(';') + 1).trim() : '';
    if (version === undefined) this.#open.push({ file, name, text: text.replaceAll(/\s+/g, ' ').trim() });
    else this.#add(file, name, version, marker === '' ? {} : { marker });
  }

  /** What is named by address: its version where the name of an archive or the commit says it. */
  #address(file: RawFile, text: string, written: string, given?: string): void {
    const address = unquoted(written);
    const origin = originOfAddress(address);
    const egg = /[#&]egg=([A-Za-z0-9._-]+)/.exec(address)?.[1];
    const archive = archiveName(address);
    const name = given ?? (egg === undefined ? archive?.name : normalName(egg));
    const commit = /\.git@([^#&\s]{1,200})|@([0-9a-f]{7,40})(?:#|$)/.exec(address);
    const version = archive?.version ?? commit?.[1] ?? commit?.[2];
    if (origin === 'local') return;
    if (name === undefined || version === undefined) {
      this.#into.missing(
        file,
        'package/not-from-registry',
        `asks for ${JSON.stringify(text.slice(0, 200))}, which says no name and version`,
      );
      return;
    }
    this.#into.add(file, {
      type: 'pypi',
      name,
      version,
      scope: this.#scope,
      direct: true,
      origin,
      facts: { resolved: address },
    });
  }

  #add(file: RawFile, name: string, version: string, facts: Readonly<Record<string, string>>): void {
    this.#into.add(file, { type: 'pypi', name, version, scope: this.#scope, facts });
  }
}

/** True for what may be an address, a path or the name of an archive: `./folder`, `wheels/a-1.0-py3-none-any.whl`. */
function isPlace(word: string): boolean {
  // oxlint-disable-next-line no-control-regex -- Control characters are what no path here has.
  const isPath = /[\\/]/.test(word) || word.startsWith('.') || archiveName(word) !== undefined;
  return isPath && !/[<>\u0000-\u001f\u007f\ufffd]/.test(word);
}

/** PowerShell's `pip freeze > requirements.txt` writes UTF-16; pip reads that by its mark. */
function decode(file: RawFile): string {
  const [first, second] = file.content;
  if (first === 0xff && second === 0xfe) return new TextDecoder('utf-16le').decode(file.content);
  if (first === 0xfe && second === 0xff) return new TextDecoder('utf-16be').decode(file.content);
  return textOf(file);
}

/** Lines joined where one ends with a backslash, without comments; empty ones are left out. */
function* logicalLines(text: string): Generator<string> {
  let joined = '';
  for (const line of text.split(/\r\n|\r|\n/)) {
    if (line.endsWith('\\') && !line.trimStart().startsWith('#')) {
      joined += `${line.slice(0, -1)} `;
      continue;
    }
    const whole = `${joined}${line}`;
    joined = '';
    const hash = /(?:^|\s)#/.exec(whole)?.index ?? whole.length;
    const bare = whole.slice(0, hash).trim();
    if (bare !== '') yield bare;
  }
  if (joined.trim() !== '') yield joined.trim();
}

function unquoted(text: string): string {
  return /^(["']).*\1$/.test(text) ? text.slice(1, -1) : text;
}
