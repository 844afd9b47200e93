// Where tests find Sigstore's conformance cases and the public-good trusted root.
import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { sharedPath } from '@plombe/kit/testing';
import { parseTrustedRoot, type TrustedRoot } from '../root/trusted-root.ts';

const require = createRequire(import.meta.url);

/** The folder of the cases, or undefined where it is absent. */
export const casesFolder = sharedPath('vectors/sigstore-conformance/test/assets/bundle-verify');

/** The beacon workflow's identity that signed most cases, and its issuer. */
export const beacon = {
  subject:
    'https://github.com/sigstore-conformance/extremely-dangerous-public-oidc-beacon/.github/workflows/extremely-dangerous-oidc-beacon.yml@refs/heads/main',
  issuer: 'https://token.actions.githubusercontent.com',
} as const;

/** Returns a file of a case, or undefined. */
export function caseFile(name: string, file: string): Buffer | undefined {
  const path = `${casesFolder ?? ''}/${name}/${file}`;
  return existsSync(path) ? readFileSync(path) : undefined;
}

/** Returns the trusted root of the public-good instance out of the seed that @sigstore/tuf ships. */
export function publicGoodRoot(): TrustedRoot {
  const seeds = require('@sigstore/tuf/seeds.json') as Record<
    string,
    { readonly targets: Readonly<Record<string, string>> }
  >;
  const encoded = seeds['https://tuf-repo-cdn.sigstore.dev']?.targets['trusted_root.json'];
  return rootOf(Buffer.from(encoded ?? '', 'base64'));
}

/** Parses a trusted root that must be well-formed. */
export function rootOf(bytes: Uint8Array): TrustedRoot {
  const parsed = parseTrustedRoot(bytes);
  if (parsed.kind !== 'parsed') throw new Error(parsed.message);
  return parsed.value;
}
