// `plombe ledger`: make one, audit it, have it witnessed.
import { availableParallelism } from 'node:os';
import { inert, PlombeError } from '@plombe/kit';
import {
  auditLedger,
  createLedger,
  parseCheckpoint,
  signatureTypes,
  witnessCheckpoint,
  type AuditVerdict,
  type Checkpoint,
} from '@plombe/trust';
import { openSession } from '../compose/context.ts';
import { updateFetch } from '../compose/fetch.ts';
import { ledgerStore, listOf, readNamed, verifierKeyOf, type Flags } from '../compose/ledger.ts';
import { jsonLine } from '../compose/output.ts';
import { ownOutputs } from '../compose/reports.ts';
import type { LoadedSettings } from '../settings/load.ts';
import type { Settings } from '../settings/settings.ts';
import { exitCodes } from '../terminal/failure.ts';
import { parseOutputs, print, writeReport } from '../terminal/output.ts';

/** Makes an empty ledger, and its folder where there is none, and prints the verifier key. */
export async function initLedger(flags: Flags): Promise<number> {
  const { ctx } = openSession({});
  print(`${await createLedger(ledgerStore(flags), String(flags['origin']), ctx.clock)}\n`);
  return exitCodes.fine;
}

const formats = ['text', 'json'];

/** Audits a ledger. Returns 1 where something does not hold. */
export async function verifyLedger(loaded: LoadedSettings, flags: Flags): Promise<number> {
  const targets = parseOutputs(ownOutputs(loaded, formats), formats, 'text');
  const { ctx } = openSession(loaded.values);
  const known = listOf(flags, 'checkpoint').map(knownCheckpoint);
  const verdict = await auditLedger(ledgerStore(flags), known, ctx.signal, availableParallelism());
  for (const target of targets) {
    writeReport(target, [target.format === 'json' ? jsonLine(verdict) : describe(verdict)]);
  }
  return verdict.verdict === 'verified' ? exitCodes.fine : exitCodes.findings;
}

function knownCheckpoint(path: string): Checkpoint {
  const checkpoint = parseCheckpoint(readNamed(path, '--checkpoint'));
  if (checkpoint !== undefined) return checkpoint;
  throw new PlombeError('config/invalid', `--checkpoint ${inert(path)} is not a signed checkpoint.`);
}

function describe(verdict: AuditVerdict): string {
  if (verdict.verdict === 'verified') {
    const { size, records, digests, asOf } = verdict;
    return `verified: ${records} records of ${digests} digests in ${size} leaves, as of ${asOf}\n`;
  }
  const { link, check, message } = verdict.firstBroken;
  return `rejected: ${inert(link)}: ${inert(message)} [${check}]\n`;
}

/** Asks a witness to cosign the checkpoint. */
export async function witnessLedger(values: Settings, flags: Flags): Promise<number> {
  const { ctx } = openSession(values);
  const { ed25519Cosignature, mlDsa44Cosignature } = signatureTypes;
  const key = verifierKeyOf(String(flags['witness']), '--witness', [ed25519Cosignature, mlDsa44Cosignature]);
  const url = String(flags['url']);
  if (!/^https?:$/.test(URL.parse(url)?.protocol ?? '')) {
    throw new PlombeError('config/invalid', `--url ${inert(url)} is not an address of http or https.`);
  }
  const { size, timeMs } = await witnessCheckpoint(
    ledgerStore(flags),
    { url, key },
    { fetch: updateFetch(values), signal: ctx.signal },
  );
  print(jsonLine({ witness: key.name, size, time: new Date(timeMs).toISOString() }));
  return exitCodes.fine;
}
