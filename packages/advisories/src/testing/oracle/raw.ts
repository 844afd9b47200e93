// Naive readings of the raw files of feeds: regular expressions and Python's own zip, JSON and text, nothing of the feeds' parsers.
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import type { Claim, Events } from './claim.ts';

function lines(program: string, ...parameters: readonly string[]): readonly unknown[] {
  const run = spawnSync('python3', ['-c', program, ...parameters], { encoding: 'utf8', maxBuffer: 1 << 29 });
  if (run.status !== 0) throw new Error(run.stderr);
  return run.stdout
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as unknown);
}

const osvProgram = `import json, sys, zipfile
archive = zipfile.ZipFile(sys.argv[1])
for name in archive.namelist():
    record = json.loads(archive.read(name))
    if record.get('withdrawn'):
        continue
    for part in record.get('affected', []):
        package = part.get('package', {})
        if package.get('ecosystem') != sys.argv[2]:
            continue
        ranges = [r['events'] for r in part.get('ranges', []) if r['type'] != 'GIT']
        print(json.dumps({'id': record['id'], 'name': package['name'], 'ranges': ranges, 'versions': part.get('versions', [])}))`;

/** Claims of one ecosystem in an archive of OSV records. */
export function osvClaims(path: string, ecosystem: string): Claim[] {
  return lines(osvProgram, path, ecosystem) as Claim[];
}

/** Claims of Alpine's secdb: each id that an entry's text names, fixed by its version; version 0 alone is a veto. */
export function secdbClaims(paths: readonly string[]): Claim[] {
  const found = new Map<string, { id: string; name: string; versions: string[] }>();
  for (const path of paths) {
    const { packages } = JSON.parse(readFileSync(path, 'utf8')) as {
      packages: { pkg: { name: string; secfixes: Record<string, string[]> } }[];
    };
    for (const { pkg } of packages) {
      for (const [version, texts] of Object.entries(pkg.secfixes)) {
        for (const id of texts.flatMap(
          (text) =>
            text.match(/CVE-\d{4}-\d+/g) ?? text.match(/GHSA(?:-\w{4}){3}/g) ?? text.match(/(?:XSA|ALPINE)-\d+/g) ?? [],
        )) {
          const claim = found.get(`${pkg.name} ${id}`) ?? { id, name: pkg.name, versions: [] };
          claim.versions.push(version);
          found.set(`${pkg.name} ${id}`, claim);
        }
      }
    }
  }
  return [...found.values()].map(({ id, name, versions }) => {
    const fixes = versions.filter((version) => version !== '0');
    const ranges = fixes.map((fixed): Events => [{ introduced: '0' }, { fixed }]);
    return {
      id,
      name,
      versions: [],
      ranges,
      veto: fixes.length === 0,
    };
  });
}

const attribute = (text: string, name: string): string => new RegExp(`${name}="([^"]*)"`).exec(text)?.[1] ?? '';

/** The version that an EVR means: the last of several, without a tag where it has no release; `null` is none. */
function meantVersion(evr: string): string | undefined {
  const version = evr.replaceAll(' ', '').replace(/^0:/, '').split(',').at(-1) as string;
  if (version.startsWith('null')) return undefined;
  return version.includes('-') ? version : version.replace(/\.(azl|cm)\d$/, '');
}

