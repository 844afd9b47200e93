// Trusted identities: parts of a certificate's subject that must be there (trust-store-trust-policy, "Trusted Identities Constraints").
import { isText, parseDer, readText, type DistinguishedName } from '@plombe/pki';
import { isPlombeError, toHex } from '@plombe/kit';
import { Malformed, demand } from '../malformed.ts';
import { shown } from '../envelope/headers.ts';

/** Object identifier of an attribute → its values, sorted. */
type Attributes = ReadonlyMap<string, readonly string[]>;

/** One entry of `trustedIdentities`. */
export type IdentityPattern =
  | { readonly kind: 'subject'; readonly text: string; readonly attributes: Attributes }
  /** A kind only a plugin knows; it never matches a certificate here. */
  | { readonly kind: 'foreign'; readonly text: string };

/** Attribute keywords of RFC 4514 section 3, those Notation writes beside them, and S for ST. */
const keywords: Readonly<Record<string, string>> = {
  CN: '2.5.4.3',
  SERIALNUMBER: '2.5.4.5',
  C: '2.5.4.6',
  L: '2.5.4.7',
  ST: '2.5.4.8',
  S: '2.5.4.8',
  STREET: '2.5.4.9',
  O: '2.5.4.10',
  OU: '2.5.4.11',
  POSTALCODE: '2.5.4.17',
  UID: '0.9.2342.19200300.100.1.1',
  DC: '0.9.2342.19200300.100.1.25',
};

const required = ['C', 'ST', 'O'] as const;

/** A subject of 4 KiB holds 40 attributes of the longest kind X.520 allows (64 characters). */
const maxIdentityLength = 4096;

/** Reads one entry. Throws `Malformed` where it is no identity, or a subject without country, state and organization. */
export function parseIdentity(text: string): IdentityPattern {
  demand(text.length <= maxIdentityLength, `trusted identity longer than ${String(maxIdentityLength)} characters`);
  const colon = text.indexOf(':');
  demand(colon > 0, `trusted identity ${shown(text)} has no kind such as x509.subject:`);
  if (text.slice(0, colon) !== 'x509.subject') return { kind: 'foreign', text };
  const attributes = group(parseName(text.slice(colon + 1)));
  for (const keyword of required)
    demand(attributes.has(keywords[keyword] as string), `trusted identity ${shown(text)} has no ${keyword}`);
  return { kind: 'subject', text, attributes };
}

/**
 * True where each attribute type the identity names has exactly the identity's values in the subject: neither another value nor one more.
 * Types it does not name may be anything. Values are compared by code point (RFC 4514 text is unescaped first).
 */
export function identityMatches(identity: IdentityPattern, subject: DistinguishedName): boolean {
  return identity.kind === 'subject' && within(identity.attributes, group(subject.rdns.flat()));
}

/** True where every certificate that one of them matches is matched by the other too. */
export function identitiesOverlap(a: IdentityPattern, b: IdentityPattern): boolean {
  if (a.kind === 'foreign' || b.kind === 'foreign') return a.text === b.text;
  return within(a.attributes, b.attributes) || within(b.attributes, a.attributes);
}

function within(part: Attributes, whole: Attributes): boolean {
  return [...part].every(([oid, values]) => {
    const others = whole.get(oid);
    return others?.length === values.length && values.every((value, i) => value === others[i]);
  });
}

function group(pairs: readonly { readonly oid: string; readonly value: string }[]): Attributes {
  const groups = new Map<string, string[]>();
  for (const { oid, value } of pairs) groups.set(oid, [...(groups.get(oid) ?? []), value]);
  for (const values of groups.values()) values.sort();
  return groups;
}

const pair =
  /\s*([A-Za-z][A-Za-z0-9-]*|\d+(?:\.\d+)+)\s*=\s*(#(?:[0-9a-fA-F]{2})+|(?:[^\\,;+"<>\u0000]|\\(?:[\\,;+"<>#= ]|[0-9a-fA-F]{2}))*)/y;

/** Reads RFC 4514 text, `,` or `+` between attributes; spaces around names, values and separators are dropped unless escaped. */
function parseName(text: string): readonly { readonly oid: string; readonly value: string }[] {
  const pairs: { readonly oid: string; readonly value: string }[] = [];
  for (let at = 0; ;) {
    pair.lastIndex = at;
    const found = pair.exec(text);
    demand(found !== null, `trusted identity: no attribute at character ${String(at)} of the name`);
    const [all, type, raw] = found as unknown as readonly [string, string, string];
    const oid = /^\d/.test(type) ? type : keywords[type.toUpperCase()];
    demand(oid !== undefined, `trusted identity: unknown attribute ${shown(type)}`);
    const value = raw.startsWith('#') ? decodeHexValue(raw.slice(1)) : unescape(trim(raw));
    demand(value !== '', `trusted identity: ${shown(type)} is empty`);
    pairs.push({ oid, value });
    at += all.length;
    while (text[at] === ' ') at += 1;
    if (at === text.length) return pairs;
    demand(text[at] === ',' || text[at] === '+', `trusted identity: no comma at character ${String(at)} of the name`);
    at += 1;
  }
}

function trim(raw: string): string {
  return raw.replace(/^ +/, '').replace(/((?:^|[^\\])(?:\\\\)*(?:\\ )?) +$/, '$1');
}

function unescape(raw: string): string {
  if (!raw.includes('\\')) return raw;
  const parts = raw.match(/\\[0-9a-fA-F]{2}|\\.|[^\\]+/gsu) ?? [];
  const bytes = parts.map((part) => {
    if (!part.startsWith('\\')) return Buffer.from(part);
    return part.length === 3 ? Buffer.from(part.slice(1), 'hex') : Buffer.from(part.slice(1));
  });
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(Buffer.concat(bytes));
  } catch {
    throw new Malformed('trusted identity: escaped bytes are not UTF-8');
  }
}

function decodeHexValue(hex: string): string {
  try {
    const node = parseDer(Buffer.from(hex, 'hex'));
    return isText(node) ? readText(node) : `#${toHex(node.bytes)}`;
  } catch (thrown) {
    if (isPlombeError(thrown)) throw new Malformed('trusted identity: a # value is not DER');
    throw thrown;
  }
}
