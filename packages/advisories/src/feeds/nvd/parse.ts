// One record of NVD's CVE API 2.0 to an advisory, and one of its overrides to what replaces its configurations.
import { field, isObject, objectField, objectsField, textField, textsField, type JsonObject } from '@plombe/kit';
import type { Advisory, AffectedPackage, Severity } from '@plombe/model';
import { newestFirst, severityOfVector } from '../../normal/cvss.ts';
import { clipText, parseDate, parseId, parseLinks, saysDisputed, saysWithdrawn } from '../../normal/ids.ts';
import { parseConfigurations } from './configurations.ts';
import { isNvdProduct } from './products.ts';

const metricKeys = ['cvssMetricV40', 'cvssMetricV31', 'cvssMetricV30', 'cvssMetricV2'];

/** CISA's Vulnrichment adds scores under this id of a CVE programme's container. */
const cisaSource = '134c704f-9b21-4f2e-91b3-4a353353bcc0';

/** `nvd@nist.gov` is NVD itself, an address the assigner's domain; ids of CVE's programme say nothing to a person. */
function authorOf(source: string | undefined): string {
  if (source === 'nvd@nist.gov') return 'nvd';
  if (source === cisaSource) return 'cisa';
  return /^[^@\s]+@([a-z0-9.-]{1,60})$/i.exec(source ?? '')?.[1]?.toLowerCase() ?? 'cna';
}

/** Returns the severities of a record, the assigner's before NVD's, the newest CVSS version of each first. */
export function nvdSeverities(cve: JsonObject): Severity[] {
  const metrics = objectField(cve, 'metrics');
  if (metrics === undefined) return [];
  const found = metricKeys.flatMap((key) =>
    objectsField(metrics, key).flatMap((metric) => {
      const data = objectField(metric, 'cvssData');
      const vector = data === undefined ? undefined : textField(data, 'vectorString');
      const severity =
        vector === undefined ? undefined : severityOfVector(authorOf(textField(metric, 'source')), vector);
      return severity === undefined ? [] : [severity];
    }),
  );
  const [own, others] = [
    found.filter(({ author }) => author === 'nvd'),
    found.filter(({ author }) => author !== 'nvd'),
  ];
  return [...newestFirst(others), ...newestFirst(own)];
}

/** What of a record is not about products. */
export interface NvdRecord {
  readonly id: string;
  readonly summary?: string;
  readonly publishedAt?: string;
  readonly modifiedAt?: string;
  readonly isRejected: boolean;
  readonly isDisputed: boolean;
  readonly severities: readonly Severity[];
}

/** Returns the record inside a member of `vulnerabilities`; undefined where it is none. */
export function readNvdRecord(member: unknown): (NvdRecord & { readonly cve: JsonObject }) | undefined {
  const cve = isObject(member) ? objectField(member, 'cve') : undefined;
  const id = cve === undefined ? undefined : parseId(field(cve, 'id'));
  if (cve === undefined || id === undefined) return undefined;
  const english = objectsField(cve, 'descriptions').find((entry) => textField(entry, 'lang') === 'en');
  const prose = english === undefined ? undefined : textField(english, 'value');
  const tags = objectsField(cve, 'cveTags').flatMap((entry) => textsField(entry, 'tags'));
  const summary = clipText(prose);
  const publishedAt = parseDate(field(cve, 'published'));
  const modifiedAt = parseDate(field(cve, 'lastModified'));
  return {
    id,
    cve,
    ...(summary === undefined ? {} : { summary }),
    ...(publishedAt === undefined ? {} : { publishedAt }),
    ...(modifiedAt === undefined ? {} : { modifiedAt }),
    isRejected: textField(cve, 'vulnStatus') === 'Rejected' || saysWithdrawn(prose),
    isDisputed: tags.includes('disputed') || saysDisputed(prose),
    severities: nvdSeverities(cve),
  };
}

/** What an override says: the configurations to use instead of NVD's. */
export interface Override {
  readonly id: string;
  readonly summary?: string;
  readonly references: readonly string[];
  readonly affected: readonly AffectedPackage[];
}

/** Returns an override of anchore/nvd-data-overrides; undefined where it is none. */
export function parseOverride(value: unknown): Override | undefined {
  const about = isObject(value) ? objectField(value, '_annotation') : undefined;
  const cve = isObject(value) ? objectField(value, 'cve') : undefined;
  const id = about === undefined ? undefined : parseId(field(about, 'cve_id'));
  if (about === undefined || cve === undefined || id === undefined) return undefined;
  const summary = clipText(textField(about, 'description'));
  return {
    id,
    ...(summary === undefined ? {} : { summary }),
    references: parseLinks(textsField(about, 'references')),
    affected: parseConfigurations(cve, isNvdProduct),
  };
}

/** Returns the advisory of a record, with the override's products where there is one. */
export function toAdvisory(record: NvdRecord & { readonly cve: JsonObject }, override: Override | undefined): Advisory {
  const { id, summary, publishedAt, modifiedAt, severities } = record;
  return {
    id,
    feed: 'nvd',
    aliases: [],
    related: [],
    upstream: [],
    ...(summary === undefined ? {} : { summary }),
    ...(publishedAt === undefined ? {} : { publishedAt }),
    ...(modifiedAt === undefined ? {} : { modifiedAt }),
    ...(record.isRejected ? { withdrawnAt: modifiedAt ?? 'unknown' } : {}),
    ...(record.isDisputed ? { disputed: true } : {}),
    severities,
    references: parseLinks(objectsField(record.cve, 'references').map((reference) => field(reference, 'url'))),
    affected: override?.affected ?? parseConfigurations(record.cve, isNvdProduct),
  };
}

/** Returns the advisory of an override that NVD has no record of at hand. */
export function overrideAdvisory({ id, summary, references, affected }: Override): Advisory {
  return {
    id,
    feed: 'nvd',
    aliases: [],
    related: [],
    upstream: [],
    ...(summary === undefined ? {} : { summary }),
    severities: [],
    references,
    affected,
  };
}
