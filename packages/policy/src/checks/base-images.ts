// What the image was built on, as signed provenance says it, or as the image says of itself where the policy believes that.
import { inert, isObject, objectField, objectsField, textField } from '@plombe/kit';
import { signerAnchor } from '../anchors.ts';
import type { PolicyEvidence } from '../evidence.ts';
import { compileGlobs, type Glob } from '../glob.ts';
import { count, defineCheck, unknown } from './check.ts';

interface Parameters {
  readonly names: readonly string[];
  readonly matches: Glob;
  readonly believesLabel: boolean;
  /** Ids of the anchors by which this policy verifies provenance. */
  readonly provenanceBy: readonly { readonly anchor: string; readonly type: string }[];
}

interface BaseImage {
  readonly name?: string | undefined;
  readonly digest?: string | undefined;
}

export const baseImages = defineCheck<Parameters>({
  id: 'base-images',
  needs: ['attestations', 'config'],
  parameters({ baseImages: asked, attestations = [] }, { folder }) {
    if (asked === undefined) return [];
    const provenance = attestations.filter(({ type }) =>
      /^slsaprovenance|^https:\/\/slsa\.dev\/provenance\//.test(type),
    );
    return [
      {
        value: {
          names: asked.allow,
          matches: compileGlobs(asked.allow),
          believesLabel: asked.evidence === 'label',
          provenanceBy: provenance.map((rule) => ({ type: rule.type, anchor: signerAnchor(rule, folder).id })),
        },
      },
    ];
  },
  check(_, evidence, parameters) {
    const remedy = () =>
      `Build on an allowed base image (${inert(parameters.names.join(', '))}) and attest slsaprovenance1 that names it.`;
    const bases = basesOf(evidence, parameters);
    if (bases.length === 0) return unknown('What the image was built on is not known.', 'provenance', remedy);
    const refused = bases.filter(
      ({ name, digest }) =>
        ![name, name?.replace(/:[^:/]+$/, ''), digest].some((text) => text !== undefined && parameters.matches(text)),
    );
    return {
      violations: refused.map(({ name, digest }) => ({
        message: inert(`Built on ${name ?? digest ?? '?'}, which is not allowed.`),
      })),
      unknowns: [],
      passed: `Built on ${bases.map(({ name, digest }) => inert(name ?? digest ?? '')).join(', ')}.`,
      lookedAt: count(bases.length, 'base image'),
      remedy,
    };
  },
});

function basesOf(evidence: PolicyEvidence, { believesLabel, provenanceBy }: Parameters): readonly BaseImage[] {
  const found = (evidence.attestations ?? [])
    .filter((entry) => provenanceBy.some(({ anchor, type }) => anchor === entry.anchor && type === entry.type))
    .flatMap(({ results }) => results.filter(({ verdict }) => verdict === 'verified'))
    .flatMap(({ statement }) => (statement === undefined ? [] : dependencies(statement)));
  if (found.length > 0 || !believesLabel) return found;
  const { labels = {} } = evidence.config ?? {};
  const name = textField(labels, 'org.opencontainers.image.base.name');
  const digest = textField(labels, 'org.opencontainers.image.base.digest');
  return name === undefined && digest === undefined ? [] : [{ name, digest }];
}

/** Images among the materials of SLSA provenance 1 (`resolvedDependencies`) and 0.2 (`materials`). */
function dependencies(statement: Readonly<Record<string, unknown>>): readonly BaseImage[] {
  const predicate = objectField(statement, 'predicate') ?? {};
  const definition = objectField(predicate, 'buildDefinition') ?? {};
  return [...objectsField(definition, 'resolvedDependencies'), ...objectsField(predicate, 'materials')].flatMap(
    (entry) => {
      const name = imageName(textField(entry, 'uri') ?? '');
      const digests = objectField(entry, 'digest');
      const hex = isObject(digests) ? textField(digests, 'sha256') : undefined;
      return name === undefined ? [] : [{ name, digest: hex === undefined ? undefined : `sha256:${hex}` }];
    },
  );
}

/** `pkg:docker/alpine@3.20`, `pkg:oci/app?repository_url=…`, `docker://…`, `oci://…` → `docker.io/library/alpine:3.20`. */
function imageName(uri: string): string | undefined {
  const direct = /^(?:docker|oci):\/\/(.+)$/.exec(uri)?.[1];
  if (direct !== undefined) return direct.replace(/@sha256:.*$/, '');
  const [, type, path = '', version, query = ''] =
    /^pkg:(docker|oci)\/([^@?#]+)(?:@([^?#]*))?(?:\?([^#]*))?/.exec(uri) ?? [];
  if (type === undefined) return undefined;
  const qualifiers = new URLSearchParams(query);
  const repository = qualifiers.get('repository_url');
  const name = safeDecode(path);
  const tag = qualifiers.get('tag') ?? safeDecode(version ?? '');
  const suffix = tag === '' || tag.startsWith('sha256:') ? '' : `:${tag}`;
  if (repository !== null) return `${type === 'oci' ? repository : `${repository}/${name}`}${suffix}`;
  const [first = ''] = name.split('/');
  const hasHost = name.includes('/') && (/[.:]/.test(first) || first === 'localhost');
  return `${hasHost ? name : name.includes('/') ? `docker.io/${name}` : `docker.io/library/${name}`}${suffix}`;
}

function safeDecode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
