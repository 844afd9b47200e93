// From names of keys, files and identities, as flags and policies give them, to an anchor that verifies.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { inert, mebibyte, PlombeError } from '@plombe/kit';
import type { NotationTerms, SigstoreTerms } from '@plombe/model';
import { parseOciTrustPolicy, readTrustStore, trustStoreOnDisk } from '@plombe/notation';
import {
  compilePattern,
  parseTrustedRoot,
  type Attempt,
  type TextRule,
  type Trust,
  type TrustedRoot,
} from '@plombe/trust';
import type { Anchor } from './anchor.ts';
import { readSmallFile } from './files.ts';
import { openPublicKey, type KeySources } from './keys.ts';

/** Keys, any of which counts, or one identity. */
export interface SigstoreNames extends SigstoreTerms {
  /** Each as `openPublicKey` takes it. */
  readonly keys?: readonly string[];
}

/** The files of the Notary Project. */
export interface NotationNames extends NotationTerms {
  readonly requireTimestamp?: boolean;
}

/** Whom a verification may ask; what is absent is never asked. */
export type NotationSources = Pick<Extract<Anchor, { kind: 'notation' }>, 'revocation' | 'plugin'>;

/** The public-good trusted root has 30 KiB; a trust policy of 2,000 statements 1 MiB. */
const maxTrustFileBytes = 4 * mebibyte;

/**
 * Opens keys or an identity. Throws `config/invalid` where issuer or trusted root are missing or not valid, and what `openPublicKey` and
 * reading files throw.
 */
export async function openSigstoreAnchor(names: SigstoreNames, sources: KeySources): Promise<Anchor> {
  const { keys = [], requireLog, requireTimestamp } = names;
  const byKey = keys.length > 0;
  const trustedRoot = names.trustedRoot === undefined ? undefined : readTrustedRoot(names.trustedRoot);
  if (trustedRoot === undefined && (!byKey || requireLog === true || requireTimestamp === true)) {
    const what = byKey ? `A ${requireLog === true ? 'log entry' : 'time stamp'}` : 'A certificate identity';
    throw usage(
      `${what} can only be checked with a trusted root.`,
      'Name it with --trusted-root FILE, or trustedRoot.',
    );
  }
  const trust: Trust = {
    anchor: byKey
      ? { kind: 'keys', keys: await Promise.all(keys.map((name) => openPublicKey(name, sources))) }
      : identityRules(names),
    ...(trustedRoot === undefined ? {} : { trustedRoot }),
    ...(requireLog === true ? { requireLogs: 1 } : {}),
    ...(requireTimestamp === true ? { requireTimestamps: 1 } : {}),
  };
  return { kind: 'sigstore', trust };
}

/** Opens trust policy and trust store. Throws `notation/trust-policy`, `notation/trust-store`, `source/…`. */
export async function openNotationAnchor(names: NotationNames, sources: NotationSources = {}): Promise<Anchor> {
  const { trustPolicy, trustStore, requireTimestamp = false } = names;
  const policy = parseOciTrustPolicy(readSmallFile(trustPolicy, 'The trust policy', maxTrustFileBytes));
  const below = join(trustStore, 'truststore');
  const root = existsSync(join(trustStore, 'x509')) || !existsSync(join(below, 'x509')) ? trustStore : below;
  if (!existsSync(root)) throw new PlombeError('source/not-found', `There is no trust store ${inert(trustStore)}.`);
  const store = await readTrustStore(trustStoreOnDisk(root));
  return { kind: 'notation', policy, store, requireTimestamp, ...sources };
}

function identityRules(names: SigstoreNames): Trust['anchor'] {
  const { certificateIdentity, certificateIdentityRegexp, oidcIssuer } = names;
  if (oidcIssuer === undefined) {
    throw usage(
      'A certificate identity says nothing without its issuer.',
      'Give --certificate-oidc-issuer, or oidcIssuer.',
    );
  }
  // A variable that is not set: nobody is called nothing.
  if ([certificateIdentity, certificateIdentityRegexp, oidcIssuer].includes('')) {
    throw usage('An empty certificate identity or issuer names nobody.');
  }
  if ((certificateIdentity === undefined) === (certificateIdentityRegexp === undefined)) {
    throw usage('A certificate identity is either exact or a pattern.', 'Give one of the two.');
  }
  const subject: TextRule =
    certificateIdentity === undefined
      ? { pattern: patternOf(certificateIdentityRegexp ?? '') }
      : { exact: certificateIdentity };
  return { kind: 'identities', rules: [{ subject, issuer: { exact: oidcIssuer } }] };
}

function patternOf(source: string): Extract<TextRule, { pattern: unknown }>['pattern'] {
  return parsed(compilePattern(source), (message) =>
    usage(`The pattern of the certificate identity is not valid: ${message}.`),
  );
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

function usage(message: string, remedy?: string): PlombeError {
  return new PlombeError('config/invalid', message, remedy === undefined ? {} : { remedy });
}
