// The three in-toto statements of a ledger: genesis, custody record, map root. Each has one spelling, RFC 8785.
import { isObject, objectField, objectsField, textField, type JsonObject } from '@plombe/kit';
import { parseDigest, type Digest } from '@plombe/model';
import { canonicalJson, NotCanonical } from './canonical.ts';

/** What a custody record can tell of an image, docs/predicates/custody.md. */
export const custodyKinds = [
  'build',
  'inventory',
  'scan',
  'approve',
  'sign',
  'push',
  'promote',
  'copy',
  'deploy',
  'run',
  'drift',
  'exception',
  'revoke',
  'retire',
] as const;

export type CustodyKind = (typeof custodyKinds)[number];

/** Predicate types, docs/predicates. */
export const predicateTypes = {
  custody: 'https://plombe.dev/custody/v1',
  genesis: 'https://plombe.dev/ledger/genesis/v1',
  map: 'https://plombe.dev/ledger/map/v1',
} as const;

/** One link of the chain of a digest. */
export interface CustodyStatement {
  readonly type: 'custody';
  readonly digest: Digest;
  readonly kind: CustodyKind;
  readonly origin: string;
  /** From 1, without gaps, per digest. */
  readonly sequence: number;
  /** `sha256:` and the leaf hash of the record of this digest before it; absent in the first. */
  readonly previous?: string;
  readonly timeMs: number;
  /** What the event says about itself, as it was given; absent where nothing was given. */
  readonly content?: unknown;
}

/** Leaf 0: the keys that the log's key vouches for. */
export interface GenesisStatement {
  readonly type: 'genesis';
  readonly origin: string;
  readonly timeMs: number;
  /** Verifier keys of the log and its ML-DSA-44 cosigner. */
  readonly logKey: string;
  readonly cosignerKey: string;
  /** Base64 of the SPKI of the key that signs every entry. */
  readonly recordKey: string;
}

/** The last leaf of each checkpoint: the root of the map over all records before it. */
export interface MapStatement {
  readonly type: 'map';
  readonly origin: string;
  readonly timeMs: number;
  /** 32 bytes in hexadecimal. */
  readonly root: string;
  readonly digests: number;
  readonly records: number;
}

export type LedgerStatement = CustodyStatement | GenesisStatement | MapStatement;

/** Returns the canonical text of a statement: members in the order of RFC 8785. Throws `NotCanonical` for content that has none. */
export function formatStatement(statement: LedgerStatement): string {
  const time = new Date(statement.timeMs).toISOString();
  const log = JSON.stringify(statement.origin);
  switch (statement.type) {
    case 'custody': {
      const { digest, kind, sequence, previous, content } = statement;
      const given = content === undefined ? '' : `"content":${canonicalJson(content)},`;
      const link = previous === undefined ? '' : `"previous":"${previous}",`;
      return wrap(
        'custody',
        digest,
        `${given}"kind":"${kind}","log":${log},${link}"sequence":${sequence},"time":"${time}"`,
      );
    }
    case 'genesis': {
      const { logKey, cosignerKey, recordKey } = statement;
      const keys = `"cosignerKey":"${cosignerKey}","log":${log},"logKey":"${logKey}","recordKey":"${recordKey}"`;
      return wrap('genesis', `sha256:${keyIdOf(logKey)}`, `${keys},"time":"${time}"`);
    }
    case 'map': {
      const { root, digests, records } = statement;
      return wrap('map', `sha256:${root}`, `"digests":${digests},"log":${log},"records":${records},"time":"${time}"`);
    }
  }
}

function wrap(type: LedgerStatement['type'], digest: string, predicate: string): string {
  const colon = digest.indexOf(':');
  const subject = `{"digest":{"${digest.slice(0, colon)}":"${digest.slice(colon + 1)}"}}`;
  return (
    `{"_type":"https://in-toto.io/Statement/v1","predicate":{${predicate}},` +
    `"predicateType":"${predicateTypes[type]}","subject":[${subject}]}`
  );
}

/** The subject of the genesis entry: the 32 bytes of the log's key in hexadecimal, so that nothing else can be meant. */
function keyIdOf(logKey: string): string {
  return Buffer.from(logKey.split('+').slice(2).join('+'), 'base64').toString('hex', 1);
}

/** Parses a statement; undefined where it is not one of the three, is not closed, or is spelled otherwise than `formatStatement` does. */
export function parseStatement(text: string): LedgerStatement | undefined {
  try {
    const value: unknown = JSON.parse(text);
    const parsed = isObject(value) ? readStatement(value) : undefined;
    return parsed !== undefined && formatStatement(parsed) === text ? parsed : undefined;
  } catch (thrown) {
    // A time out of range, content without canonical form, or no JSON.
    if (thrown instanceof SyntaxError || thrown instanceof RangeError || thrown instanceof NotCanonical)
      return undefined;
    throw thrown;
  }
}

function readStatement(value: JsonObject): LedgerStatement | undefined {
  const predicate = objectField(value, 'predicate') ?? {};
  const subject = objectsField(value, 'subject')[0];
  const [named] = Object.entries((subject && objectField(subject, 'digest')) ?? {});
  const digest = typeof named?.[1] === 'string' ? parseDigest(`${named[0]}:${named[1]}`) : undefined;
  const timeMs = Date.parse(textField(predicate, 'time') ?? '');
  const origin = textField(predicate, 'log');
  if (digest === undefined || origin === undefined || Number.isNaN(timeMs)) return undefined;
  const number = (key: string): number => (typeof predicate[key] === 'number' ? predicate[key] : -1);
  const text = (key: string): string => textField(predicate, key) ?? '';
  switch (textField(value, 'predicateType')) {
    case predicateTypes.custody: {
      const kind = custodyKinds.find((word) => word === predicate['kind']);
      const previous = textField(predicate, 'previous');
      if (kind === undefined) return undefined;
      const content = Object.hasOwn(predicate, 'content') ? { content: predicate['content'] } : {};
      const link = previous === undefined ? {} : { previous };
      return { type: 'custody', digest, kind, origin, sequence: number('sequence'), timeMs, ...link, ...content };
    }
    case predicateTypes.genesis: {
      const keys = { logKey: text('logKey'), cosignerKey: text('cosignerKey'), recordKey: text('recordKey') };
      return { type: 'genesis', origin, timeMs, ...keys };
    }
    case predicateTypes.map:
      return {
        type: 'map',
        origin,
        timeMs,
        root: digest.slice('sha256:'.length),
        digests: number('digests'),
        records: number('records'),
      };
    default:
      return undefined;
  }
}
