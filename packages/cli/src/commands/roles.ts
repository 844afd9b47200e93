// `plombe roles list|define|grant|revoke`.
import { inert, PlombeError } from '@plombe/kit';
import {
  addGrant,
  definableRights,
  defineRole,
  knownIssuers,
  listGrants,
  listRoles,
  parseRights,
  principalText,
  removeGrant,
  type GrantEntry,
  type Principal,
} from '@plombe/server';
import type { Database } from '@plombe/store';
import { iso, withAccounts } from '../compose/accounts.ts';
import { durationMs } from '../compose/duration.ts';
import type { Flags } from '../compose/ledger.ts';
import { textOrJson } from '../compose/output.ts';
import type { LoadedSettings } from '../settings/load.ts';
import { exitCodes } from '../terminal/failure.ts';

/** Lists roles and grants. */
export async function listRolesCommand(loaded: LoadedSettings, flags: Flags): Promise<number> {
  const output = textOrJson(loaded);
  const { roles, grants } = await withAccounts(flags, (database) => ({
    roles: listRoles(database),
    grants: listGrants(database),
  }));
  output({
    json: {
      roles,
      grants: grants.map(({ grantedAtMs, expiresAtMs, ...grant }) => ({
        ...grant,
        grantedAt: iso(grantedAtMs),
        ...(expiresAtMs === undefined ? {} : { expiresAt: iso(expiresAtMs) }),
      })),
    },
    text: () =>
      [
        ...roles.map(({ name, rights, builtIn }) => `${name}  ${rights.join(',')}${builtIn ? '' : '  (own)'}\n`),
        ...(grants.length === 0 ? ['No role is granted.\n'] : grants.map(describe)),
      ].join(''),
  });
  return exitCodes.fine;
}

function describe({ id, role, project, principal, expiresAtMs }: GrantEntry): string {
  const end = expiresAtMs === undefined ? '' : `  until ${iso(expiresAtMs)}`;
  return `${id}  ${role}  ${project}  ${inert(principalText(principal))}${end}\n`;
}

/** Defines a role. Throws `config/invalid`. */
export async function defineRoleCommand(role: string, loaded: LoadedSettings, flags: Flags): Promise<number> {
  const output = textOrJson(loaded);
  const rights = parseRights(String(flags['actions']), definableRights, '--actions');
  await withAccounts(flags, (database, author) => defineRole(database, role, rights, author), { create: true });
  output({ json: { role, rights }, text: () => `Role ${role} allows ${rights.join(', ')}.\n` });
  return exitCodes.fine;
}

/** Grants a role. Throws `config/invalid`. */
export async function grantRoleCommand(role: string, loaded: LoadedSettings, flags: Flags): Promise<number> {
  const output = textOrJson(loaded);
  const project = String(flags['project']);
  const life = flags['expires'] as string | undefined;
  const made = await withAccounts(
    flags,
    (database, author) => {
      const principal = principalOf(database, flags);
      const end = life === undefined ? {} : { lifeMs: durationMs(life, '--expires') };
      return { id: addGrant(database, { role, project, principal, ...end }, author), principal };
    },
    { create: true },
  );
  const to = principalText(made.principal);
  output({
    json: { id: made.id, role, project, principal: made.principal },
    text: () => `Grant ${made.id}: ${role} on ${project} to ${inert(to)}.\n`,
  });
  return exitCodes.fine;
}

/** Whom the flags name; the issuer is the one that the server was started with, where it is not given. */
function principalOf(database: Database, flags: Flags): Principal {
  const { person, email, group, issuer } = flags;
  if (typeof person === 'string' && person.includes('#')) {
    const hash = person.indexOf('#');
    return { kind: 'person', issuer: person.slice(0, hash), value: person.slice(hash + 1) };
  }
  const kind = person !== undefined ? 'person' : email !== undefined ? 'email' : 'group';
  const value = person ?? email ?? group;
  if (typeof value !== 'string') {
    throw new PlombeError('config/invalid', 'A role is granted to --person, --email or --group.', {
      remedy: 'Give one of them: --group GROUP, --email alice@example.com, --person ISSUER#SUBJECT.',
    });
  }
  return { kind, issuer: typeof issuer === 'string' ? issuer : onlyIssuer(database), value };
}

function onlyIssuer(database: Database): string {
  const issuers = knownIssuers(database);
  const [issuer] = issuers;
  if (issuer !== undefined && issuers.length === 1) return issuer;
  throw new PlombeError(
    'config/invalid',
    issuer === undefined ? 'The server has not been started with an issuer yet.' : 'The server knows several issuers.',
    { remedy: 'Name the one whose person, address or group it is with --issuer URL.' },
  );
}

/** Takes a grant back. Throws `config/invalid`. */
export async function revokeGrantCommand(id: string, loaded: LoadedSettings, flags: Flags): Promise<number> {
  const output = textOrJson(loaded);
  if (!/^[1-9][0-9]{0,14}$/.test(id)) {
    throw new PlombeError('config/invalid', `${inert(id)} is no number of a grant.`, {
      remedy: '`plombe roles list` shows them.',
    });
  }
  await withAccounts(flags, (database, author) => removeGrant(database, Number(id), author));
  output({ json: { revoked: true, id: Number(id) }, text: () => `Grant ${id} was taken back.\n` });
  return exitCodes.fine;
}
