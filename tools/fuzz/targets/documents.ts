// Bills of materials, manifests, references, package URLs, versions and settings.
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { formatPurl, parsePurl } from '@plombe/model';
import { loadSettings } from '../../../packages/cli/src/settings/load.ts';
import { parseImageConfig } from '../../../packages/oci/src/manifest/config.ts';
import { parseManifest } from '../../../packages/oci/src/manifest/manifest.ts';
import { formatReference, parseReference } from '../../../packages/oci/src/reference/reference.ts';
import { looksLikeSbom, readSbom } from '../../../packages/sbom/src/read/read-sbom.ts';
import { isInRange } from '../../../packages/versions/src/range.ts';
import { schemes } from '../../../packages/versions/src/schemes.ts';
import type { VersionScheme } from '../../../packages/versions/src/scheme.ts';
import {
  bytesOf,
  checkDiagnostics,
  type FuzzTarget,
  must,
  mustEqual,
  plombeRefusal,
  roughly,
  textOf,
} from '../target.ts';

/** Documents of people and of other tools. */
export const documentTargets: readonly FuzzTarget[] = [
  {
    name: 'sbom',
    run: (input) =>
      plombeRefusal(() => {
        looksLikeSbom(bytesOf(input));
        const { packages, diagnostics } = readSbom(bytesOf(input), 'sbom', 'sbom');
        checkDiagnostics(diagnostics);
        for (const { name, purl, id } of packages)
          must(name !== '' && purl !== '' && id !== '', `a package lacks something: ${purl}`);
        must(new Set(packages.map(({ id }) => id)).size === packages.length, 'two packages have one id');
        return `${roughly(packages.length)} ${[...new Set(diagnostics.map(({ code, message }) => `${code} ${message.slice(-12)}`))].sort().join()}`;
      }),
  },
  {
    name: 'oci/manifest',
    run: (input) =>
      plombeRefusal(() => {
        const document = parseManifest(bytesOf(input), { subject: 'fuzz' });
        return `${document.kind} ${document.subject !== undefined} ${document.artifactType !== undefined}`;
      }),
  },
  {
    name: 'oci/config',
    run: (input) =>
      plombeRefusal(() => {
        const { config, diffIDs, history } = parseImageConfig(bytesOf(input), 'fuzz');
        return `${Object.keys(config).sort().join()} ${roughly(diffIDs.length)} ${roughly(history.length)}`;
      }),
  },
  {
    name: 'oci/reference',
    run: (input) =>
      plombeRefusal(() => {
        const reference = parseReference(textOf(input));
        mustEqual(parseReference(formatReference(reference)), reference, 'what is written is read otherwise');
        return Object.keys(reference).join();
      }),
  },
  {
    name: 'purl',
    run(input) {
      const parts = parsePurl(textOf(input));
      if (parts === undefined) return 'none';
      const written = formatPurl(parts);
      if (written.length < 4000) mustEqual(parsePurl(written), parts, `${written} is read otherwise`);
      return Object.keys(parts).join();
    },
  },
  { name: 'version', run: (input) => checkVersions(textOf(input)) },
  {
    name: 'settings',
    run: (input) =>
      plombeRefusal(async () => {
        const path = join((settingsFolder ??= mkdtempSync(join(tmpdir(), 'plombe-fuzz-'))), 'plombe.yaml');
        writeFileSync(path, bytesOf(input));
        const { values } = await loadSettings({}, { PLOMBE_CONFIG: path });
        return Object.keys(values).join();
      }),
  },
];

let settingsFolder: string | undefined;

/** Versions, one on each line: never a throw, and a total order in every scheme. */
function checkVersions(text: string): string {
  const lines = text.split('\n').slice(0, 8);
  return schemes.map((scheme) => checkScheme(scheme, lines)).join('');
}

function checkScheme<Parsed>(scheme: VersionScheme<Parsed>, lines: readonly string[]): string {
  const parsed = lines.flatMap((line) => {
    scheme.requirement?.(line);
    isInRange(scheme, lines[0] ?? '', [{ introduced: '0' }, { fixed: line }]);
    const version = scheme.parse(line);
    return version === undefined ? [] : [{ line, version }];
  });
  const compare = (a: number, b: number): number => {
    const [left, right] = [parsed[a], parsed[b]];
    return left === undefined || right === undefined ? 0 : Math.sign(scheme.compare(left.version, right.version));
  };
  const named = (...at: readonly number[]): string =>
    `${scheme.id}: ${JSON.stringify(at.map((i) => parsed[i]?.line.slice(0, 100)))}`;
  for (let a = 0; a < parsed.length; a++) {
    must(compare(a, a) === 0, `not equal to itself in ${named(a)}`);
    for (let b = 0; b < a; b++) {
      must(compare(a, b) === 0 - compare(b, a), `one order both ways in ${named(a, b)}`);
      for (let c = 0; c < parsed.length; c++) {
        if (compare(a, b) <= 0 && compare(b, c) <= 0)
          must(compare(a, c) <= 0, `no order of three in ${named(a, b, c)}`);
        if (compare(a, b) >= 0 && compare(b, c) >= 0)
          must(compare(a, c) >= 0, `no order of three in ${named(a, b, c)}`);
      }
    }
  }
  return roughly(parsed.length).slice(0, 1);
}
