// Webhooks of MSR: they carry neither signature nor header of our own, so that the secret is part of the address they were given.
import { createHash } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import { mebibyte, objectField, textField } from '@plombe/kit';
import { parseDigest } from '@plombe/model';
import type { RegistryEvent } from '../connector.ts';
import { readEventBody } from '../secret.ts';
import { instant } from './access.ts';

/** One event each; the largest has some KiB. */
const maxEventBytes = mebibyte;

const kinds: Readonly<Record<string, RegistryEvent['kind']>> = {
  TAG_PUSH: 'push',
  MANIFEST_PUSH: 'push',
  TAG_DELETE: 'delete',
  MANIFEST_DELETE: 'delete',
  SCAN_COMPLETED: 'scan',
  SCAN_FAILED: 'scan',
};

/**
 * Reads what a webhook brought. `secret`: what the receiver found in its own address and hands on as `Authorization` (`registry watch` does, for
 * `https://HOST/SECRET`). Undefined where it is another, or where the body is no event (T67). The same body gives the same id.
 */
export function readMsrEvent(
  headers: IncomingHttpHeaders,
  body: Uint8Array,
  secret: string,
): readonly RegistryEvent[] | undefined {
  const document = readEventBody(body, headers.authorization ?? '', secret, maxEventBytes);
  if (document === undefined) return undefined;
  const type = textField(document, 'type');
  const contents = objectField(document, 'contents');
  if (type === undefined || contents === undefined) return undefined;
  const [namespace, name] = [textField(contents, 'namespace'), textField(contents, 'repository')];
  const digest = parseDigest(textField(contents, 'digest') ?? '');
  const tag = textField(contents, 'tag');
  const time = instant(document, 'createdAt');
  const kind = Object.hasOwn(kinds, type) ? (kinds[type] ?? 'other') : 'other';
  if ((namespace === undefined || name === undefined) && kind !== 'other') return undefined;
  return [
    {
      id: createHash('sha256').update(body).digest('hex'),
      kind,
      repository: namespace === undefined || name === undefined ? '' : `${namespace}/${name}`,
      ...(digest === undefined ? {} : { digest }),
      ...(tag === undefined || tag === '' ? {} : { tag }),
      ...(time === undefined ? {} : { time }),
    },
  ];
}
