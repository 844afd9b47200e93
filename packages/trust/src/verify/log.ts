// Verifies log entries: same content, in the tree at that index, under a checkpoint or promise signed by a trusted log (T40, T44).
import type { KeyObject } from 'node:crypto';
import { toHex } from '@plombe/kit';
import { verifySignature } from '@plombe/pki';
import { algorithmsFor } from '../keys/algorithms.ts';
import { bodyMismatch } from '../log/body.ts';
import { namesOrigin, readCheckpoint, type Checkpoint } from '../log/checkpoint.ts';
import type { InclusionProof, LogEntry } from '../log/entry.ts';
import { leafHash, rootOfInclusion } from '../log/merkle.ts';
import { attempt } from '../parse/refused.ts';
import { encodeBase64 } from '../parse/base64.ts';
import { isWithin, type TrustedLog, type TrustedRoot } from '../root/trusted-root.ts';
import type { Checks } from './checks.ts';
import type { Evidence } from './evidence.ts';

/** An entry that a trusted log vouches for. */
export interface VouchedEntry {
  readonly log: TrustedLog;
  /** Rekor v1's integrated time, signed in the promise; absent in Rekor v2. */
  readonly timeMs?: number;
}

/**
 * Verifies all entries. Whatever is present must hold: content and inclusion are compared even where no log is trusted; entries of
 * logs that the root does not know are skipped and vouch for nothing.
 */
export function verifyEntries(
  entries: readonly LogEntry[],
  evidence: Evidence,
  root: TrustedRoot | undefined,
  checks: Checks,
): readonly VouchedEntry[] {
  return entries.flatMap((entry) => {
    const compared = attempt(() => bodyMismatch(entry, evidence));
    if (compared.kind !== 'parsed') {
      checks.refuse('log-entry', compared);
      return [];
    }
    if (compared.value !== undefined) {
      checks.fail('log-entry', `The log entry ${entry.logIndex} is not of this signature: ${compared.value}.`);
      return [];
    }
    checks.pass('log-entry', `The log entry ${entry.logIndex} is of this content, signature and signer.`);
    const vouched = verifyProofs(entry, root, checks);
    return vouched === undefined ? [] : [vouched];
  });
}

function verifyProofs(entry: LogEntry, root: TrustedRoot | undefined, checks: Checks): VouchedEntry | undefined {
  const included = entry.proof === undefined ? undefined : verifyInclusion(entry, entry.proof, checks);
  if (included === 'failed') return undefined;
  const log = root?.logs.find(({ id, checkpointId }) => same(id, entry.logId) || same(checkpointId, entry.logId));
  if (log === undefined) {
    const why = root === undefined ? 'no trusted root was given' : 'the trusted root does not know that log';
    checks.skip('log-inclusion', `The entry's log ${toHex(entry.logId).slice(0, 16)}… was not checked: ${why}.`);
    return undefined;
  }
  if (included !== undefined && !verifyCheckpoint(included, log, checks)) return undefined;
  if (entry.promise !== undefined) return verifyPromise(entry, entry.promise, log, checks);
  if (included === undefined) {
    checks.fail('log-inclusion', `The entry of ${log.url} has neither an inclusion proof nor a promise of the log.`);
    return undefined;
  }
  // Nothing signs these two where there is no promise, so they may not say anything.
  if (entry.integratedTimeS !== 0 || entry.logIndex !== entry.proof?.logIndex) {
    checks.fail('log-inclusion', `The entry of ${log.url} names a time or an index that nothing proves.`);
    return undefined;
  }
  return { log };
}

function verifyInclusion(entry: LogEntry, proof: InclusionProof, checks: Checks): Checkpoint | 'failed' | undefined {
  const computed = rootOfInclusion(leafHash(entry.body), proof.logIndex, proof.treeSize, proof.hashes);
  if (computed === undefined || !same(computed, proof.rootHash)) {
    checks.fail('log-inclusion', `The inclusion proof does not lead from index ${proof.logIndex} to its root hash.`);
    return 'failed';
  }
  const { checkpoint } = proof;
  if (checkpoint === undefined) return undefined;
  const read = attempt(() => readCheckpoint(checkpoint));
  if (read.kind !== 'parsed') {
    checks.refuse('log-inclusion', read);
    return 'failed';
  }
  if (read.value.treeSize !== proof.treeSize || !same(read.value.rootHash, computed)) {
    checks.fail('log-inclusion', 'The checkpoint is of another tree than the inclusion proof.');
    return 'failed';
  }
  return read.value;
}

function verifyCheckpoint(checkpoint: Checkpoint, log: TrustedLog, checks: Checks): boolean {
  const hint = log.checkpointId.subarray(0, 4);
  const signatures = checkpoint.signatures.filter(
    ({ name, keyHint }) => same(keyHint, hint) && namesOrigin(name, checkpoint.origin),
  );
  const data = Buffer.from(checkpoint.signedText);
  const holds = signatures.some(({ signature }) => verifyWithLogKey(log.key, data, signature));
  if (holds) {
    checks.pass('log-inclusion', `The entry is in the tree of size ${checkpoint.treeSize} that ${log.url} signed.`);
  } else {
    checks.fail('log-inclusion', `The checkpoint is not signed by the key of ${log.url}.`);
  }
  return holds;
}

function verifyPromise(
  entry: LogEntry,
  promise: Uint8Array,
  log: TrustedLog,
  checks: Checks,
): VouchedEntry | undefined {
  // RFC 8785 of the four fields; none needs escaping.
  const signed = `{"body":"${encodeBase64(entry.body)}","integratedTime":${entry.integratedTimeS},"logID":"${toHex(log.id)}","logIndex":${entry.logIndex}}`;
  if (entry.integratedTimeS === 0 || !verifyWithLogKey(log.key, Buffer.from(signed), promise)) {
    checks.fail('log-promise', `The entry's time and index are not signed by the key of ${log.url}.`);
    return undefined;
  }
  const timeMs = entry.integratedTimeS * 1000;
  if (timeMs > maxTimeMs || !isWithin(log.window, timeMs)) {
    checks.fail('log-promise', `${log.url} was not trusted at ${isoTime(timeMs)}.`);
    return undefined;
  }
  checks.pass('log-promise', `${log.url} took the entry in at ${isoTime(timeMs)} with index ${entry.logIndex}.`);
  return { log, timeMs };
}

function verifyWithLogKey(key: KeyObject, data: Uint8Array, signature: Uint8Array): boolean {
  const algorithm = algorithmsFor(key)[0];
  return algorithm !== undefined && verifySignature({ algorithm, key, data, signature }).kind === 'verified';
}

/** The last moment that a Date can hold, in milliseconds (ECMA-262, 21.4.1.1). */
const maxTimeMs = 8.64e15;

/** A moment for messages. */
export function isoTime(atMs: number): string {
  return Math.abs(atMs) <= maxTimeMs ? new Date(atMs).toISOString() : 'an impossible time';
}

function same(a: Uint8Array, b: Uint8Array): boolean {
  return Buffer.compare(a, b) === 0;
}
