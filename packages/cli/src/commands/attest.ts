// `plombe attest`: resolve the tag, sign a statement about the digest, keep it beside the image.
import { attestSubject, readSmallFile, resolveSubjectDigest } from '@plombe/engine';
import { formatReference } from '@plombe/oci';
import { inert, isObject, mebibyte, PlombeError, type JsonObject } from '@plombe/kit';
import { predicateTypeUri } from '@plombe/trust';
import { openSession } from '../compose/context.ts';
import { textOrJson } from '../compose/output.ts';
import { openSigning } from '../compose/signing.ts';
import type { LoadedSettings } from '../settings/load.ts';
import { exitCodes } from '../terminal/failure.ts';
import { unknownType } from './verify-attestation.ts';

/** A verifier takes envelopes of 32 MiB, and base64 adds a third. */
const maxPredicateBytes = 23 * mebibyte;

/** Returns 0 once the attestation is stored. Throws `config/invalid`, `source/…`, `trust/…`, `service/…`, `registry/…`. */
export async function attestCommand(
  subject: string,
  loaded: LoadedSettings,
  flags: Readonly<Record<string, unknown>>,
): Promise<number> {
  const output = textOrJson(loaded);
  const { values } = loaded;
  const { ctx } = openSession(values);
  const type = String(flags['type']);
  const predicateType = predicateTypeUri(type);
  if (predicateType === undefined) throw unknownType(type);
  const predicate = readPredicate(String(flags['predicate']), type, ctx.clock.nowMs());
  const format = flags['format'] === 'tag' ? 'tag' : 'bundle';
  const { client, reference, services, key, close } = openSigning(subject, values, flags, ctx);
  try {
    const { signer, endorsers } = await services.endorse(await key());
    const resolved = await resolveSubjectDigest(client, reference, ctx);
    const request = { client, subject: resolved, signer, endorsers, format, predicateType, predicate } as const;
    const stored = await attestSubject(request, ctx);
    const described = { reference: formatReference(reference), digest: resolved.digest };
    output({
      json: {
        subject: described,
        predicateType,
        format,
        signer: signer.publicKey.id,
        manifest: stored.manifest,
        listedBy: stored.listedBy,
      },
      text: () =>
        `Attested ${described.digest}\n  ${described.reference}, ${predicateType} by ${signer.publicKey.id}\n  stored as ${stored.manifest}\n`,
    });
    return exitCodes.fine;
  } finally {
    close();
  }
}

/** The predicate of a statement is an object (in-toto attestation specification v1); cosign's `custom` wraps any other text in one. */
function readPredicate(path: string, type: string, nowMs: number): JsonObject {
  const bytes = readSmallFile(path, 'The predicate', maxPredicateBytes);
  const fail = (reason: string): PlombeError =>
    new PlombeError('config/invalid', `The predicate ${inert(path)} ${reason}.`, {
      remedy: 'Give a file with a JSON object.',
    });
  const text = decoded(bytes);
  if (text === undefined) throw fail('is not UTF-8');
  const value = parsedJson(text);
  if (isObject(value)) return value;
  if (type === 'custom') return { Data: text, Timestamp: new Date(nowMs).toISOString() };
  throw fail('is no JSON object');
}

function decoded(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

function parsedJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
