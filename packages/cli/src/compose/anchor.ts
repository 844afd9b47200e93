// From flags to whom is trusted: keys, a certificate identity, or Notation's trust policy and trust store.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { openPublicKey, readSmallFile, type Anchor, type KeySources } from '@plombe/engine';
import { inert, mebibyte, PlombeError } from '@plombe/kit';
import { parseOciTrustPolicy, readTrustStore, trustStoreOnDisk, type RevocationSource } from '@plombe/notation';
import {
  compilePattern,
  parseTrustedRoot,
  type Attempt,
  type TextRule,
  type Trust,
  type TrustedRoot,
} from '@plombe/trust';

type Flags = Readonly<Record<string, unknown>>;

/** Public-good's trusted root has 30 KiB. */
const maxTrustFileBytes = 4 * mebibyte;

/** The four ways to say whom to trust, by the flag that decides for each. */
const ways = ['key', 'certificateIdentity', 'certificateIdentityRegexp', 'trustPolicy', 'policy'] as const;

/** True where the caller named a policy of Plombe's own. */
export function wantsPolicy(flags: Flags): boolean {
  return typeof flags['policy'] === 'string';
}

/**
 * Returns the anchor. Throws `config/invalid` where none or several are named or a part is missing, `source/…` for files that cannot be
 * read, `trust/…` and `notation/…` for those that are not valid.
 */
export async function anchorOf(
  flags: Flags,
  keys: KeySources,
  revocation: RevocationSource | undefined,
): Promise<Anchor> {
  requireOneWay(flags);
  const trustPolicy = text(flags, 'trustPolicy');
  if (trustPolicy !== undefined) return notationAnchor(trustPolicy, flags, revocation);
  for (const name of ['trustStore', ...(flags['key'] === undefined ? [] : ['certificateOidcIssuer'])]) {
    if (flags[name] !== undefined) throw usage(`${flagOf(name)} does not go with the other flags given.`);
  }
  const rootPath = text(flags, 'trustedRoot');
  const trustedRoot = rootPath === undefined ? undefined : readTrustedRoot(rootPath);
  if (trustedRoot === undefined) {
    const needed = flags['requireLog'] === true ? 'requireLog' : 'requireTimestamp';
    if (flags[needed] === true || flags['key'] === undefined) {
      const flag = flags['key'] === undefined ? 'A certificate identity' : flagOf(needed);
      throw usage(`${flag} can only be checked with a trusted root.`, 'Name it with --trusted-root FILE.');
    }
  }
  const trust: Trust = {
    anchor: flags['key'] === undefined ? identityAnchor(flags) : await keyAnchor(flags['key'], keys),
    ...(trustedRoot === undefined ? {} : { trustedRoot }),
    ...(flags['requireLog'] === true ? { requireLogs: 1 } : {}),
    ...(flags['requireTimestamp'] === true ? { requireTimestamps: 1 } : {}),
  };
  return { kind: 'sigstore', trust };
}

function requireOneWay(flags: Flags): void {
  const given = ways.filter((name) => flags[name] !== undefined);
  if (given.length === 1) return;
  if (given.length > 1) throw usage(`${given.map(flagOf).join(' and ')} exclude each other.`);
  throw usage(
    'Nothing says whom to trust.',
    'Give --key, --certificate-identity with --certificate-oidc-issuer, --trust-policy with --trust-store, or --policy.',
  );
}

async function keyAnchor(names: unknown, sources: KeySources): Promise<Trust['anchor']> {
  const list = Array.isArray(names) ? (names as readonly string[]) : [String(names)];
  return { kind: 'keys', keys: await Promise.all(list.map((name) => openPublicKey(name, sources))) };
}

function identityAnchor(flags: Flags): Trust['anchor'] {
  const issuer = text(flags, 'certificateOidcIssuer');
  if (issuer === undefined) {
    throw usage('A certificate identity says nothing without its issuer.', 'Give --certificate-oidc-issuer.');
  }
  const exact = text(flags, 'certificateIdentity');
  const subject: TextRule =
    exact === undefined ? { pattern: patternOf(text(flags, 'certificateIdentityRegexp') ?? '') } : { exact };
  return { kind: 'identities', rules: [{ subject, issuer: { exact: issuer } }] };
}

function patternOf(source: string): Extract<TextRule, { pattern: unknown }>['pattern'] {
  return parsed(compilePattern(source), (message) => usage(`--certificate-identity-regexp: ${message}.`));
}

async function notationAnchor(path: string, flags: Flags, revocation: RevocationSource | undefined): Promise<Anchor> {
  for (const name of ['trustedRoot', 'requireLog', 'certificateOidcIssuer']) {
    if (flags[name] !== undefined) throw usage(`${flagOf(name)} says nothing about signatures of Notation.`);
  }
  const folder = text(flags, 'trustStore');
  if (folder === undefined)
    throw usage('A trust policy needs its trust store.', 'Name the folder with --trust-store DIR.');
  const policy = parseOciTrustPolicy(readSmallFile(path, 'The trust policy', maxTrustFileBytes));
  const below = join(folder, 'truststore');
  const root = existsSync(join(folder, 'x509')) || !existsSync(join(below, 'x509')) ? folder : below;
  if (!existsSync(root)) throw new PlombeError('source/not-found', `There is no trust store ${inert(folder)}.`);
  const store = await readTrustStore(trustStoreOnDisk(root));
  const requireTimestamp = flags['requireTimestamp'] === true;
  return { kind: 'notation', policy, store, requireTimestamp, ...(revocation === undefined ? {} : { revocation }) };
}

/** Reads a trusted root. Throws `source/…`, `config/invalid`. */
export function readTrustedRoot(path: string): TrustedRoot {
  const bytes = readSmallFile(path, 'The trusted root', maxTrustFileBytes);
  return parsed(parseTrustedRoot(bytes), (message) =>
    usage(`The trusted root ${inert(path)} is not valid: ${message}.`),
  );
}

/** The value, or the error made of the reason. */
export function parsed<T>(result: Attempt<T>, fail: (message: string) => PlombeError): T {
  if (result.kind === 'parsed') return result.value;
  throw fail(inert(result.message));
}

/** Reads `-a K=V` flags. Throws `config/invalid` where one has no name or a name comes twice. */
export function annotationsOf(flags: Flags): Readonly<Record<string, string>> {
  const annotations = Object.create(null) as Record<string, string>;
  for (const pair of (flags['annotation'] ?? []) as readonly string[]) {
    const equals = pair.indexOf('=');
    const name = pair.slice(0, equals);
    if (equals < 1) throw usage(`The annotation ${inert(pair)} is not written K=V.`);
    if (Object.hasOwn(annotations, name)) throw usage(`The annotation ${inert(name)} is given twice.`);
    annotations[name] = pair.slice(equals + 1);
  }
  return annotations;
}

function text(flags: Flags, name: string): string | undefined {
  const value = flags[name];
  return typeof value === 'string' ? value : undefined;
}

/** `certificateIdentity` → `--certificate-identity`. */
function flagOf(name: string): string {
  return `--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
}

function usage(message: string, remedy?: string): PlombeError {
  return new PlombeError('config/invalid', message, remedy === undefined ? {} : { remedy });
}
