// Gems as bundler locks them (bundler.io, "Gemfile.lock"); the Gemfile beside says what is for development, where that is certain.
import { decodeText } from '@plombe/kit';
import type { PackageOrigin, RawFile } from '@plombe/model';
import { gemNamePattern, platformPattern } from '../../ruby/names.ts';
import type { DeclaredPackages } from '../declared-packages.ts';
import { beside, byBaseName, declaring } from '../declaring.ts';
import { reach, type Need } from '../graph.ts';
import { baseName, lockFile, manifestFile, textOf } from '../read.ts';
import { developmentGems } from './gemfile.ts';

const manifestOf: ReadonlyMap<string, string> = new Map([
  ['Gemfile.lock', 'Gemfile'],
  ['gems.locked', 'gems.rb'],
]);

/** Gemfile.lock and gems.locked. */
export const gemLockCataloger = declaring(
  'gem-lock',
  byBaseName({ 'Gemfile.lock': lockFile, 'gems.locked': lockFile, Gemfile: manifestFile, 'gems.rb': manifestFile }),
  (files, into) => {
    const byPath = new Map(files.map((file) => [file.path, file]));
    for (const file of files) {
      const manifest = manifestOf.get(baseName(file.path));
      if (manifest !== undefined) readGemfileLock(file, byPath.get(beside(file.path, manifest)), into);
    }
  },
);

interface Spec {
  readonly name: string;
  readonly version: string;
  readonly platform?: string;
  readonly origin: PackageOrigin | undefined;
  readonly facts: Readonly<Record<string, string>>;
  readonly needs: string[];
}

interface Lock {
  readonly specs: readonly Spec[];
  readonly direct: ReadonlySet<string>;
  /** Lines where a gem should be, and that name none. */
  readonly invalid: number;
  /** Bundler writes what is asked for behind all gems, even where that is nothing. */
  readonly isWhole: boolean;
}

const sources: ReadonlyMap<string, PackageOrigin | undefined> = new Map<string, PackageOrigin | undefined>([
  ['GEM', undefined],
  ['PLUGIN SOURCE', 'archive'],
  ['GIT', 'vcs'],
  ['PATH', 'local'],
]);
/** A name and what is in brackets behind it; `!` where the source is given. */
const specLine = /^([^\s()]{1,200})(?: \(([^()]{1,300})\))?!?$/;

function readGemfileLock(file: RawFile, manifest: RawFile | undefined, into: DeclaredPackages): void {
  const text = file.truncated ? '' : textOf(file);
  if (file.truncated || /^(?:<<<<<<<|>>>>>>>) /m.test(text))
    return into.unreadable(file, 'has two sides of a merge in it');
  const lock = parseLock(text);
  if (lock === undefined) return into.unreadable(file, 'is no lock file of bundler');
  if (!lock.isWhole) into.unreadable(file, 'was cut off: it has no "DEPENDENCIES"');
  if (lock.invalid > 0) into.unreadable(file, `has ${lock.invalid} lines that name no gem`);
  const development =
    manifest === undefined || manifest.truncated ? new Set() : developmentGems(decodeText(manifest.content));
  const byName = new Map<string, Spec[]>();
  for (const spec of lock.specs) {
    const same = byName.get(spec.name);
    if (same === undefined) byName.set(spec.name, [spec]);
    else same.push(spec);
  }
  const roots = [...lock.direct].map((key): Need => ({ key, scope: development.has(key) ? 'development' : 'runtime' }));
  const needsOf = (name: string): readonly Need[] =>
    (byName.get(name) ?? []).flatMap(({ needs }) => needs.map((key): Need => ({ key, scope: 'runtime' })));
  const reached = reach(roots, needsOf, (name) => name);
  for (const { name, version, platform, origin, needs, facts } of lock.specs) {
    const way = reached.get(name);
    into.add(file, {
      type: 'gem',
      name,
      version,
      qualifiers: platform === undefined ? undefined : { platform },
      scope: way?.scope,
      direct: way?.direct ?? false,
      origin,
      links: { key: name, needs },
      facts: { ...facts, ...(way?.via === undefined ? {} : { via: way.via }) },
    });
  }
}

function parseLock(text: string): Lock | undefined {
  const specs: Spec[] = [];
  const direct = new Set<string>();
  let section = '';
  let attributes: Record<string, string> = {};
  let current: Spec | undefined;
  let invalid = 0;
  let known = false;
  let isWhole = false;
  for (const line of text.split(/\r?\n/)) {
    const rest = line.trimStart();
    const indent = line.length - rest.length;
    if (rest === '') continue;
    if (indent === 0) {
      section = rest.trimEnd();
      attributes = {};
      current = undefined;
      isWhole ||= section === 'DEPENDENCIES';
      known ||= sources.has(section) || isWhole;
    } else if (section === 'DEPENDENCIES' && indent === 2) {
      const name = specLine.exec(rest.trimEnd())?.[1];
      if (name !== undefined) direct.add(name.replace(/!$/, ''));
    } else if (!sources.has(section)) continue;
    else if (indent === 2) {
      const [, key, value] = /^(\w+):(?: (.*))?$/.exec(rest) ?? [];
      if (key !== undefined && value !== undefined) attributes = { ...attributes, [key]: value.trim().slice(0, 1024) };
    } else if (indent === 4) {
      current = specOf(rest.trimEnd(), sources.get(section), attributes);
      if (current === undefined) invalid += 1;
      else specs.push(current);
    } else if (indent === 6) {
      const name = specLine.exec(rest.trimEnd())?.[1];
      if (name !== undefined) current?.needs.push(name.replace(/!$/, ''));
    }
  }
  return known ? { specs, direct, invalid, isWhole } : undefined;
}

const versionPattern = /^\d[0-9A-Za-z]{0,40}(?:\.[0-9A-Za-z]{1,40}){0,20}$/;

/** `nokogiri (1.15.4-x86_64-linux)`: what follows the first hyphen is the platform; versions have none. */
function specOf(
  text: string,
  origin: PackageOrigin | undefined,
  attributes: Readonly<Record<string, string>>,
): Spec | undefined {
  const [, name = '', written = ''] = specLine.exec(text) ?? [];
  const hyphen = written.indexOf('-');
  const version = hyphen < 0 ? written : written.slice(0, hyphen);
  const platform = hyphen < 0 ? undefined : written.slice(hyphen + 1);
  if (!gemNamePattern.test(name) || !versionPattern.test(version)) return undefined;
  if (platform !== undefined && !platformPattern.test(platform)) return undefined;
  const { remote, revision } = attributes;
  const isPublic = remote === undefined || /^https?:\/\/(?:www\.)?rubygems\.org\/?$/.test(remote);
  return {
    name,
    version,
    ...(platform === undefined || platform === 'ruby' ? {} : { platform }),
    origin,
    facts: {
      ...(origin === undefined && !isPublic ? { registry: remote } : {}),
      ...(origin !== undefined && remote !== undefined ? { resolved: remote } : {}),
      ...(revision === undefined ? {} : { commit: revision }),
    },
    needs: [],
  };
}
