// paket.lock (fsprojects.github.io/Paket, "The paket.lock file"): packages of NuGet, and files of repositories, by group.
import type { RawFile } from '@plombe/model';
import type { DeclaredPackages } from '../declared-packages.ts';
import { textOf } from '../read.ts';
import { addPackage } from './package.ts';

const developmentGroups = /^(?:build|tests?|dev|development|docs?|lint|bench(?:mark)?s?)$/i;
const entry = /^([^\s()]{1,200}) \(([^()\s]{1,200})\)(?: |$)/;

/** Reads a lock file. Entries are indented by four spaces, what they need by six. */
export function readPaketLock(file: RawFile, into: DeclaredPackages): void {
  let section = '';
  let group = '';
  let remote = '';
  let known = false;
  for (const line of file.truncated ? [] : textOf(file).split(/\r?\n/)) {
    const rest = line.trimStart();
    const indent = line.length - rest.length;
    if (rest === '') continue;
    if (indent === 0) {
      const [, name] = /^GROUP (.{1,200})$/.exec(rest) ?? [];
      if (name !== undefined) group = name.trim();
      section = rest.trimEnd();
      known ||= section === 'NUGET' || section === 'GITHUB' || section === 'GIT' || section === 'HTTP';
      remote = '';
    } else if (indent === 2) remote = /^remote: (.{1,1024})$/.exec(rest)?.[1]?.trim() ?? remote;
    else if (indent === 4) {
      const [, name = '', version = ''] = entry.exec(rest) ?? [];
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
  if (!known) into.unreadable(file, 'is no lock file of Paket');
}
