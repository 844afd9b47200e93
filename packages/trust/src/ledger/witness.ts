// Asks a witness to cosign the checkpoint (tlog-witness, add-checkpoint) and keeps the cosignature in the checkpoint's note.
import { inert, messageOf, PlombeError, readAll } from '@plombe/kit';
import type { Context } from '@plombe/model';
import { cosignedAtS, formatCheckpoint, holdsSignature } from './checkpoint.ts';
import { consistencyPath } from './merkle.ts';
import { formatNote, parseSignatures, type NoteSignature, type VerifierKey } from './note.ts';
import { ledgerFiles, openReader, requireLedger, type LedgerReader } from './reader.ts';
import type { LedgerStore } from './store.ts';

/** A witness: where `add-checkpoint` is, and the key of its cosignatures. */
export interface Witness {
  readonly url: string;
  readonly key: VerifierKey;
}

/** What the witness vouches for: it saw this size as the largest at that time. */
export interface Witnessed {
  readonly size: number;
  readonly timeMs: number;
}

/** An answer is a few signature lines of under 5 kB each. */
const maxAnswerBytes = 64 * 1024;

/** Has the checkpoint cosigned. Takes the writer's lock for the time. Throws `ledger/witness`, `ledger/locked`, `ledger/damaged`. */
export async function witnessCheckpoint(
  store: LedgerStore,
  witness: Witness,
  ctx: Pick<Context, 'fetch' | 'signal'>,
): Promise<Witnessed> {
  await requireLedger(store);
  const release = await store.lock();
  try {
    const ledger = await openReader(store);
    const { checkpoint } = ledger;
    const cosignature = await ask(ledger, witness, ctx);
    const { name, id } = witness.key;
    const others = checkpoint.note.signatures.filter((one) => one.name !== name || one.id !== id);
    const note = formatCheckpoint(checkpoint, [...others, cosignature]);
    await store.write([{ path: ledgerFiles.checkpoint, bytes: Buffer.from(note) }]);
    return { size: checkpoint.size, timeMs: cosignedAtS(cosignature) * 1000 };
  } finally {
    release();
  }
}

/** The first question claims nothing; a witness that knows the log answers with the size it saw, and the second question proves from there. */
async function ask(
  ledger: LedgerReader,
  witness: Witness,
  ctx: Pick<Context, 'fetch' | 'signal'>,
): Promise<NoteSignature> {
  const { size } = ledger.checkpoint;
  const first = await post(ledger, witness, 0, ctx);
  const seen = first.status === 409 && /^\d{1,15}\n$/.test(first.body) ? Number(first.body) : undefined;
  if (seen !== undefined && seen > size) {
    throw refused(
      witness,
      `has seen the log at size ${seen}, and it is at ${size} here: the ledger was put back to an older state`,
    );
  }
  const answer = seen === undefined ? first : await post(ledger, witness, seen, ctx);
  if (answer.status !== 200) throw refused(witness, `answered ${answer.status}${reasonOf(answer.status)}`);
  const cosignature = parseSignatures(answer.body)?.find((one) => holdsSignature(ledger.checkpoint, one, witness.key));
  if (cosignature === undefined) throw refused(witness, 'answered no cosignature by its key over this checkpoint');
  return cosignature;
}

async function post(
  { checkpoint, tiles }: LedgerReader,
  witness: Witness,
  old: number,
  { fetch, signal }: Pick<Context, 'fetch' | 'signal'>,
): Promise<{ readonly status: number; readonly body: string }> {
  const spans = old === 0 ? [] : consistencyPath(old, checkpoint.size);
  const proof = await Promise.all(spans.map(async (span) => `${(await tiles.span(span)).toString('base64')}\n`));
  const note = formatNote({ ...checkpoint.note, signatures: checkpoint.note.signatures.slice(0, 2) });
  try {
    const response = await fetch(`${witness.url.replace(/\/+$/, '')}/add-checkpoint`, {
      method: 'POST',
      body: `old ${old}\n${proof.join('')}\n${note}`,
      redirect: 'error',
      signal,
    });
    const body = response.body === null ? new Uint8Array() : await readAll(response.body, maxAnswerBytes);
    return { status: response.status, body: Buffer.from(body ?? []).toString() };
  } catch (cause) {
    signal.throwIfAborted();
    throw new PlombeError(
      'ledger/witness',
      `The witness ${inert(witness.key.name)} cannot be reached: ${messageOf(cause)}`,
      {
        cause,
        retryable: true,
      },
    );
  }
}

function reasonOf(status: number): string {
  const reasons: Readonly<Record<number, string>> = {
    403: ", it does not have the log's key",
    404: ', it does not know this log',
    409: ', it knows another tree of this size',
    422: ', the log is not consistent with what it saw before',
  };
  return reasons[status] ?? '';
}

function refused({ key }: Witness, what: string): PlombeError {
  return new PlombeError('ledger/witness', `The witness ${inert(key.name)} ${what}.`);
}
