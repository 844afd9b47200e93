// What an application file (app(4)), a package's metadata (Hex "package metadata") and a release file (rel(4)) say.
import { decodeText } from '@plombe/kit';
import { readTerms, type Term, textOf, valueOf } from './terms.ts';

export interface NamedVersion {
  readonly name: string;
  readonly version: string;
}

/** A package of a Hex repository, as the tool that fetched it unpacked it. */
export interface HexPackage extends NamedVersion {
  /** The application in it, mostly of the same name. */
  readonly app: string;
  readonly licences: readonly string[];
}

/** Applications are atoms; those of packages are lower case, digits and underscores. */
const namePattern = /^[A-Za-z][\w@.]{0,127}$/;
const versionPattern = /^[\x21-\x7e]{1,128}$/;

/** Reads `{application, NAME, [{vsn, "1.0"}, …]}.`; undefined where it is not that. */
export function parseApplication(content: Uint8Array): NamedVersion | undefined {
  const [term] = readTerms(decodeText(content));
  if (term?.kind !== 'tuple' || textOf(term.items[0]) !== 'application') return undefined;
  return valid(textOf(term.items[1]), textOf(valueOf(term.items[2], 'vsn')));
}

/** Reads hex_metadata.config: one pair after another, with binaries for keys. */
export function parseHexMetadata(content: Uint8Array): HexPackage | undefined {
  const pairs: Term = { kind: 'list', items: readTerms(decodeText(content)) };
  const found = valid(textOf(valueOf(pairs, 'name')), textOf(valueOf(pairs, 'version')));
  if (found === undefined) return undefined;
  const declared = valueOf(pairs, 'licenses');
  const licences = declared?.kind === 'list' ? declared.items.flatMap((one) => textOf(one) ?? []) : [];
  return { ...found, app: textOf(valueOf(pairs, 'app')) ?? found.name, licences };
}

/** Reads `{release, {"NAME", "1.0"}, {erts, "14.2"}, […]}.` */
export function parseRelease(content: Uint8Array): NamedVersion | undefined {
  const [term] = readTerms(decodeText(content));
  if (term?.kind !== 'tuple' || textOf(term.items[0]) !== 'release') return undefined;
  const named = term.items[1];
  return named?.kind === 'tuple' ? valid(textOf(named.items[0]), textOf(named.items[1])) : undefined;
}

/** The version in OTP_VERSION: `26.2.1`, with `**` behind it where patches were applied. */
export function parseOtpVersion(content: Uint8Array): string | undefined {
  return /^(\d{2}(?:\.\d+){0,5}(?:-rc\d+)?)\**\s*$/.exec(decodeText(content).slice(0, 100))?.[1];
}

function valid(name: string | undefined, version: string | undefined): NamedVersion | undefined {
  if (name === undefined || version === undefined) return undefined;
  return namePattern.test(name) && versionPattern.test(version) ? { name, version } : undefined;
}
