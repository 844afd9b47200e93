// A saved JSON report of a scan, read back as evidence for a dry run.
import {
  field,
  inert,
  isObject,
  listField,
  objectField,
  objectsField,
  PlombeError,
  textField,
  type JsonObject,
} from '@plombe/kit';
import { severityOrder } from '@plombe/model';
import type { Finding, ImageConfig, Package, ShardStatus, State } from '@plombe/model';
import { parseReference } from '@plombe/oci';
import type { PolicyEvidence } from '@plombe/policy';
import { evidenceOfParts } from './scan-evidence.ts';
import { policySubject } from './subject.ts';

const states: readonly State[] = ['assessed', 'partial', 'unassessable', 'stale'];

/** Returns the evidence in a report, or undefined where the text is none. Throws `policy/invalid` for one that is not whole. */
export function evidenceOfReport(text: string, name: string): PolicyEvidence | undefined {
  const report = jsonOf(text);
  if (!isObject(report) || report['schemaVersion'] === undefined) return undefined;
  const subject = objectField(report, 'subject');
  const state = states.find((word) => word === report['state']);
  if (report['schemaVersion'] !== 1 || subject === undefined || state === undefined) {
    throw new PlombeError('policy/invalid', `${inert(name)} is not a report of plombe scan, version 1.`);
  }
  const config = objectField(report, 'config');
  const [findings, packages] = ['findings', 'packages'].map((key) => listAt(report, key));
  const isWhole =
    findings?.every((one) => isObject(one) && isFinding(one)) === true &&
    packages?.every((one) => isObject(one) && isPackage(one)) === true &&
    (config === undefined || isConfig(config));
  if (!isWhole)
    throw new PlombeError(
      'policy/invalid',
      `${inert(name)} has findings, packages or a config that are none of plombe scan.`,
    );
  const parts = evidenceOfParts({
    assessment: {
      state,
      causes: objectsField(report, 'causes').map((cause) => ({
        code: textField(cause, 'code') ?? '',
        message: textField(cause, 'message') ?? '',
      })),
    },
    findings: findings as readonly Finding[],
    packages: packages as readonly Package[],
    shards: objectsField(report, 'shards') as unknown as readonly ShardStatus[],
    config:
      config === undefined
        ? undefined
        : ({ ...config, labels: objectField(config, 'labels') ?? {} } as unknown as ImageConfig),
  });
  return { subject: subjectOf(subject, name), ...parts };
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function subjectOf(subject: JsonObject, name: string): PolicyEvidence['subject'] {
  const written = textField(subject, 'reference');
  const digest = textField(subject, 'digest');
  if (written === undefined) return { reference: inert(textField(subject, 'name') ?? name), byDigest: false };
  const reference = parseReference(written);
  // The canonical reference holds the digest that a tag led to; whether one was written shows the name.
  const byDigest = (textField(subject, 'name') ?? written).includes('@');
  return {
    ...policySubject(digest === undefined ? reference : parseReference(`${written.replace(/@.*$/, '')}@${digest}`)),
    byDigest,
  };
}

/** A list that is not there is not an empty one. */
function listAt(report: JsonObject, key: string): readonly unknown[] | undefined {
  return Array.isArray(field(report, key)) ? listField(report, key) : undefined;
}

/** What a policy compares: one of another form would not be compared, and pass. */
function isFinding(value: JsonObject): value is JsonObject & Finding {
  const epss = field(value, 'epss');
  return (
    textField(value, 'vulnerability') !== undefined &&
    ['aliases', 'packages', 'fixedVersions'].every((key) => isTexts(field(value, key))) &&
    severityOrder.some((word) => word === textField(objectField(value, 'severity') ?? {}, 'word')) &&
    (epss === undefined || (isObject(epss) && typeof field(epss, 'score') === 'number')) &&
    isTextOrAbsent(value, 'publishedAt')
  );
}

function isPackage(value: JsonObject): value is JsonObject & Package {
  return (
    ['id', 'name', 'version', 'purl'].every((key) => textField(value, key) !== undefined) &&
    isTexts(field(value, 'licences'))
  );
}

/** Its labels; a user and ports only where they are texts. */
function isConfig(value: JsonObject): boolean {
  const ports = field(value, 'exposedPorts');
  return isTextOrAbsent(value, 'user') && (ports === undefined || isTexts(ports));
}

function isTexts(value: unknown): boolean {
  return Array.isArray(value) && value.every((one) => typeof one === 'string');
}

function isTextOrAbsent(value: JsonObject, key: string): boolean {
  return field(value, key) === undefined || textField(value, key) !== undefined;
}
