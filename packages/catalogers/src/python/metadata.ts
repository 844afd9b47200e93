// Core metadata (packaging.python.org "Core metadata specifications") of one distribution.
import { type MailHeaders, parseMailHeaders } from '@plombe/formats';
import { declaredLicences, validExpression } from '@plombe/kit';
import type { FoundPackage, RawFile } from '@plombe/model';

/** Names of PyPI are ASCII letters, digits and `._-`, core metadata "Name". */
const namePattern = /^[A-Za-z0-9](?:[A-Za-z0-9._-]{0,253}[A-Za-z0-9])?$/;
const versionPattern = /^[\x21-\x7e]{1,256}$/;

/** Reads a metadata file. Where it lacks name or version, the file name has them, which is weaker; undefined where neither has. */
export function parseMetadata(file: RawFile): FoundPackage | undefined {
  const headers = parseMailHeaders(file.content);
  const declared = first(headers, 'name');
  const version = first(headers, 'version');
  const strong = namePattern.test(declared) && versionPattern.test(version);
  const [name, release] = strong ? [declared, version] : fromFileName(file.path);
  if (name === undefined || release === undefined) return undefined;
  const normal = normalName(name);
  return {
    type: 'pypi',
    name: normal,
    version: release,
    licences: licencesOf(headers),
    paths: [file.path],
    ...(strong ? {} : { weak: true }),
    ...(name === normal ? {} : { facts: { declaredName: name } }),
  };
}

/** Normalises a name per PEP 503: lower case, runs of `-`, `_` and `.` as one `-`. */
export function normalName(name: string): string {
  return name.toLowerCase().replace(/[-_.]+/g, '-');
}

function first(headers: MailHeaders, key: string): string {
  return headers.get(key)?.[0] ?? '';
}

/** `NAME-VERSION.dist-info/…` and `NAME-VERSION[-pyX.Y[-PLATFORM]].egg[-info]`. */
function fromFileName(path: string): readonly [string, string] | readonly [undefined, undefined] {
  const match =
    /(?:^|\/)([A-Za-z0-9._]+)-(\d[A-Za-z0-9._+!]*)(?:-py[\d.]+[^/]*)?\.(?:dist-info|egg-info|egg)(?:\/|$)/.exec(path);
  const [, name = '', version = ''] = match ?? [];
  return namePattern.test(name) && versionPattern.test(version) ? [name, version] : [undefined, undefined];
}

/**
 * License-Expression (PEP 639) before License before the classifiers, as each replaced the next; one whose every part has an expression before
 * one that is text.
 */
function licencesOf(headers: MailHeaders): readonly string[] {
  const said = [
    [first(headers, 'license-expression')].filter(isName),
    [first(headers, 'license')].filter(isName),
    (headers.get('classifier') ?? [])
      .filter((classifier) => classifier.startsWith('License ::'))
      .map(licenceInClassifier)
      .filter(isName),
  ]
    .map((names) => declaredLicences(names.slice(0, 16)))
    .filter((licences) => licences.length > 0);
  return said.find((licences) => licences.every((one) => validExpression(one) !== undefined)) ?? said[0] ?? [];
}

/** `License :: OSI Approved :: MIT License` without what stands before the name. */
function licenceInClassifier(classifier: string): string {
  const name = classifier.split(' :: ').slice(1).join(' :: ');
  return name.replace(/^OSI Approved(?: :: )?/, '');
}

/** The License field often holds the whole text of the licence; only a line that can be a name counts. */
function isName(text: string): boolean {
  return text !== '' && text.length <= 200 && !text.includes('\n') && text !== 'UNKNOWN';
}
