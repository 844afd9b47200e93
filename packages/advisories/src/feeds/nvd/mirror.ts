// The folder that NVD's documents are kept in between updates, and what is known of them.
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { field, isObject, objectField, textField, type JsonObject } from '@plombe/kit';
import type { Collected } from '../../feed.ts';

/** How far the folder is. */
export interface MirrorState {
  /** ISO instant up to which changes are had; with `next` the instant that asking for all began. Absent until there is a whole. */
  readonly until?: string;
  /** The first record not yet had, while the API is asked for all. */
  readonly next?: number;
  /** ISO instant up to which the whole is had: what changed since is in pages and files of their own. */
  readonly wholeAt?: string;
  /** ISO instant of the last change of the folder. */
  readonly changedAt?: string;
  /** SHA-256 of the JSON in yearly files and in the last file of changes, hex, by the name without `.json.gz`. */
  readonly files: Readonly<Record<string, string>>;
}

const stateName = 'state.json';

/** Names of the folder that may be documents or parts of them. */
const ownName = /\.(?:json|gz|new|meta)$/;

/** A folder of documents. Everything in it can be had again. */
export class Mirror {
  readonly folder: string;
  #state: MirrorState;
  #written = 0;

  constructor(folder: string) {
    mkdirSync(folder, { recursive: true });
    this.folder = folder;
    this.#state = readState(join(folder, stateName)) ?? { files: {} };
    for (const name of readdirSync(folder)) if (name.endsWith('.new')) rmSync(join(folder, name));
  }

  /** How many documents were written since it was opened. */
  get written(): number {
    return this.#written;
  }

  get state(): MirrorState {
    return this.#state;
  }

  /** The path of a document. */
  path(name: string): string {
    return join(this.folder, `${name}.json.gz`);
  }

  /** Names of the documents, without `.json.gz`, sorted. */
  names(): string[] {
    return readdirSync(this.folder)
      .filter((name) => name.endsWith('.json.gz'))
      .map((name) => name.slice(0, -'.json.gz'.length))
      .sort();
  }

  /** Replaces the state, whole or not at all. */
  save(state: MirrorState): void {
    writeWhole(join(this.folder, stateName), JSON.stringify(state));
    this.#state = state;
  }

  /** Notes that a document was written. */
  changed(nowMs: number): void {
    this.#written += 1;
    this.save({ ...this.#state, changedAt: new Date(nowMs).toISOString() });
  }

  /** Writes a document, whole or not at all. */
  write(name: string, content: Uint8Array, nowMs: number): void {
    writeWhole(this.path(name), content);
    this.changed(nowMs);
  }

  /** Removes documents and what is known of them. */
  remove(names: readonly string[]): void {
    if (names.length === 0) return;
    for (const name of names) rmSync(this.path(name), { force: true });
    const files = Object.entries(this.#state.files).filter(([name]) => !names.includes(name));
    this.save({ ...this.#state, files: Object.fromEntries(files) });
  }

  /** Forgets everything, so that all is asked for anew. */
  forget(): void {
    for (const name of readdirSync(this.folder)) if (ownName.test(name)) rmSync(join(this.folder, name));
    this.#state = { files: {} };
  }

  /** Returns the documents, named `nvd/…`, sorted by name. */
  documents(origin: string, checkedAt: string): Collected['documents'] {
    return this.names().map((name) => {
      const path = this.path(name);
      return { name: `nvd/${name}.json.gz`, origin, path, sizeBytes: statSync(path).size, date: checkedAt };
    });
  }
}

function writeWhole(path: string, content: Uint8Array | string): void {
  writeFileSync(`${path}.new`, content);
  renameSync(`${path}.new`, path);
}

function readState(path: string): MirrorState | undefined {
  let value: unknown;
  try {
    value = JSON.parse(readFileSync(path, 'utf8'));
  } catch {
    return undefined;
  }
  if (!isObject(value)) return undefined;
  const next = field(value, 'next');
  const isNext = typeof next === 'number' && Number.isSafeInteger(next) && next >= 0;
  const until = instantField(value, 'until');
  if (isNext && until === undefined) return undefined;
  const state = { ...instants(value, ['until', 'wholeAt', 'changedAt']), files: filesOf(value) };
  return isNext ? { ...state, next } : state;
}

function instantField(value: JsonObject, key: string): string | undefined {
  const text = textField(value, key);
  return text === undefined || Number.isNaN(Date.parse(text)) ? undefined : text;
}

function instants(value: JsonObject, keys: readonly ('until' | 'wholeAt' | 'changedAt')[]): Partial<MirrorState> {
  return Object.fromEntries(
    keys.flatMap((key) => {
      const text = instantField(value, key);
      return text === undefined ? [] : [[key, text]];
    }),
  );
}

function filesOf(value: JsonObject): MirrorState['files'] {
  const files = objectField(value, 'files') ?? {};
  return Object.fromEntries(
    Object.entries(files).flatMap(([name, file]) => {
      return typeof file === 'string' && /^[a-z0-9.-]+$/.test(name) ? [[name, file]] : [];
    }),
  );
}
