// Identities as the registry sees them; each asks the directory anew, so that who was revoked while a request runs may do nothing more.
import type { Clock } from '@plombe/model';
import type { Action, Identity } from '../registry/ports.ts';
import { mayNow, type Account, type Directory } from './directory.ts';
import type { Access } from './scope.ts';

/** Nobody in particular. With `pull`, every repository may be pulled from. */
export function anonymousIdentity(pull: boolean): Identity {
  return {
    id: 'anonymous',
    name: 'anonymous',
    kind: 'anonymous',
    isAdmin: false,
    may: (action) => pull && action === 'pull',
  };
}

/** An account; with `access`, no more than a token grants. */
export function accountIdentity(
  account: Account,
  { directory, clock }: { readonly directory: Directory; readonly clock: Clock },
  access?: readonly Access[],
): Identity {
  const { serial, id, name, kind } = account;
  const may = (action: Action, repository: string): boolean => {
    const current = directory.bySerial(serial);
    return current !== undefined && mayNow(current, action, repository, clock.nowMs());
  };
  return {
    id,
    name,
    kind,
    isAdmin: access === undefined && isAdmin(account, clock.nowMs()),
    may: (action, repository) =>
      (access === undefined || inAccess(access, action, repository)) && may(action, repository),
  };
}

/** True where a token's access names the action on the repository. */
export function inAccess(access: readonly Access[], action: Action, repository: string): boolean {
  return access.some(
    ({ type, name, actions }) => type === 'repository' && name === repository && actions.includes(action),
  );
}

/** True where one of the account's grants makes it an administrator of everything. */
export function isAdmin(account: Account, nowMs: number): boolean {
  return account.grants.some(({ rights, expiresAtMs }) => rights.has('admin') && (expiresAtMs ?? Infinity) > nowMs);
}
