// The use case `scan --attest`: inventory and result become two signed statements beside the image.
import { decodeText, isObject, mebibyte, PlombeError, type JsonObject } from '@plombe/kit';
import type { Context, Digest, ScanResult } from '@plombe/model';
import { renderSbom } from '../inventory/sbom.ts';
import { attestSubject, type SigningTask } from '../trust/sign.ts';
import { vulnsPredicate, vulnsPredicateType } from './vulns.ts';

/** Type of an inventory in CycloneDX. */
export const cycloneDxType = 'https://cyclonedx.org/bom';

/** A verifier takes envelopes of 16 MiB, and base64 adds a third. */
const maxPredicateBytes = 11 * mebibyte;

/** Where an attestation is, and what exactly was signed. */
export interface ScanAttestation {
  readonly predicateType: string;
  readonly format: 'bundle' | 'tag';
  /** Digest of the manifest that carries it. */
  readonly manifest: Digest;
  /** SHA-256 of the statement's bytes, which the signature covers. */
  readonly statement: string;
  /** The signer's key. */
  readonly signer: string;
}

/**
 * Signs the inventory as `https://cyclonedx.org/bom` and the result as vulns v0.2. Throws `trust/too-large` before anything is stored, and
 * what signing and storing throw.
 */
export async function attestScan(
  result: ScanResult,
  task: SigningTask & { readonly format: 'bundle' | 'tag' },
  ctx: Context,
): Promise<{ readonly inventory: ScanAttestation; readonly scan: ScanAttestation }> {
  const finishedAt = new Date(ctx.clock.nowMs()).toISOString();
  const options = { version: result.tool.version, timestamp: result.scannedAt };
  const inventory = documentOf(renderSbom(result.inventory, 'cyclonedx', options), 'inventory');
  const scan = documentOf([JSON.stringify(vulnsPredicate(result, finishedAt))], 'scan');
  const attest = async (predicateType: string, predicate: JsonObject): Promise<ScanAttestation> => {
    const { manifest, statement } = await attestSubject({ ...task, predicateType, predicate }, ctx);
    return { predicateType, format: task.format, manifest, statement, signer: task.signer.publicKey.id };
  };
  return { inventory: await attest(cycloneDxType, inventory), scan: await attest(vulnsPredicateType, scan) };
}

/** The document as a predicate. Throws `trust/too-large` where no verifier would take it. */
export function documentOf(pieces: Iterable<string>, what: string): JsonObject {
  const chunks: Buffer[] = [];
  let size = 0;
  for (const piece of pieces) {
    const bytes = Buffer.from(piece);
    size += bytes.length;
    if (size > maxPredicateBytes) {
      throw new PlombeError('trust/too-large', `The ${what} has more than ${maxPredicateBytes} bytes.`);
    }
    chunks.push(bytes);
  }
  const value: unknown = JSON.parse(decodeText(Buffer.concat(chunks)));
  if (isObject(value)) return value;
  throw new PlombeError('internal/bug', `The ${what} is no JSON object.`);
}
