// `plombe people list|disable|enable`.
import { inert } from '@plombe/kit';
import { disablePerson, enablePerson, listPeople, type Person } from '@plombe/server';
import { iso, withAccounts } from '../compose/accounts.ts';
import type { Flags } from '../compose/ledger.ts';
import { textOrJson } from '../compose/output.ts';
import type { LoadedSettings } from '../settings/load.ts';
import { exitCodes } from '../terminal/failure.ts';

/** Lists everybody who ever logged in. */
export async function listPeopleCommand(loaded: LoadedSettings, flags: Flags): Promise<number> {
  const output = textOrJson(loaded);
  const people = await withAccounts(flags, (database, { clock }) => listPeople(database, clock.nowMs()));
  output({
    json: people.map(({ firstLoginMs, lastLoginMs, ...person }) => ({
      ...person,
      firstLogin: iso(firstLoginMs),
      lastLogin: iso(lastLoginMs),
    })),
    text: () => (people.length === 0 ? 'Nobody has logged in yet.\n' : people.map(describe).join('')),
  });
  return exitCodes.fine;
}

function describe({ principal, name, email, disabled, lastLoginMs, credentials }: Person): string {
  const address = email === undefined ? '' : `  ${inert(email)}`;
  const state = disabled ? 'disabled' : `${credentials} credentials`;
  return `${inert(principal)}  ${inert(name)}${address}  last login ${iso(lastLoginMs)}  ${state}\n`;
}

/** Locks a person out. Throws `config/invalid` for somebody unknown. */
export async function disablePersonCommand(named: string, loaded: LoadedSettings, flags: Flags): Promise<number> {
  const output = textOrJson(loaded);
  const person = await withAccounts(flags, (database, author) => disablePerson(database, named, author));
  output({ json: { disabled: true, person }, text: () => `${inert(person)} is locked out.\n` });
  return exitCodes.fine;
}

/** Lets a person log in again. Throws `config/invalid` for somebody unknown. */
export async function enablePersonCommand(named: string, loaded: LoadedSettings, flags: Flags): Promise<number> {
  const output = textOrJson(loaded);
  const person = await withAccounts(flags, (database, author) => enablePerson(database, named, author));
  output({ json: { disabled: false, person }, text: () => `${inert(person)} may log in again.\n` });
  return exitCodes.fine;
}