/** Claims of Azure Linux's OVAL. Not Applicable says nothing. */
export function ovalClaims(path: string): Claim[] {
  const text = readFileSync(path, 'utf8');
  const part = (pattern: RegExp): RegExpExecArray[] => [...text.matchAll(pattern)];
  const names = new Map(
    part(/<linux-def:rpminfo_object ([^>]*)>\s*<linux-def:name>([^<]*)/g).map(([, head = '', name = '']) => [
      attribute(head, 'id'),
      name,
    ]),
  );
  const states = new Map(
    part(/<linux-def:rpminfo_state ([^>]*)>\s*<linux-def:evr ([^>]*)>([^<]*)/g).map(
      ([, head = '', evr = '', version = '']) => [
        attribute(head, 'id'),
        { operation: attribute(evr, 'operation'), version: meantVersion(version) },
      ],
    ),
  );
  const tests = new Map(
    part(/<linux-def:rpminfo_test ([^>]*)>([^]*?)<\/linux-def:rpminfo_test>/g).map(([, head = '', body = '']) => [
      attribute(head, 'id'),
      { name: names.get(attribute(body, 'object_ref')) ?? '', state: states.get(attribute(body, 'state_ref')) },
    ]),
  );
  return part(/<definition [^]*?<\/definition>/g).flatMap(([definition = '']) => {
    if (/<patchable>Not Applicable</.test(definition)) return [];
    const compared = [...definition.matchAll(/test_ref="([^"]*)"/g)].map(([, id = '']) => tests.get(id));
    const version = (operation: string): string | undefined =>
      compared.find((test) => test?.state?.operation === operation)?.state?.version;
    const [fixed, last, above] = [version('less than'), version('less than or equal'), version('greater than')];
    const isBound = above !== undefined && !above.startsWith('0.0.0');
    const events: Events = [
      { introduced: '0' },
      ...(fixed === undefined ? [] : [{ fixed }]),
      ...(last === undefined ? [] : [{ last_affected: last }]),
    ];
    const id = /ref_id="(CVE-[^"]*)"/.exec(definition)?.[1] ?? '';
    return [{ id, name: compared[0]?.name ?? '', ranges: [events], versions: [], ...(isBound ? { above } : {}) }];
  });
}

const trackerProgram = `import json, re, subprocess, sys, tarfile
stream = subprocess.Popen(['zstd', '-dc', sys.argv[1]], stdout=subprocess.PIPE).stdout
line = re.compile(r'^(?:(esm-infra|esm-apps)/)?' + sys.argv[2] + r'(/esm)?_([^:\\s]+):[ \\t]*(.*)$', re.M)
with tarfile.open(fileobj=stream, mode='r|') as archive:
    for entry in archive:
        if not re.search(r'(active|retired|ignored)/CVE-\\d{4}-\\w+$', entry.name):
            continue
        text = archive.extractfile(entry).read().decode('utf8', 'replace')
        if re.search(r'^Description:\\n\\s+(\\*\\* ?REJECT|Rejected reason:)', text, re.M):
            continue
        for pocket, old, name, status in line.findall(text):
            print(json.dumps([entry.name.split('/')[-1], pocket or old[1:], name, status]))`;

const open: readonly string[] = ['needed', 'needs-triage', 'deferred', 'ignored', 'pending'];

/** Claims of the Ubuntu CVE tracker about one release; those of its ESM pockets where its own archive never had the package. */
export function ubuntuClaims(path: string, codename: string): Claim[] {
  const stated = (lines(trackerProgram, path, codename) as [string, string, string, string][]).map(
    ([id, pocket, name, status]) => {
      const [, word = '', version] = /^(\S+)(?:\s+\((\d[^)\s]*)\))?/.exec(status) ?? [];
      return { id, name, key: `${id} ${name}`, isEsm: pocket.startsWith('esm'), word, version };
    },
  );
  const plain = new Set(stated.filter(({ isEsm, word }) => !isEsm && word !== 'DNE').map(({ key }) => key));
  const inEsm = new Map(stated.filter(({ isEsm }) => isEsm).map((statement) => [statement.key, statement]));
  const seen = new Set<string>();
  return stated.flatMap(({ id, name, key, isEsm, word, version }) => {
    if (word === 'DNE' || (isEsm && plain.has(key)) || seen.has(key)) return [];
    seen.add(key);
    const esm = inEsm.get(key);
    const except = !isEsm && esm?.word === 'not-affected' ? { except: /[+~.]esm\d*\b/ } : {};
    const claim = (end: Events): Claim[] => [
      { id, name, versions: [], ranges: [[{ introduced: '0' }, ...end]], ...except },
    ];
    if (word === 'released') return version === undefined ? [] : claim([{ fixed: version }]);
    if (word === 'pending' && version !== undefined) return claim([{ limit: version }]);
    const limit = esm?.word === 'released' ? esm.version : undefined;
    return open.includes(word) ? claim(limit === undefined ? [] : [{ limit }]) : [];
  });
}
