// Parses what a Rekor log answers to a new entry; nothing is verified here, the caller verifies the finished bundle.
import { isObject } from '@plombe/kit';
import { readLogEntry, type LogEntry } from '../log/entry.ts';
import { countField, listOf, parseJsonObject, requiredBytes, requiredObject, requiredText } from '../parse/fields.ts';
import { attempt, malformed, type Attempt } from '../parse/refused.ts';

/** 4 MiB: an answer has about 10 KB. */
const maxBytes = 4 * 1024 * 1024;

/** Parses Rekor v1's answer: an object whose one key is the entry's UUID (openapi.yaml, LogEntry). */
export function parseRekorV1Answer(answer: Uint8Array | string): Attempt<LogEntry> {
  return attempt(() => {
    const entries = Object.values(parseJsonObject(answer, maxBytes, 'answer of the log'));
    const entry =
      entries.length === 1 && isObject(entries[0]) ? entries[0] : malformed('the log did not answer one entry');
    const what = 'answer of the log';
    const body = requiredBytes(entry, 'body', what);
    const content = parseJsonObject(body, maxBytes, 'body of the log entry');
    const verification = requiredObject(entry, 'verification', what);
    const proof = requiredObject(verification, 'inclusionProof', what);
    return {
      logIndex: countField(entry, 'logIndex', what),
      logId: hex(requiredText(entry, 'logID', what)),
      kind: requiredText(content, 'kind', what),
      version: requiredText(content, 'apiVersion', what),
      integratedTimeS: countField(entry, 'integratedTime', what),
      promise: requiredBytes(verification, 'signedEntryTimestamp', what),
      proof: {
        logIndex: countField(proof, 'logIndex', what),
        treeSize: countField(proof, 'treeSize', what),
        rootHash: hex(requiredText(proof, 'rootHash', what)),
        hashes: listOf(proof, 'hashes', 64, what).map(hex),
        checkpoint: requiredText(proof, 'checkpoint', what),
      },
      body,
    };
  });
}

function hex(text: unknown): Uint8Array {
  return typeof text === 'string' && /^[0-9a-f]{64}$/.test(text)
    ? Buffer.from(text, 'hex')
    : malformed('a hash in the answer of the log is not 32 bytes in hexadecimal');
}

/** Parses Rekor v2's answer: a TransparencyLogEntry as bundles carry it. */
export function parseRekorV2Answer(answer: Uint8Array | string): Attempt<LogEntry> {
  return attempt(() => readLogEntry(parseJsonObject(answer, maxBytes, 'answer of the log')));
}
