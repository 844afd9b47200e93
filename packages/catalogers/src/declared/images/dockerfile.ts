// Dockerfiles (docs.docker.com, "Dockerfile reference"): the images that stages begin with and files are copied from.
import type { RawFile } from '@plombe/model';
import type { DeclaredPackages } from '../declared-packages.ts';
import { textOf } from '../read.ts';
import { interpolate, NamedImages } from './reference.ts';

/** Instructions of one file; real ones have under 300. */
const maxInstructions = 20_000;

/** Reads a Dockerfile: FROM with the defaults of ARG, COPY and ADD --from, RUN --mount from=, and the frontend that `# syntax=` names. */
export function readDockerfile(file: RawFile, into: DeclaredPackages): void {
  const images = new NamedImages(file, into);
  const text = textOf(file);
  const { syntax, escape } = directivesOf(text);
  if (syntax !== undefined) images.add(syntax, 'syntax', 'development');
  const defaults = new Map<string, string>();
  const stages = new Set<string>();
  let count = 0;
  for (const line of instructions(text, escape, maxInstructions)) {
    const [, word = '', rest = ''] = /^([A-Za-z]+)\s+([^]*)$/.exec(line) ?? [];
    switch (word.toUpperCase()) {
      case 'ARG':
        if (count === 0) addDefaults(rest, defaults);
        break;
      case 'FROM': {
        const [image = '', as = '', name = ''] = rest.split(/\s+/).filter((part) => !part.startsWith('--'));
        const written = interpolate(unquoted(image), (key) => defaults.get(key));
        if (!stages.has(written.toLowerCase())) images.add(written, name === '' ? 'FROM' : `FROM, stage ${name}`);
        if (as.toUpperCase() === 'AS') stages.add(name.toLowerCase());
        stages.add(String(count));
        count += 1;
        break;
      }
      case 'COPY':
      case 'ADD': {
        const from = /^(?:--\S+\s+)*?--from=(\S+)/.exec(rest)?.[1];
        if (from !== undefined && !stages.has(unquoted(from).toLowerCase()))
          images.add(unquoted(from), `${word.toUpperCase()} --from`);
        break;
      }
      case 'RUN':
        for (const option of flagsOf(rest)) {
          const from = /^--mount=(?:.*,)?from=([^,]+)/.exec(option)?.[1];
          if (from !== undefined && !stages.has(from.toLowerCase())) images.add(from, 'RUN --mount', 'development');
        }
    }
  }
  images.tell();
}

function flagsOf(rest: string): readonly string[] {
  const words = rest.slice(0, 4096).split(/\s+/);
  const end = words.findIndex((word) => !word.startsWith('--'));
  return end < 0 ? words : words.slice(0, end);
}

function unquoted(text: string): string {
  return /^"[^"]*"$|^'[^']*'$/.test(text) ? text.slice(1, -1) : text;
}

/** Directives stand in comments before all else: `# syntax=docker/dockerfile:1`, ``# escape=` ``. */
function directivesOf(text: string): { readonly syntax?: string; readonly escape: string } {
  let syntax: string | undefined;
  let escape = '\\';
  for (const line of text.slice(0, 4096).split('\n')) {
    const [, key, value] = /^\s*#\s*(\w+)\s*=\s*(\S+)\s*$/.exec(line) ?? [];
    if (key === undefined) break;
    if (key.toLowerCase() === 'syntax') syntax = value;
    else if (key.toLowerCase() === 'escape' && value === '`') escape = '`';
  }
  return { ...(syntax === undefined ? {} : { syntax }), escape };
}

/** `ARG A=1 B="2"`: what the default says may name those before it. */
function addDefaults(rest: string, defaults: Map<string, string>): void {
  for (const [, name = '', double, single, plain] of rest
    .slice(0, 8192)
    .matchAll(/(\w+)(?:=(?:"([^"]*)"|'([^']*)'|(\S*)))?/g)) {
    const value = double ?? single ?? plain;
    if (value !== undefined)
      defaults.set(
        name,
        interpolate(value, (key) => defaults.get(key)),
      );
  }
}

/** Instructions with their continued lines joined, without comments and the texts of here-documents. */
function* instructions(text: string, escape: string, max: number): Generator<string> {
  let parts: string[] = [];
  const ends: string[] = [];
  let count = 0;
  for (const raw of text.split('\n')) {
    const line = raw.endsWith('\r') ? raw.slice(0, -1) : raw;
    if (ends.length > 0) {
      if (line.replace(/^\t+/, '') === ends[0]) ends.shift();
      continue;
    }
    const bare = line.trim();
    if (bare === '' || bare.startsWith('#')) continue;
    if (bare.endsWith(escape)) {
      parts.push(bare.slice(0, -1));
      continue;
    }
    parts.push(bare);
    const whole = parts.join(' ');
    parts = [];
    if (/^(?:RUN|COPY|ADD)\s/i.test(whole) && whole.includes('<<'))
      ends.push(...[...whole.slice(0, 8192).matchAll(/<<-?["']?([A-Za-z_]\w*)["']?/g)].map(([, word = '']) => word));
    if (++count > max) return;
    yield whole;
  }
  if (parts.length > 0) yield parts.join(' ');
}
