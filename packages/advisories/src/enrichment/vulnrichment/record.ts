// A CVE record (JSON 5) to severities: the assigner's own metrics first, then CISA's.
import type { EnrichmentItem } from '../contract.ts';
import { type JsonObject, field, isObject, objectField, objectsField, textField, textsField } from '@plombe/kit';
import { clipText, parseDate, parseId, saysDisputed } from '../../normal/ids.ts';
import { newestFirst, severityOfVector } from '../../normal/cvss.ts';
import type { Severity } from '@plombe/model';

const metricKeys = ['cvssV4_0', 'cvssV3_1', 'cvssV3_0', 'cvssV2_0'];

function severitiesOf(container: JsonObject, author: string): Severity[] {
  const found = objectsField(container, 'metrics').flatMap((metric) =>
    metricKeys.flatMap((key) => {
      const cvss = objectField(metric, key);
      const vector = cvss === undefined ? undefined : textField(cvss, 'vectorString');
      const severity = vector === undefined ? undefined : severityOfVector(author, vector);
      return severity === undefined ? [] : [severity];
    }),
  );
  return newestFirst(found);
}

function authorOf(text: string | undefined, fallback: string): string {
  return text === undefined || !/^[\w.-]{1,40}$/.test(text) ? fallback : text.toLowerCase();
}

/** Returns what a CVE record says of severity, undefined for a record without any, or why it is no record. */
export function parseCveRecord(value: unknown): EnrichmentItem | { readonly cause: string } | undefined {
  const metadata = isObject(value) ? objectField(value, 'cveMetadata') : undefined;
  const containers = isObject(value) ? objectField(value, 'containers') : undefined;
  const vulnerability = metadata === undefined ? undefined : parseId(field(metadata, 'cveId'));
  if (metadata === undefined || containers === undefined || vulnerability === undefined)
    return { cause: 'is no CVE record' };
  if (textField(metadata, 'state') === 'REJECTED')
    return { kind: 'severity', vulnerability, severities: [], rejected: true };
  const cna = objectField(containers, 'cna');
  const additions = objectsField(containers, 'adp').flatMap((adp) => {
    const provider = objectField(adp, 'providerMetadata');
    const name = authorOf(provider === undefined ? undefined : textField(provider, 'shortName'), 'adp');
    return severitiesOf(adp, name === 'cisa-adp' ? 'cisa' : name);
  });
  const own = cna === undefined ? [] : severitiesOf(cna, authorOf(textField(metadata, 'assignerShortName'), 'cna'));
  const descriptions = cna === undefined ? [] : objectsField(cna, 'descriptions');
  const english = descriptions.find((entry) => textField(entry, 'lang')?.startsWith('en') === true);
  const prose = english === undefined ? undefined : textField(english, 'value');
  const disputed = saysDisputed(prose) || (cna !== undefined && textsField(cna, 'tags').includes('disputed'));
  const severities = [...own, ...additions];
  if (severities.length === 0 && !disputed) return undefined;
  const summary = clipText((cna === undefined ? undefined : textField(cna, 'title')) ?? prose);
  const publishedAt = parseDate(field(metadata, 'datePublished'));
  return {
    kind: 'severity',
    vulnerability,
    severities,
    ...(summary === undefined ? {} : { summary }),
    ...(publishedAt === undefined ? {} : { publishedAt }),
    ...(disputed ? { disputed: true } : {}),
  };
}
