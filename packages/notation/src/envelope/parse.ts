// The door to both encodings: bytes and their format → envelope or the reason why not.
import { buildCose } from '../cose/build.ts';
import { parseCose } from '../cose/parse.ts';
import { buildJws } from '../jws/build.ts';
import { parseJws } from '../jws/parse.ts';
import { LimitReached, Malformed, within } from '../malformed.ts';
import {
  envelopeMediaTypes,
  maxEnvelopeBytes,
  type EnvelopeBuilder,
  type EnvelopeDraft,
  type EnvelopeFormat,
  type ParsedEnvelope,
} from './envelope.ts';

/** Reads an envelope; larger than 1 MiB is `limit` before a byte of it is read (T48). Nothing is verified. */
export function parseEnvelope(format: EnvelopeFormat, bytes: Uint8Array): ParsedEnvelope {
  try {
    within(bytes.length <= maxEnvelopeBytes, `envelope: larger than ${String(maxEnvelopeBytes)} bytes`);
    return { kind: 'parsed', envelope: format === 'jws' ? parseJws(bytes) : parseCose(bytes) };
  } catch (thrown) {
    if (thrown instanceof LimitReached) return { kind: 'limit', message: thrown.message };
    if (thrown instanceof Malformed) return { kind: 'malformed', message: thrown.message };
    throw thrown;
  }
}

/** Returns the encoding a media type names, or undefined. */
export function envelopeFormat(mediaType: string): EnvelopeFormat | undefined {
  if (mediaType === envelopeMediaTypes.jws) return 'jws';
  return mediaType === envelopeMediaTypes.cose ? 'cose' : undefined;
}

/** Returns the bytes to sign and how to finish the envelope, in either encoding. */
export function buildEnvelope(format: EnvelopeFormat, draft: EnvelopeDraft): EnvelopeBuilder {
  return format === 'jws' ? buildJws(draft) : buildCose(draft);
}
