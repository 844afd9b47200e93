// From flags to whom is trusted: keys, a certificate identity, or Notation's trust policy and trust store.
import {
  openNotationAnchor,
  openSigstoreAnchor,
  type Anchor,
  type KeySources,
  type NotationSources,
} from '@plombe/engine';
import { inert, PlombeError } from '@plombe/kit';

type Flags = Readonly<Record<string, unknown>>;

/** The ways to say whom to trust, by the flag that decides for each. */
const ways = ['key', 'certificateIdentity', 'certificateIdentityRegexp', 'trustPolicy', 'policy'] as const;

/** Flags that say nothing beside the one that was chosen. */
const foreign: Readonly<Record<(typeof ways)[number], readonly string[]>> = {
  key: ['certificateOidcIssuer', 'trustStore', 'pluginConfig'],
  certificateIdentity: ['trustStore', 'pluginConfig'],
  certificateIdentityRegexp: ['trustStore', 'pluginConfig'],
  trustPolicy: ['certificateOidcIssuer', 'trustedRoot', 'requireLog'],
  policy: [
    'annotation',
    'pluginConfig',
    'certificateOidcIssuer',
    'trustedRoot',
    'trustStore',
    'requireLog',
    'requireTimestamp',
    'threshold',
  ],
};

/** Returns the way that the flags choose. Throws `config/invalid` where there are none or several, or a flag that says nothing there. */
export function wayOf(flags: Flags): (typeof ways)[number] {
  const given = ways.filter((name) => flags[name] !== undefined);
  const [way] = given;
  if (way === undefined) {
    throw usage(
      'Nothing says whom to trust.',
      'Give --key, --certificate-identity with --certificate-oidc-issuer, --trust-policy with --trust-store, or --policy.',
    );
  }
  if (given.length > 1) throw usage(`${given.map(flagOf).join(' and ')} exclude each other.`);
  const idle = foreign[way].find((name) => flags[name] !== undefined);
  if (idle !== undefined) throw usage(`${flagOf(idle)} says nothing beside ${flagOf(way)}.`);
  return way;
}

/** Opens the anchor of a way other than `policy`. Throws `config/invalid`, `source/…`, `trust/…`, `notation/…`. */
export async function anchorOf(flags: Flags, sources: KeySources, asked: NotationSources): Promise<Anchor> {
  const text = (name: string): string | undefined => (typeof flags[name] === 'string' ? flags[name] : undefined);
  const requireTimestamp = flags['requireTimestamp'] === true;
  const trustPolicy = text('trustPolicy');
  if (trustPolicy !== undefined) {
    const trustStore = text('trustStore');
    if (trustStore === undefined)
      throw usage('A trust policy needs its trust store.', 'Name the folder with --trust-store DIR.');
    return openNotationAnchor({ trustPolicy, trustStore, requireTimestamp }, asked);
  }
  const names = {
    certificateIdentity: text('certificateIdentity'),
    certificateIdentityRegexp: text('certificateIdentityRegexp'),
    oidcIssuer: text('certificateOidcIssuer'),
    trustedRoot: text('trustedRoot'),
  };
  const given = Object.fromEntries(Object.entries(names).filter(([, value]) => value !== undefined));
  const keys = (flags['key'] ?? []) as readonly string[];
  return openSigstoreAnchor({ ...given, keys, requireTimestamp, requireLog: flags['requireLog'] === true }, sources);
}

/** Reads `-a K=V` flags. Throws `config/invalid` where one has no name or a name comes twice. */
export function annotationsOf(flags: Flags): Readonly<Record<string, string>> {
  return pairsOf((flags['annotation'] ?? []) as readonly string[], 'annotation');
}

/** Reads `--plugin-config K=V` flags; undefined without one. Throws as `annotationsOf`. */
export function pluginConfigOf(flags: Flags): Readonly<Record<string, string>> | undefined {
  const given = flags['pluginConfig'] as readonly string[] | undefined;
  return given === undefined ? undefined : pairsOf(given, 'setting of a plugin');
}

function pairsOf(given: readonly string[], what: string): Readonly<Record<string, string>> {
  const pairs = Object.create(null) as Record<string, string>;
  for (const pair of given) {
    const equals = pair.indexOf('=');
    const name = pair.slice(0, equals);
    if (equals < 1) throw usage(`The ${what} ${inert(pair)} is not written K=V.`);
    if (Object.hasOwn(pairs, name)) throw usage(`The ${what} ${inert(name)} is given twice.`);
    pairs[name] = pair.slice(equals + 1);
  }
  return pairs;
}

/** `certificateIdentity` → `--certificate-identity`. */
function flagOf(name: string): string {
  return `--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
}

function usage(message: string, remedy?: string): PlombeError {
  return new PlombeError('config/invalid', message, remedy === undefined ? {} : { remedy });
}
