// Which distribution an image is made of: os-release first, then the files that came before it.
import { decodeText, inert } from '@plombe/kit';
import type { Diagnostic, Distribution, RawFile } from '@plombe/model';
import type { FileView } from '../cataloger.ts';
import { amazonExtras, redHatRepositories } from './content-sets.ts';
import {
  alpineRepositoriesPath,
  amazonExtrasPath,
  debianSourcesPath,
  isContentSets,
  isSourcesFile,
  legacyPaths,
  osReleasePaths,
} from './interest.ts';
import { parseLegacy } from './legacy.ts';
import { parseOsRelease } from './os-release.ts';
import { alpineRepositoryRelease, debianRepositoryRelease } from './repositories.ts';

export interface DetectedDistribution {
  /** Absent where no file says it: an image of one program, or busybox. */
  readonly distribution?: Distribution;
  readonly diagnostics: readonly Diagnostic[];
}

/** Detects the distribution in a view of `distributionInterest`. Pure; never throws on any content. */
export function detectDistribution(view: FileView): DetectedDistribution {
  const diagnostics: Diagnostic[] = [];
  const distribution = fromOsRelease(view, diagnostics) ?? fromLegacy(view);
  if (distribution === undefined) return { diagnostics };
  const repositoryRelease = repositoryReleaseOf(view, distribution);
  const repositories = repositoriesOf(view, distribution);
  return {
    distribution: {
      ...distribution,
      ...(repositoryRelease === undefined ? {} : { repositoryRelease }),
      ...(repositories === undefined ? {} : { repositories }),
    },
    diagnostics,
  };
}

function fromOsRelease(view: FileView, diagnostics: Diagnostic[]): Distribution | undefined {
  for (const path of osReleasePaths) {
    const file = view.get(path);
    if (file === undefined) continue;
    if (file.truncated) diagnostics.push(diagnostic(file, 'is far larger than any os-release and was read in part'));
    const values = parseOsRelease(decodeText(file.content));
    const id = values.get('ID')?.toLowerCase();
    if (id !== undefined && isWord(id)) return distributionOf(id, values, view, file.path);
    diagnostics.push(diagnostic(file, id ? `has an ID that is not valid: ${inert(id)}` : 'has no ID'));
  }
  return undefined;
}

/** os-release(5): lower-case letters, digits, dot, underscore and dash. */
function isWord(text: string): boolean {
  return /^[a-z0-9._-]{1,64}$/.test(text);
}

function distributionOf(
  id: string,
  values: ReadonlyMap<string, string>,
  view: FileView,
  evidencePath: string,
): Distribution {
  const versionId = values.get('VERSION_ID');
  const name = values.get('PRETTY_NAME') || values.get('NAME');
  const variantId = values.get('VARIANT_ID')?.toLowerCase();
  const idLike = (values.get('ID_LIKE') ?? '')
    .toLowerCase()
    .split(/[\s,]+/)
    .filter(isWord);
  const cpe = values.get('CPE_NAME');
  const codename = codenameOf(id, values, view);
  return {
    id,
    ...(versionId && /^[\w.+~-]{1,64}$/.test(versionId) ? { versionId } : {}),
    ...(name ? { name: inert(name) } : {}),
    ...(codename === undefined ? {} : { codename }),
    ...(variantId && isWord(variantId) ? { variantId } : {}),
    ...(idLike.length > 0 ? { idLike } : {}),
    ...(cpe && /^cpe:[\w:/.*~%-]+$/.test(cpe) ? { cpe } : {}),
    evidencePath,
  };
}

/** VERSION_CODENAME, else the word in `Debian GNU/Linux trixie/sid` or `… 9 (stretch)`, else what debian_version says. */
function codenameOf(id: string, values: ReadonlyMap<string, string>, view: FileView): string | undefined {
  const stated = (values.get('VERSION_CODENAME') || values.get('UBUNTU_CODENAME') || '').toLowerCase();
  if (/^[a-z][a-z -]{0,63}$/.test(stated)) return stated;
  if (id !== 'debian') return undefined;
  const pretty = values.get('PRETTY_NAME') ?? '';
  const named = /([a-z]{1,64})\/sid$/.exec(pretty)?.[1] ?? /\(([a-z]{1,64})\)$/.exec(pretty)?.[1];
  return named ?? legacyOf(view, 'etc/debian_version')?.codename;
}

function fromLegacy(view: FileView): Distribution | undefined {
  // An lsb-release is more specific than the debian_version beside it, because derivatives keep Debian's.
  for (const path of legacyPaths) {
    const found = legacyOf(view, path);
    if (found !== undefined) return found;
  }
  return undefined;
}

function legacyOf(view: FileView, path: string): Distribution | undefined {
  const file = view.get(path);
  const parts = file && parseLegacy(path, decodeText(file.content));
  if (file === undefined || parts === undefined) return undefined;
  return { ...parts, ...(parts.name ? { name: inert(parts.name) } : {}), evidencePath: file.path };
}

function repositoryReleaseOf(view: FileView, { id, versionId }: Distribution): string | undefined {
  if (id === 'alpine') {
    const file = view.get(alpineRepositoriesPath);
    return alpineRepositoryRelease(file && decodeText(file.content), versionId);
  }
  if (id !== 'debian' || versionId !== undefined) return undefined;
  const files = view.files().filter((file) => file.path === debianSourcesPath || isSourcesFile(file.path));
  return debianRepositoryRelease(files.map((file) => decodeText(file.content)));
}

function repositoriesOf(view: FileView, { id }: Distribution): readonly string[] | undefined {
  if (id === 'amzn') {
    const file = view.get(amazonExtrasPath);
    return file && amazonExtras(decodeText(file.content));
  }
  if (id !== 'rhel') return undefined;
  const files = view.files().filter((file) => isContentSets(file.path));
  return redHatRepositories(files.map((file) => decodeText(file.content)));
}

function diagnostic(file: RawFile, sentence: string): Diagnostic {
  const { path, layerIndex } = file;
  return { code: 'distribution/unknown', level: 'warning', message: `/${path} ${sentence}`, path, layerIndex };
}
