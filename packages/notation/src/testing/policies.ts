// Trust policies, good and bad, for our parser and for the notation program alike.

type Fields = Readonly<Record<string, unknown>>;

/** One policy file. `differs`: why notation judges otherwise. */
export interface PolicyCase {
  readonly name: string;
  readonly text: string;
  readonly valid: boolean;
  readonly differs?: string;
}

const base: Fields = {
  name: 'one',
  registryScopes: ['registry.example/app'],
  signatureVerification: { level: 'strict' },
  trustStores: ['ca:acme'],
  trustedIdentities: ['x509.subject: C=DE, ST=Berlin, O=Example'],
};

function file(...statements: readonly Fields[]): string {
  return JSON.stringify({ version: '1.0', trustPolicies: statements.map((one) => ({ ...base, ...one })) });
}

const valid: readonly (readonly [string, string, string?])[] = [
  ['one statement', file({})],
  ['a global statement beside one', file({}, { name: 'two', registryScopes: ['*'] })],
  [
    'levels',
    file(
      { signatureVerification: { level: 'permissive' } },
      { name: 'two', registryScopes: ['a.b/c'], signatureVerification: { level: 'audit' } },
    ),
  ],
  [
    'skip with nothing else',
    file({ signatureVerification: { level: 'skip' }, trustStores: undefined, trustedIdentities: undefined }),
  ],
  [
    'overrides',
    file({
      signatureVerification: {
        level: 'strict',
        override: { expiry: 'log', revocation: 'skip', authenticity: 'log', authenticTimestamp: 'log' },
      },
    }),
  ],
  ['afterCertExpiry', file({ signatureVerification: { level: 'strict', verifyTimestamp: 'afterCertExpiry' } })],
  ['all store types', file({ trustStores: ['ca:a', 'signingAuthority:b', 'tsa:c_d.e-f'] })],
  ['any identity', file({ trustedIdentities: ['*'] })],
  ['S for ST', file({ trustedIdentities: ['x509.subject: C=DE, S=Berlin, O=Example'] })],
  [
    'two identities',
    file({ trustedIdentities: ['x509.subject: C=DE, ST=Berlin, O=A', 'x509.subject: C=DE, ST=Berlin, O=B'] }),
  ],
  [
    'neither contains the other',
    file({ trustedIdentities: ['x509.subject: C=DE,ST=B,O=A,OU=x', 'x509.subject: C=DE,ST=B,O=A,CN=y'] }),
  ],
  ['escapes', file({ trustedIdentities: ['x509.subject: C=DE, ST=Berlin, O=Example\\, Inc\\; \\\\x'] })],
  ['several scopes', file({ registryScopes: ['localhost:5000/a/b', '127.0.0.1/x_y/z--w'] })],
  ['unknown members', file({ comment: 'x' })],
  ['an unknown kind of identity', file({ trustedIdentities: ['com.example: x'] })],
  [
    'one OU and another',
    file({ trustedIdentities: ['x509.subject: C=DE,ST=B,O=A,OU=x,OU=y'] }),
    'notation refuses repeated attributes',
  ],
  [
    'a relative name of two',
    file({ trustedIdentities: ['x509.subject: C=DE,ST=B,O=A,OU=x+CN=y'] }),
    'notation refuses them',
  ],
];

const invalid: readonly (readonly [string, string, string?])[] = [
  ['no JSON', '{'],
  ['another version', file({}).replace('1.0', '2.0')],
  ['no version', file({}).replace('"version":"1.0",', '')],
  ['no statements', '{"version":"1.0","trustPolicies":[]}'],
  ['no name', file({ name: '' })],
  ['one name twice', file({}, { registryScopes: ['a.b/c'] })],
  ['no scope', file({ registryScopes: [] })],
  ['one scope twice', file({}, { name: 'two' })],
  ['two global statements', file({ registryScopes: ['*'] }, { name: 'two', registryScopes: ['*'] })],
  ['* beside a scope', file({ registryScopes: ['*', 'a.b/c'] })],
  ['a wildcard in a scope', file({ registryScopes: ['registry.example/*'] })],
  ['a scope without repository', file({ registryScopes: ['registry.example'] })],
  ['a scope with scheme', file({ registryScopes: ['https://registry.example/app'] })],
  ['a scope with tag', file({ registryScopes: ['registry.example/app:1'] })],
  ['a scope in capitals', file({ registryScopes: ['registry.example/App'] })],
  ['no level', file({ signatureVerification: {} })],
  ['an unknown level', file({ signatureVerification: { level: 'relaxed' } })],
  ['a level of the prototype', file({ signatureVerification: { level: 'constructor' } })],
  ['integrity overridden', file({ signatureVerification: { level: 'strict', override: { integrity: 'log' } } })],
  ['authenticity skipped', file({ signatureVerification: { level: 'strict', override: { authenticity: 'skip' } } })],
  ['an unknown override', file({ signatureVerification: { level: 'strict', override: { colour: 'log' } } })],
  ['an unknown action', file({ signatureVerification: { level: 'strict', override: { expiry: 'warn' } } })],
  [
    'skip overridden',
    file({
      signatureVerification: { level: 'skip', override: { expiry: 'log' } },
      trustStores: [],
      trustedIdentities: [],
    }),
  ],
  ['an unknown verifyTimestamp', file({ signatureVerification: { level: 'strict', verifyTimestamp: 'never' } })],
  ['no trust store', file({ trustStores: [] })],
  ['a store without type', file({ trustStores: ['acme'] })],
  ['an unknown store type', file({ trustStores: ['root:acme'] })],
  ['a store name that leaves', file({ trustStores: ['ca:../x'] })],
  ['no identity', file({ trustedIdentities: [] })],
  ['* beside an identity', file({ trustedIdentities: ['*', 'x509.subject: C=DE, ST=Berlin, O=Example'] })],
  ['an identity without kind', file({ trustedIdentities: ['C=DE, ST=Berlin, O=Example'] })],
  ['an empty identity', file({ trustedIdentities: [''] })],
  ['an empty subject', file({ trustedIdentities: ['x509.subject:'] })],
  ['a subject without organization', file({ trustedIdentities: ['x509.subject: C=DE, ST=Berlin'] })],
  ['a subject without state', file({ trustedIdentities: ['x509.subject: C=DE, O=Example'] })],
  ['an attribute without value', file({ trustedIdentities: ['x509.subject: C=DE, ST=, O=Example'] })],
  [
    'identities that overlap',
    file({ trustedIdentities: ['x509.subject: C=DE,ST=B,O=A', 'x509.subject: C=DE,ST=B,O=A,OU=x'] }),
  ],
  ['an identity twice', file({ trustedIdentities: ['x509.subject: C=DE,ST=B,O=A', 'x509.subject: O=A, S=B, C=DE'] })],
  ['a member twice', file({}).replace('"name":"one"', '"name":"zero","name":"one"'), 'notation takes the last'],
  [
    'skip for everything',
    file({ registryScopes: ['*'], signatureVerification: { level: 'skip' }, trustStores: [], trustedIdentities: [] }),
    'the specification forbids it, notation does not ask',
  ],
  [
    'an unknown attribute',
    file({ trustedIdentities: ['x509.subject: C=DE,ST=B,O=A,COLOUR=x'] }),
    'it could match nothing; notation keeps it',
  ],
];

/** All of them. */
export const policyCases: readonly PolicyCase[] = [
  ...valid.map(([name, text, differs]) => ({ name, text, valid: true, ...(differs !== undefined && { differs }) })),
  ...invalid.map(([name, text, differs]) => ({ name, text, valid: false, ...(differs !== undefined && { differs }) })),
];
