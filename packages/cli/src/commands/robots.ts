// `plombe robots create|list|revoke`.
import { inert } from '@plombe/kit';
import { actions, createRobot, listRobots, parseRights, revokeRobot, type Robot } from '@plombe/server';
import { iso, withAccounts } from '../compose/accounts.ts';
import { durationMs } from '../compose/duration.ts';
import type { Flags } from '../compose/ledger.ts';
import { textOrJson } from '../compose/output.ts';
import type { LoadedSettings } from '../settings/load.ts';
import { exitCodes } from '../terminal/failure.ts';

/** Makes a robot and prints user name, password and end. Throws `config/invalid`, `store/unusable`. */
export async function createRobotCommand(name: string, loaded: LoadedSettings, flags: Flags): Promise<number> {
  const output = textOrJson(loaded);
  const request = {
    name,
    repositories: flags['repository'] as readonly string[],
    actions: parseRights(String(flags['actions']), actions, '--actions'),
    lifeMs: durationMs(String(flags['expires']), '--expires'),
  };
  const made = await withAccounts(flags, (database, author) => createRobot(database, request, author), {
    create: true,
  });
  const { username, password } = made;
  const expiresAt = iso(made.expiresAtMs);
  output({
    json: { username, password, expiresAt },
    text: () =>
      `user name  ${username}\npassword   ${password}\nends       ${expiresAt}\nThe password is not shown again.\n`,
  });
  return exitCodes.fine;
}

/** Lists robots. */
export async function listRobotsCommand(loaded: LoadedSettings, flags: Flags): Promise<number> {
  const output = textOrJson(loaded);
  const robots = await withAccounts(flags, (database, { clock }) => listRobots(database, clock.nowMs()));
  output({
    json: robots.map(({ createdAtMs, expiresAtMs, ...robot }) => ({
      ...robot,
      createdAt: iso(createdAtMs),
      expiresAt: iso(expiresAtMs),
    })),
    text: () => (robots.length === 0 ? 'There is no robot.\n' : robots.map(describe).join('')),
  });
  return exitCodes.fine;
}

function describe({ name, state, actions: allowed, repositories, expiresAtMs }: Robot): string {
  return `${inert(name)}  ${state}  ${allowed.join(',')}  ${repositories.map(inert).join(' ')}  until ${iso(expiresAtMs)}\n`;
}

/** Ends a robot. Throws `config/invalid` where none of that name is in use. */
export async function revokeRobotCommand(name: string, loaded: LoadedSettings, flags: Flags): Promise<number> {
  const output = textOrJson(loaded);
  await withAccounts(flags, (database, author) => revokeRobot(database, name, author));
  output({ json: { revoked: true, name }, text: () => `Robot ${inert(name)} has ended.\n` });
  return exitCodes.fine;
}
