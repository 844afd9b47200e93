// Reading a manifest's bytes within their limit; what says to be larger is not read at all.
import { PlombeError } from '@plombe/kit';
import { maxManifestBytes } from '../manifest/manifest.ts';
import { readDocument, type HttpResponse } from '../network/client.ts';

/** Reads the answer whole. Throws `registry/manifest-invalid` where it says to be over 4 MiB, `registry/invalid-answer` where it is. */
export async function readManifest(response: HttpResponse, subject: string): Promise<Uint8Array> {
  const length = Number(response.headers['content-length'] ?? 0);
  if (length <= maxManifestBytes) return readDocument(response, subject, maxManifestBytes);
  await response.discard();
  throw new PlombeError(
    'registry/manifest-invalid',
    `${subject} is larger than the limit of ${maxManifestBytes} bytes.`,
  );
}
