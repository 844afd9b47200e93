// Which names an authority may certify (RFC 5280, 4.2.1.10); what cannot be decided counts as a violation.
import type { Certificate } from './certificate.ts';
import type { NameConstraints } from './extensions.ts';
import type { GeneralName } from './general-name.ts';
import type { DistinguishedName } from './name.ts';

const emailAddress = '1.2.840.113549.1.9.1';

/** Why a certificate below an authority breaks its name constraints, as a clause; undefined where it keeps them. */
export function constraintProblem(constraints: NameConstraints, certificate: Certificate): string | undefined {
  const all = [...constraints.permitted, ...constraints.excluded];
  const odd = all.find((name) => name.kind === 'other' || name.kind === 'unsupported');
  if (odd !== undefined) return 'names are constrained in a way that is not supported';
  for (const name of namesOf(certificate)) {
    const permitted = constraints.permitted.filter((base) => base.kind === name.kind);
    if (permitted.length > 0 && !permitted.some((base) => covers(base, name)))
      return `a ${name.kind} name is not permitted`;
    if (constraints.excluded.some((base) => base.kind === name.kind && covers(base, name, true)))
      return `a ${name.kind} name is excluded`;
  }
  return undefined;
}

function namesOf(certificate: Certificate): readonly GeneralName[] {
  const { subject, subjectAltNames } = certificate;
  const names: GeneralName[] = [...subjectAltNames];
  if (subject.rdns.length > 0) names.push({ kind: 'directory', value: subject });
  for (const { oid, value } of subject.rdns.flat()) if (oid === emailAddress) names.push({ kind: 'email', value });
  return names;
}

/** `whenUnsure` is the answer for a name that cannot be read. */
function covers(base: GeneralName, name: GeneralName, whenUnsure = false): boolean {
  if (base.kind === 'directory' && name.kind === 'directory') return isBelow(base.value, name.value);
  if (base.kind === 'ip' && name.kind === 'ip') return inNetwork(base.value, name.value, whenUnsure);
  if (base.kind === 'dns' && name.kind === 'dns') return inDomain(base.value, name.value, true);
  if (base.kind === 'email' && name.kind === 'email') return coversEmail(base.value, name.value, whenUnsure);
  if (base.kind === 'uri' && name.kind === 'uri') {
    const host = hostOf(name.value);
    return host === undefined ? whenUnsure : inDomain(base.value, host, false);
  }
  return whenUnsure;
}

/** `example.com` is itself and, where `bare` says so, all below; `.example.com` is only what is below. */
function inDomain(base: string, host: string, bare: boolean): boolean {
  const wanted = base.toLowerCase();
  const given = host.toLowerCase().replace(/\.$/, '');
  if (wanted === '') return true;
  if (wanted.startsWith('.')) return given.endsWith(wanted) && given.length > wanted.length;
  return given === wanted || (bare && given.endsWith(`.${wanted}`));
}

function coversEmail(base: string, email: string, whenUnsure: boolean): boolean {
  const at = email.lastIndexOf('@');
  if (at < 1) return whenUnsure;
  if (!base.includes('@')) return inDomain(base, email.slice(at + 1), false);
  const split = base.lastIndexOf('@');
  return (
    email.slice(0, at) === base.slice(0, split) &&
    email.slice(at + 1).toLowerCase() === base.slice(split + 1).toLowerCase()
  );
}

function hostOf(uri: string): string | undefined {
  const host = URL.canParse(uri) ? new URL(uri).hostname : '';
  return host === '' || host.startsWith('[') || /^[\d.]+$/.test(host) ? undefined : host;
}

function isBelow(base: DistinguishedName, name: DistinguishedName): boolean {
  if (base.rdns.length > name.rdns.length) return false;
  return base.rdns.every((rdn, index) => JSON.stringify(rdn) === JSON.stringify(name.rdns[index]));
}

/** An address and its mask, 8 or 32 bytes. */
function inNetwork(base: Uint8Array, address: Uint8Array, whenUnsure: boolean): boolean {
  if (base.length !== 8 && base.length !== 32) return whenUnsure;
  const size = base.length / 2;
  if (address.length !== size) return false;
  return address.every(
    (byte, i) => (byte & (base[size + i] as number)) === ((base[i] as number) & (base[size + i] as number)),
  );
}
