// The body of `POST /scan`: what is to be scanned and where, checked before anything is asked for (T33).
import { isObject, objectField, objectsField, textField, textsField, type JsonObject } from '@plombe/kit';
import { parseDigest, type Digest } from '@plombe/model';
import type { Credential } from '@plombe/oci';
import {
  isSbomMediaType,
  plainType,
  reportTypes,
  scannable,
  type ReportKind,
  type SbomMediaType,
} from './media-types.ts';

/** A scan that may be done. */
export interface ScanOrder {
  /** Out of the list that the adapter was started with. */
  readonly registry: URL;
  /** What Harbor sends along for this registry; kept only until the scan is done. */
  readonly credential?: Credential;
  readonly artifact: OrderedArtifact;
  /** The reports that are wanted; SBOMs by their formats. */
  readonly reports: ReadonlySet<Exclude<ReportKind, 'sbom'>>;
  readonly sboms: readonly SbomMediaType[];
}

/** As reports name it again. */
export interface OrderedArtifact {
  readonly repository: string;
  readonly digest: Digest;
  readonly tag?: string;
  readonly mime_type?: string;
}

/** Why a request is refused: 400 for what is no request, 422 for a field, 501 for what this scanner cannot do. */
export interface RefusedOrder {
  readonly status: 400 | 422 | 501;
  readonly message: string;
}

const component = /^[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*$/;
const tagPattern = /^[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}$/;

/** Reads a request. `registries`: origins that may be asked, and no others. */
export function readScanRequest(text: string, registries: readonly URL[]): ScanOrder | RefusedOrder {
  let document: unknown;
  try {
    document = JSON.parse(text);
  } catch {
    return { status: 400, message: 'The request is no JSON.' };
  }
  const registry = isObject(document) ? objectField(document, 'registry') : undefined;
  const artifact = isObject(document) ? objectField(document, 'artifact') : undefined;
  if (!isObject(document) || registry === undefined || artifact === undefined) {
    return { status: 400, message: 'The request needs the objects "registry" and "artifact".' };
  }
  const url = registryOf(textField(registry, 'url') ?? '', registries);
  if (url === undefined) {
    return {
      status: 422,
      message: 'invalid registry.url: it is none of those that this scanner was started for (--registry).',
    };
  }
  const credential = credentialOf(textField(registry, 'authorization') ?? '');
  if (credential === 'invalid') {
    return { status: 422, message: 'invalid registry.authorization: it must be Basic or Bearer.' };
  }
  const ordered = artifactOf(artifact);
  if ('status' in ordered) return ordered;
  const wanted = wantedReports(document);
  if ('status' in wanted) return wanted;
  return { registry: url, artifact: ordered, ...wanted, ...(credential === undefined ? {} : { credential }) };
}

/** The allowed origin that a text names. Without a scheme it is taken for https, as for a docker registry. */
function registryOf(text: string, registries: readonly URL[]): URL | undefined {
  const full = /^[a-z][a-z0-9+.-]*:\/\//i.test(text) ? text : `https://${text}`;
  if (text === '' || text.length > 1000 || !URL.canParse(full)) return undefined;
  const url = new URL(full);
  const isBare = url.username === '' && url.password === '' && url.search === '' && url.hash === '';
  if (!isBare || !/^\/(?:v2\/?)?$/.test(url.pathname)) return undefined;
  const hasScheme = full === text;
  return registries.find(({ origin, host }) => (hasScheme ? origin === url.origin : host === url.host));
}

function credentialOf(header: string): Credential | undefined | 'invalid' {
  if (header === '') return undefined;
  const match = /^(basic|bearer):? +([\x21-\x7e]{1,16384})$/i.exec(header);
  if (match === null) return 'invalid';
  const [, scheme = '', value = ''] = match;
  if (scheme.toLowerCase() === 'bearer') return { kind: 'bearer', token: value };
  const pair = Buffer.from(value, 'base64').toString('utf8');
  const colon = pair.indexOf(':');
  if (colon < 1) return 'invalid';
  return { kind: 'password', username: pair.slice(0, colon), password: pair.slice(colon + 1) };
}

function artifactOf(artifact: JsonObject): OrderedArtifact | RefusedOrder {
  const repository = textField(artifact, 'repository') ?? '';
  if (repository.length > 255 || !repository.split('/').every((part) => component.test(part))) {
    return { status: 422, message: 'invalid artifact.repository' };
  }
  const digest = parseDigest(textField(artifact, 'digest') ?? '');
  if (digest === undefined) return { status: 422, message: 'invalid artifact.digest' };
  const tag = textField(artifact, 'tag') ?? '';
  if (tag !== '' && !tagPattern.test(tag)) return { status: 422, message: 'invalid artifact.tag' };
  const type = textField(artifact, 'mime_type') ?? '';
  if (type !== '' && !scannable.includes(plainType(type))) {
    return { status: 501, message: `This scanner reads ${scannable.join(' and ')} alone.` };
  }
  return { repository, digest, ...(tag === '' ? {} : { tag }), ...(type === '' ? {} : { mime_type: plainType(type) }) };
}

const vulnerabilityReports = ['native', 'generic', 'raw'] as const;
const allSboms: readonly SbomMediaType[] = ['application/spdx+json', 'application/vnd.cyclonedx+json'];

/** Without `enabled_capabilities` every report there is; with it those that it names. */
function wantedReports(document: JsonObject): Pick<ScanOrder, 'reports' | 'sboms'> | RefusedOrder {
  if (document['enabled_capabilities'] === undefined || document['enabled_capabilities'] === null) {
    return { reports: new Set(vulnerabilityReports), sboms: allSboms };
  }
  const reports = new Set<Exclude<ReportKind, 'sbom'>>();
  const sboms = new Set<SbomMediaType>();
  for (const capability of objectsField(document, 'enabled_capabilities')) {
    const type = textField(capability, 'type') ?? 'vulnerability';
    const produces = textsField(capability, 'produces_mime_types').map(plainType);
    if (type === 'vulnerability') {
      const named = vulnerabilityReports.filter((kind) => produces.includes(reportTypes[kind]));
      if (produces.length > 0 && named.length === 0) return cannot(produces);
      for (const kind of produces.length === 0 ? vulnerabilityReports : named) reports.add(kind);
    } else if (type === 'sbom') {
      if (produces.length > 0 && !produces.includes(reportTypes.sbom)) return cannot(produces);
      const media = textsField(objectField(capability, 'parameters') ?? {}, 'sbom_media_types');
      if (!media.every(isSbomMediaType)) return { status: 422, message: 'invalid sbom_media_types' };
      for (const format of media.length === 0 ? allSboms : media) sboms.add(format);
    } else {
      return { status: 501, message: 'This scanner finds vulnerabilities and writes SBOMs, no more.' };
    }
  }
  if (reports.size === 0 && sboms.size === 0)
    return { status: 422, message: 'invalid enabled_capabilities: it names none' };
  return { reports, sboms: [...sboms] };
}

function cannot(produces: readonly string[]): RefusedOrder {
  return { status: 501, message: `This scanner writes none of the ${produces.length} reports that are wanted.` };
}
