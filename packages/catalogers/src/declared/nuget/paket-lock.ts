// paket.lock (fsprojects.github.io/Paket, "The paket.lock file"): packages of NuGet, and files of repositories, by group.
import type { RawFile } from '@plombe/model';
import type { DeclaredPackages } from '../declared-packages.ts';
import { tellLost } from '../lost.ts';
import { textOf } from '../read.ts';
import { addPackage } from './package.ts';

const developmentGroups = /^(?:build|tests?|dev|development|docs?|lint|bench(?:mark)?s?)$/i;
const sections: ReadonlySet<string> = new Set(['NUGET', 'GITHUB', 'GIT', 'HTTP']);
/** `Name (>= 1.0)`, or with a restriction behind it, by which nothing may be needed at all. */
const need = /^([^\s()]{1,200})(?: \([^()]{1,300}\))?( - .*)?$/;
const entry = /^([^\s()]{1,200}) \(([^()\s]{1,200})\)(?: |$)/;

/** Reads a lock file. Entries are indented by four spaces, what they need by six. */
export function readPaketLock(file: RawFile, into: DeclaredPackages): void {
  let section = '';
  let group = '';
  let remote = '';
  let known = false;
  // A place without anything of it was cut off.
  let isOpen = false;
  const held = new Set<string>();
  const needed = new Map<string, string>();
  for (const line of file.truncated ? [] : textOf(file).split(/\r?\n/)) {
    const rest = line.trimStart();
    const indent = line.length - rest.length;
    if (rest === '') continue;
    if (indent === 0) {
      const [, name] = /^GROUP (.{1,200})$/.exec(rest) ?? [];
      if (name !== undefined) group = name.trim();
      section = rest.trimEnd();
      known ||= sections.has(section);
      remote = '';
      isOpen ||= section.startsWith('GROUP ') || sections.has(section);
    } else if (indent === 6 && section === 'NUGET') {
      const [, name, restriction] = need.exec(rest.trimEnd()) ?? [];
      if (name === undefined) into.unreadable(file, 'has a line that names no package');
      else if (restriction === undefined) needed.set(keyOf(group, name), name);
    } else if (indent === 2) remote = /^remote: (.{1,1024})$/.exec(rest)?.[1]?.trim() ?? remote;
    else if (indent === 4) {
      const [, name = '', version = ''] = entry.exec(rest) ?? [];
      isOpen = false;
      held.add(keyOf(group, name));
      const facts: Readonly<Record<string, string>> = group === '' ? {} : { group };
      const scope = developmentGroups.test(group) ? 'development' : 'runtime';
      if (section === 'NUGET') addPackage(file, into, name, version, { scope, facts });
      else if (section === 'GITHUB') {
        const [, owner, repository] = /^([\w.-]{1,100})\/([\w.-]{1,100})$/.exec(remote) ?? [];
        const commit = /\(([0-9a-f]{7,64})\)/.exec(rest)?.[1];
        if (owner === undefined || repository === undefined || commit === undefined)
          into.unreadable(file, 'has a file of a repository without repository and commit');
        else
          into.add(file, {
            type: 'github',
            namespace: owner,
            name: repository,
            version: commit,
            scope,
            origin: 'vcs',
            facts,
          });
      } else if (section === 'GIT' || section === 'HTTP') {
        const from = JSON.stringify(remote.slice(0, 200));
        into.missing(file, 'package/not-from-registry', `takes code from ${from}, which is no package`);
      }
    }
  }
  if (isOpen) into.unreadable(file, 'was cut off: it names a place, and nothing that is from there');
  const lost = [...needed].flatMap(([key, name]) => (held.has(key) ? [] : [name]));
  tellLost(file, lost, into);
  if (!known) into.unreadable(file, 'is no lock file of Paket');
}

/** Ids of NuGet are the same in either case, each group has its own. */
function keyOf(group: string, name: string): string {
  return `${group} ${name.toLowerCase()}`;
}
