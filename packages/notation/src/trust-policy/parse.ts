// Reads Notation's trust policy files and refuses what the specification refuses (trust-store-trust-policy, "Trust Policy Constraints").
import { PlombeError, field, isObject, kibibyte, type JsonObject } from '@plombe/kit';
import { shown } from '../envelope/headers.ts';
import { parseJsonObject } from '../json/parse.ts';
import { Malformed, demand } from '../malformed.ts';
import { identitiesOverlap, parseIdentity, type IdentityPattern } from './identity.ts';
import { parseLevel } from './levels.ts';
import type {
  BlobStatement,
  BlobTrustPolicy,
  OciStatement,
  OciTrustPolicy,
  TrustPolicyStatement,
  TrustStoreName,
} from './policy.ts';

/** 1 MiB holds 2,000 statements of 500 bytes. */
const maxPolicyBytes = 1024 * kibibyte;

/** Statements are searched in order for every artifact. */
const maxStatements = 2000;

/** Each is compared with every other. */
const maxIdentities = 500;

/** Reads `trustpolicy.json` or `trustpolicy.oci.json`. Throws `notation/trust-policy` with the statement's name and what is wrong. */
export function parseOciTrustPolicy(bytes: Uint8Array): OciTrustPolicy {
  return asPolicyError(() => {
    const statements = statementsOf(bytes).map((one): OciStatement => {
      const registryScopes = inStatement(one, () => scopesOf(field(one, 'registryScopes')));
      const statement = statementOf(one);
      demand(
        registryScopes !== '*' || statement.level !== 'skip',
        `statement ${shown(statement.name)}: the level skip cannot have the scope *`,
      );
      return { ...statement, registryScopes };
    });
    const scopes = statements.flatMap(({ registryScopes }) => registryScopes);
    demandUnique(scopes, 'registry scope');
    return { kind: 'oci', statements };
  });
}

/** Reads `trustpolicy.blob.json`. Throws `notation/trust-policy`. */
export function parseBlobTrustPolicy(bytes: Uint8Array): BlobTrustPolicy {
  return asPolicyError(() => {
    const statements = statementsOf(bytes).map((one): BlobStatement => {
      const globalPolicy = field(one, 'globalPolicy') ?? false;
      demand(typeof globalPolicy === 'boolean', 'globalPolicy is neither true nor false');
      const statement = statementOf(one);
      demand(
        !globalPolicy || statement.level !== 'skip',
        `statement ${shown(statement.name)}: the level skip cannot be global`,
      );
      return { ...statement, globalPolicy };
    });
    demand(statements.filter((one) => one.globalPolicy).length <= 1, 'more than one statement is global');
    return { kind: 'blob', statements };
  });
}

function asPolicyError<T>(parse: () => T): T {
  try {
    return parse();
  } catch (thrown) {
    if (!(thrown instanceof Malformed)) throw thrown;
    throw new PlombeError('notation/trust-policy', `The trust policy is not valid: ${thrown.message}.`, {
      cause: thrown,
    });
  }
}

function statementsOf(bytes: Uint8Array): readonly JsonObject[] {
  demand(bytes.length <= maxPolicyBytes, `larger than ${String(maxPolicyBytes)} bytes`);
  const document = parseJsonObject(bytes);
  demand(field(document, 'version') === '1.0', 'its version is not "1.0"');
  const list = field(document, 'trustPolicies');
  demand(Array.isArray(list) && list.length > 0 && list.every(isObject), 'trustPolicies holds no statements');
  demand(list.length <= maxStatements, `more than ${String(maxStatements)} statements`);
  const names = list.map((one) => field(one, 'name'));
  demand(
    names.every((name) => typeof name === 'string' && name !== ''),
    'a statement has no name',
  );
  demandUnique(names, 'statement name');
  return list;
}

function statementOf(one: JsonObject): TrustPolicyStatement {
  const name = String(field(one, 'name'));
  return inStatement(one, () => {
    const level = parseLevel(field(one, 'signatureVerification'));
    if (level.level === 'skip') return { name, ...level, trustStores: [], trustedIdentities: [] };
    const stores = textsOf(one, 'trustStores').map(storeName);
    demandUnique(
      stores.map((store) => `${store.type}:${store.name}`),
      'trust store',
    );
    return { name, ...level, trustStores: stores, trustedIdentities: identitiesOf(textsOf(one, 'trustedIdentities')) };
  });
}

function inStatement<T>(one: JsonObject, parse: () => T): T {
  try {
    return parse();
  } catch (thrown) {
    if (!(thrown instanceof Malformed)) throw thrown;
    throw new Malformed(`statement ${shown(String(field(one, 'name')))}: ${thrown.message}`);
  }
}

function textsOf(one: JsonObject, name: string): readonly string[] {
  const list = field(one, name);
  demand(
    Array.isArray(list) && list.length > 0 && list.every((text) => typeof text === 'string'),
    `${name} is not a list of at least one text`,
  );
  return list;
}

function demandUnique(values: readonly unknown[], what: string): void {
  const seen = new Set<unknown>();
  for (const value of values) {
    demand(!seen.has(value), `the ${what} ${shown(String(value))} occurs twice`);
    seen.add(value);
  }
}

function storeName(text: string): TrustStoreName {
  const found = /^(ca|signingAuthority|tsa):([\w.-]+)$/.exec(text);
  const name = found?.[2];
  demand(
    name !== undefined && name !== '.' && name !== '..',
    `trust store ${shown(text)} is not ca:, signingAuthority: or tsa: and a name`,
  );
  return { type: found?.[1] as TrustStoreName['type'], name };
}

function identitiesOf(texts: readonly string[]): '*' | readonly IdentityPattern[] {
  if (texts.includes('*')) {
    demand(texts.length === 1, 'trustedIdentities holds * beside others');
    return '*';
  }
  demand(texts.length <= maxIdentities, `more than ${String(maxIdentities)} trusted identities`);
  const identities = texts.map(parseIdentity);
  identities.forEach((a, i) => {
    for (const b of identities.slice(i + 1))
      demand(!identitiesOverlap(a, b), `trusted identities ${shown(a.text)} and ${shown(b.text)} overlap`);
  });
  return identities;
}

const registry = /^(?:[a-zA-Z0-9](?:[a-zA-Z0-9.-]*[a-zA-Z0-9])?|\[[0-9a-fA-F:]+\])(?::\d{1,5})?$/;
const component = /^[a-z0-9]+(?:(?:\.|_{1,2}|-+)[a-z0-9]+)*$/;

function scopesOf(value: unknown): '*' | readonly string[] {
  demand(
    Array.isArray(value) && value.length > 0 && value.every((one) => typeof one === 'string'),
    'registryScopes is not a list of at least one text',
  );
  const texts: readonly string[] = value;
  if (texts.includes('*')) {
    demand(texts.length === 1, 'registryScopes holds * beside others');
    return '*';
  }
  for (const text of texts) {
    const [host = '', ...path] = text.split('/');
    demand(
      text.length <= 512 && registry.test(host) && path.length > 0 && path.every((one) => component.test(one)),
      `registry scope ${shown(text)} is not registry/repository without wildcard, tag or digest`,
    );
  }
  return texts;
}
