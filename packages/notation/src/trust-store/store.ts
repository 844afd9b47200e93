// A trust store as a value: named sets of root certificates, read through a folder that is handed in (trust-store-trust-policy, "Trust Store").
import { PlombeError, inert, isPlombeError, mebibyte, messageOf } from '@plombe/kit';
import { isSelfSigned, parseCertificate, parseCertificates, type Certificate } from '@plombe/pki';
import type { TrustStoreType } from '../trust-policy/policy.ts';

/** One entry of a folder. `other`: device, socket or pipe. */
export interface FolderEntry {
  readonly name: string;
  readonly kind: 'file' | 'folder' | 'symlink' | 'other';
}

/** Where a trust store is kept. Paths are relative to the folder that holds `x509`, with `/`. */
export interface TrustStoreFolder {
  /** Returns what is in a folder, or undefined where there is none. */
  entries(path: string): Promise<readonly FolderEntry[] | undefined>;
  /** Reads a file of at most `maxBytes`; undefined where it is larger. */
  read(path: string, maxBytes: number): Promise<Uint8Array | undefined>;
}

/** A named store. `invalid`: nothing in it is trusted until it is put right. Texts are inert. */
export type NamedStore =
  | { readonly kind: 'read'; readonly certificates: readonly Certificate[]; readonly warnings: readonly string[] }
  | { readonly kind: 'invalid'; readonly message: string };

/** `TYPE:NAME` → store. */
export type TrustStore = ReadonlyMap<string, NamedStore>;

/** A root certificate has 2 KiB; a file with all 150 public roots 220 KiB. */
const maxFileBytes = mebibyte;

/** Named stores of one type, and files of one store. */
const maxEntries = 1000;

const types: readonly TrustStoreType[] = ['ca', 'signingAuthority', 'tsa'];

/**
 * Reads every named store below `x509`. A store that breaks a rule is `invalid`; the others stay. Throws `notation/trust-store` where there is no
 * `x509`, and what the folder throws.
 */
export async function readTrustStore(folder: TrustStoreFolder): Promise<TrustStore> {
  if ((await folder.entries('x509')) === undefined)
    throw new PlombeError('notation/trust-store', 'The trust store holds no folder x509.');
  const stores = new Map<string, NamedStore>();
  for (const type of types) {
    const names = (await folder.entries(`x509/${type}`)) ?? [];
    for (const { name, kind } of names.slice(0, maxEntries)) {
      const path = `x509/${type}/${name}`;
      if (kind === 'folder') stores.set(`${type}:${name}`, await readNamedStore(folder, path, type));
      else if (kind === 'symlink') stores.set(`${type}:${name}`, invalid(path, 'is a symbolic link'));
    }
  }
  return stores;
}

async function readNamedStore(folder: TrustStoreFolder, path: string, type: TrustStoreType): Promise<NamedStore> {
  const entries = (await folder.entries(path)) ?? [];
  if (entries.length > maxEntries) return invalid(path, `holds more than ${String(maxEntries)} files`);
  const certificates: Certificate[] = [];
  const warnings: string[] = [];
  for (const { name, kind } of entries) {
    const file = `${path}/${name}`;
    if (kind === 'symlink') return invalid(file, 'is a symbolic link');
    if (kind === 'file' && /\.(?:crt|cer|der|pem)$/i.test(name)) {
      const bytes = await folder.read(file, maxFileBytes);
      if (bytes === undefined) return invalid(file, `is larger than ${String(maxFileBytes)} bytes`);
      const found = certificatesOf(bytes);
      if (typeof found === 'string') return invalid(file, found);
      for (const one of found) {
        const problem = rootProblem(one, type);
        if (problem === undefined) certificates.push(one);
        else warnings.push(inert(`${file}: ${problem}; it is not trusted`));
      }
    } else warnings.push(inert(`${file}: ignored, only .crt, .cer, .der and .pem files directly in a store are read`));
  }
  return { kind: 'read', certificates, warnings };
}

function invalid(path: string, problem: string): NamedStore {
  return { kind: 'invalid', message: inert(`${path} ${problem}`) };
}

/** The certificates of a file in DER or PEM, or why there are none. */
function certificatesOf(bytes: Uint8Array): readonly Certificate[] | string {
  try {
    const found =
      bytes[0] === 0x30 ? [parseCertificate(bytes)] : parseCertificates(Buffer.from(bytes).toString('latin1'));
    return found.length > 0 ? found : 'holds no certificate';
  } catch (thrown) {
    if (isPlombeError(thrown)) return `cannot be read: ${messageOf(thrown)}`;
    throw thrown;
  }
}

/** Only roots are trusted: an intermediate would pin what its issuer may replace. A time stamp authority's root must be a CA. */
function rootProblem(certificate: Certificate, type: TrustStoreType): string | undefined {
  if (!isSelfSigned(certificate)) return 'not signed with its own key, so no root certificate';
  if (type === 'tsa' && certificate.basicConstraints?.ca !== true) return 'not a certificate authority';
  return undefined;
}
