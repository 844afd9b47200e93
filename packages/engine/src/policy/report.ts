// A saved JSON report of a scan, read back as evidence for a dry run.
import {
  inert,
  isObject,
  listField,
  objectField,
  objectsField,
  PlombeError,
  textField,
  type JsonObject,
} from '@plombe/kit';
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
  // The report is our own; what could be wrong with it only makes less known.
  const config = objectField(report, 'config');
  const parts = evidenceOfParts({
    assessment: {
      state,
      causes: objectsField(report, 'causes').map((cause) => ({
        code: textField(cause, 'code') ?? '',
        message: textField(cause, 'message') ?? '',
      })),
    },
    findings: objectsField(report, 'findings').filter(isFinding),
    packages: objectsField(report, 'packages').filter(isPackage),
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

function isFinding(value: JsonObject): value is JsonObject & Finding {
  return (
    textField(value, 'vulnerability') !== undefined &&
    isObject(value['severity']) &&
    listField(value, 'packages').every((id) => typeof id === 'string')
  );
}

function isPackage(value: JsonObject): value is JsonObject & Package {
  return textField(value, 'id') !== undefined && textField(value, 'name') !== undefined;
}
