// Names of the headers both encodings share, and how their values become signed attributes.
import { inert } from '@plombe/kit';
import { demand } from '../malformed.ts';
import type { ExtendedAttribute, SignedAttributes, SigningScheme } from './envelope.ts';

const prefix = 'io.cncf.notary.';

export const headerNames = {
  scheme: `${prefix}signingScheme`,
  signingTime: `${prefix}signingTime`,
  authenticSigningTime: `${prefix}authenticSigningTime`,
  expiry: `${prefix}expiry`,
  plugin: `${prefix}verificationPlugin`,
  pluginMinVersion: `${prefix}verificationPluginMinVersion`,
  timestamp: `${prefix}timestampSignature`,
  signingAgent: `${prefix}signingAgent`,
} as const;

/** Those that must be in `crit` where they are present; no other header of the specification may be. */
const critical: readonly string[] = [
  headerNames.scheme,
  headerNames.authenticSigningTime,
  headerNames.expiry,
  headerNames.plugin,
  headerNames.pluginMinVersion,
];

const known: ReadonlySet<string> = new Set([...critical, headerNames.signingTime]);

/** The protected headers of either encoding, without those that belong to the encoding itself (`alg`, `crit`, `cty`, the chain). */
export interface RawHeaders {
  readonly headers: ReadonlyMap<string, unknown>;
  readonly crit: readonly string[];
  /** Reads a time in the encoding's own form; throws `Malformed`. */
  readonly time: (value: unknown, name: string) => number;
}

/** Returns the signed attributes. Throws `Malformed` where one is missing, misplaced, or not marked critical as it must be. */
export function signedAttributes({ headers, crit, time }: RawHeaders): SignedAttributes {
  demand(new Set(crit).size === crit.length, 'crit: a name occurs twice');
  for (const name of crit) {
    demand(headers.has(name), `crit: names ${shown(name)}, which is not a protected header`);
    demand(critical.includes(name) || !known.has(name), `crit: names ${shown(name)}, which is not critical`);
  }
  for (const name of critical) demand(!headers.has(name) || crit.includes(name), `${name}: present but not in crit`);
  const timeOf = (name: string): number | undefined => (headers.has(name) ? time(headers.get(name), name) : undefined);
  const scheme = schemeOf(headers.get(headerNames.scheme));
  const signingTimeMs = timeOf(headerNames.signingTime);
  const authenticSigningTimeMs = timeOf(headerNames.authenticSigningTime);
  const ofUser = scheme === 'notary.x509';
  demand((signingTimeMs !== undefined) === ofUser, `${headerNames.signingTime}: ${misplaced(ofUser, scheme)}`);
  demand(
    (authenticSigningTimeMs !== undefined) === !ofUser,
    `${headerNames.authenticSigningTime}: ${misplaced(!ofUser, scheme)}`,
  );
  const expiryMs = timeOf(headerNames.expiry);
  const plugin = textOf(headers, headerNames.plugin);
  const minVersion = textOf(headers, headerNames.pluginMinVersion);
  demand(plugin !== undefined || minVersion === undefined, `${headerNames.pluginMinVersion}: without a plugin's name`);
  return {
    scheme,
    ...(signingTimeMs !== undefined && { signingTimeMs }),
    ...(authenticSigningTimeMs !== undefined && { authenticSigningTimeMs }),
    ...(expiryMs !== undefined && { expiryMs }),
    ...(plugin !== undefined && { verificationPlugin: plugin }),
    ...(minVersion !== undefined && { verificationPluginMinVersion: minVersion }),
    extended: extendedOf(headers, crit),
  };
}

function schemeOf(value: unknown): SigningScheme {
  demand(value !== undefined, `${headerNames.scheme}: missing`);
  demand(
    value === 'notary.x509' || value === 'notary.x509.signingAuthority',
    `${headerNames.scheme}: not one this version knows`,
  );
  return value;
}

function misplaced(required: boolean, scheme: SigningScheme): string {
  return required ? `missing, ${scheme} needs it` : `not allowed under ${scheme}`;
}

function textOf(headers: ReadonlyMap<string, unknown>, name: string): string | undefined {
  if (!headers.has(name)) return undefined;
  const value = headers.get(name);
  demand(typeof value === 'string' && value.trim() !== '', `${name}: not a text`);
  return value;
}

function extendedOf(headers: ReadonlyMap<string, unknown>, crit: readonly string[]): readonly ExtendedAttribute[] {
  return [...headers]
    .filter(([name]) => !known.has(name))
    .map(([name, value]) => ({ name, value, critical: crit.includes(name) }));
}

/** Returns header name → value in the encoding's form, and the names to mark critical: the inverse of `signedAttributes`. */
export function attributeHeaders(
  attributes: SignedAttributes,
  time: (ms: number) => unknown,
): { readonly headers: readonly (readonly [string, unknown])[]; readonly crit: readonly string[] } {
  const { signingTimeMs, authenticSigningTimeMs, expiryMs } = attributes;
  const all: readonly (readonly [string, unknown])[] = [
    [headerNames.scheme, attributes.scheme],
    [headerNames.signingTime, signingTimeMs === undefined ? undefined : time(signingTimeMs)],
    [headerNames.authenticSigningTime, authenticSigningTimeMs === undefined ? undefined : time(authenticSigningTimeMs)],
    [headerNames.expiry, expiryMs === undefined ? undefined : time(expiryMs)],
    [headerNames.plugin, attributes.verificationPlugin],
    [headerNames.pluginMinVersion, attributes.verificationPluginMinVersion],
    ...attributes.extended.map(({ name, value }) => [name, value] as const),
  ];
  const headers = all.filter(([, value]) => value !== undefined);
  const extendedCritical = attributes.extended.filter((one) => one.critical).map((one) => one.name);
  return {
    headers,
    crit: [...critical.filter((name) => headers.some(([other]) => other === name)), ...extendedCritical],
  };
}

/** A name out of an envelope, quoted, inert and short. */
export function shown(name: string): string {
  return `"${inert(name.length > 100 ? `${name.slice(0, 100)}…` : name)}"`;
}
