// A naive reading of Debian's raw files: its CVE list, its DSA and DLA lists and the tracker's rows.
import { readFileSync } from 'node:fs';
import type { Claim, Events } from './claim.ts';

const listedFix = /^\s+\[([a-z]+)\] - (\S+) (\S+)/;

/** What one list of Debian says of a flaw of a package in one release. */
interface Fix {
  readonly id: string;
  readonly name: string;
  readonly what: string;
  readonly isRegression: boolean;
}

/** The fixes of DSA and DLA by package and flaw; several ranges are as good as the highest of them. */
function listedFixes(folder: string, codename: string): Map<string, Fix[]> {
  const found = new Map<string, Fix[]>();
  for (const list of ['DSA.list', 'DLA.list']) {
    for (const block of readFileSync(`${folder}/${list}`, 'utf8').split(/\n(?=\[)/)) {
      const isRegression = / regression/i.test(block.split('\n')[0] ?? '');
      const named = [...new Set(block.match(/CVE-\d+-\d+/g) ?? [])];
      const own = /^\[[^\]]*\] (\S+)/.exec(block)?.[1] ?? '';
      if (named.length === 0 && isRegression) continue;
      for (const line of block.split('\n')) {
        const [, release, name = '', what = ''] = listedFix.exec(line) ?? [];
        if (release !== codename) continue;
        for (const id of named.length === 0 ? [own] : named) {
          const key = `${name} ${id}`;
          found.set(key, [...(found.get(key) ?? []), { id, name, what, isRegression }]);
        }
      }
    }
  }
  return found;
}

/** Claims of Debian about one release: the CVE list's own line, else the fixes of DSA and DLA, else the tracker's row, else unstable's fix. */
export function debianClaims(folder: string, codename: string): Claim[] {
  const found = new Map<string, Claim>();
  const add = (id: string, name: string, whats: readonly string[], limit?: string): void => {
    const key = `${name} ${id}`;
    if (found.has(key) || whats.includes('<undetermined>')) return;
    const veto = whats.every((what) => what === '0' || what === '<not-affected>');
    const versions = whats.filter((what) => !what.startsWith('<'));
    const end = limit === undefined ? [] : [{ limit }];
    const ends: Events[] = versions.length === 0 ? [end] : versions.map((fixed) => [{ fixed }]);
    const ranges = ends.map((events) => [{ introduced: '0' }, ...events]);
    found.set(key, { id, name, versions: [], ranges: veto ? [] : ranges, veto });
  };
  const unstable: [id: string, name: string, what: string][] = [];
  const excerpt = readFileSync(`${folder}/CVE-list-excerpt.txt`, 'utf8');
  for (const block of excerpt.split(/\n(?=CVE)/)) {
    const id = /^CVE-\d+-\d+/.exec(block)?.[0] ?? '';
    const fixes = new Map([...block.matchAll(/^\s+- (\S+) (\S+)/gm)].map(([, name = '', what = '']) => [name, what]));
    for (const line of block.split('\n')) {
      const [, release, name = '', what = ''] = listedFix.exec(line) ?? [];
      const fix = fixes.get(name);
      if (release === codename) add(id, name, [what], fix === undefined || fix.startsWith('<') ? undefined : fix);
    }
    for (const [name, what] of fixes) unstable.push([id, name, what]);
  }
  for (const stated of listedFixes(folder, codename).values()) {
    const whole = stated.filter(({ isRegression }) => !isRegression);
    const counting = whole.length === 0 ? stated : whole;
    const { id, name } = counting[0] as Fix;
    add(
      id,
      name,
      counting.map(({ what }) => what),
    );
  }
  const tracker = JSON.parse(readFileSync(`${folder}/tracker-derived-from-changelogs.json`, 'utf8')) as Record<
    string,
    Record<string, { releases: Record<string, { fixed_version: string }> }>
  >;
  for (const [name, entries] of Object.entries(tracker)) {
    for (const [id, { releases }] of Object.entries(entries)) {
      const row = releases[codename];
      if (row !== undefined) add(id, name, [row.fixed_version]);
    }
  }
  for (const [id, name, what] of unstable) {
    if (what.startsWith('<')) add(id, name, [what]);
    else add(id, name, ['<unfixed>'], what);
  }
  return [...found.values()];
}
