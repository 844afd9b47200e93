// What `scan --attest --record` does with each result once its reports are written: statements beside the image, records in the ledger.
import { existsSync } from 'node:fs';
import { attestScan, scanRecords, type AttestedParts } from '@plombe/engine';
import { inert, PlombeError } from '@plombe/kit';
import type { Context, Digest, ScanResult } from '@plombe/model';
import { openWriter } from '@plombe/trust';
import type { Settings } from '../settings/settings.ts';
import { openAttester, requireAttestFlags } from './attester.ts';
import { requireAll } from './left-out.ts';
import { ledgerStore, type Flags } from './ledger.ts';

/** Takes results one after the other. */
export interface ScanRecorder {
  /** Attests and records as the flags say. Throws `config/invalid`, `trust/…`, `service/…`, `registry/…`, `ledger/…`. */
  take(result: ScanResult): Promise<void>;
  close(): void;
}

interface Wanted {
  readonly attest: boolean;
  readonly record: boolean;
}

/**
 * Checks the flags before any work is done; undefined where neither is asked for. Throws `config/invalid`, `trust/key-…` for a key that
 * cannot be used; a vault that does not answer is told once the reports are written.
 */
export async function openScanRecorder(
  subject: string,
  values: Settings,
  flags: Flags,
  ctx: Context,
): Promise<ScanRecorder | undefined> {
  const wanted = { attest: flags['attest'] === true, record: flags['record'] === true };
  requireFlags(wanted, flags);
  if (!wanted.attest && !wanted.record) return undefined;
  requireSubject(subject, wanted);
  requireAll(values);
  const attester = wanted.attest ? await openAttester(subject, values, flags, ctx) : undefined;
  return {
    close: () => attester?.close(),
    take: async (result) => {
      const digest = digestOf(result, wanted);
      const attested: AttestedParts =
        attester === undefined ? {} : await attestScan(result, await attester.prepare(digest), ctx);
      const sequences = wanted.record ? await record(digest, result, attested, flags, ctx) : [];
      if (values.quiet === true) return;
      const done = [
        ...(wanted.attest ? ['attested inventory and scan'] : []),
        ...(wanted.record ? [`recorded them as ${sequences.join(' and ')}`] : []),
      ];
      process.stderr.write(`plombe: ${done.join(' and ')} of ${digest}\n`);
    },
  };
}

function requireFlags({ attest, record: recording }: Wanted, flags: Flags): void {
  requireAttestFlags(attest, flags);
  if (recording !== (flags['ledger'] !== undefined)) {
    throw new PlombeError('config/invalid', '--record and --ledger DIR belong together.');
  }
}

/** Said before the scan where the subject's form says it; `digestOf` sees the rest. */
function requireSubject(subject: string, wanted: Wanted): void {
  const kind = /^(?:oci|docker-archive|dir|tar|purls?|pkg|sbom):/.exec(subject)?.[0];
  const isLocal = kind !== undefined || (!subject.startsWith('registry:') && existsSync(subject));
  if (wanted.attest && isLocal) throw notInRegistry(subject);
  if (wanted.record && kind !== undefined && kind !== 'oci:') throw withoutDigest(subject);
}

function digestOf({ inventory: { subject } }: ScanResult, wanted: Wanted): Digest {
  if (wanted.attest && subject.source !== 'registry') throw notInRegistry(subject.name);
  if (subject.digest === undefined || subject.source === 'sbom') throw withoutDigest(subject.name);
  return subject.digest;
}

function notInRegistry(subject: string): PlombeError {
  return new PlombeError(
    'config/invalid',
    `${inert(subject)} is in no registry, so there is no place for attestations.`,
    {
      remedy: 'Name an image in a registry, or leave --attest out; --record alone works for an OCI layout too.',
    },
  );
}

function withoutDigest(subject: string): PlombeError {
  return new PlombeError('config/invalid', `${inert(subject)} has no manifest, so no digest to keep records of.`, {
    remedy: 'Name an image in a registry or an OCI layout.',
  });
}

/** Both records are one batch: there is never one without the other. */
async function record(
  digest: Digest,
  result: ScanResult,
  attested: AttestedParts,
  flags: Flags,
  ctx: Context,
): Promise<readonly number[]> {
  const writer = await openWriter(ledgerStore(flags), ctx.clock);
  try {
    const answers = await writer.append(scanRecords(digest, result, attested));
    return answers.map(({ sequence }) => sequence);
  } finally {
    await writer.close();
  }
}
