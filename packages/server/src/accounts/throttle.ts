// Slows down who guesses: failed logins are counted per account and address, and per address. (T65)
import { isIPv6 } from 'node:net';
import type { Clock } from '@plombe/model';

/** A login that is tried. */
export interface Attempt {
  readonly account: string;
  readonly address: string;
}

export interface Throttle {
  /** Returns for how many seconds the attempt must wait, before its password is looked at; undefined: none. */
  waitSeconds(attempt: Attempt): number | undefined;
  /** Counts a failure. Returns the seconds to wait where the account, from wherever, has failed too often. */
  failed(attempt: Attempt): number | undefined;
  succeeded(attempt: Attempt): void;
}

const windowMs = 60_000;
/** A person who mistypes, or a job that retries with an old password, stays below. */
const maxPerPair = 10;
/** Many jobs share an address behind NAT. */
const maxPerAddress = 50;
const maxPerAccount = 50;
/** About 1 MB each; beyond it the oldest is forgotten. */
const maxRemembered = 10_000;

interface Count {
  failures: number;
  readonly untilMs: number;
}

/**
 * Opens a throttle. Nobody can lock others out: an account that has logged in from an address may go on to do so while others fail there, and
 * failures from elsewhere change only what those who fail are told. Passwords have 256 random bits, so this saves work, not secrets.
 */
export function openThrottle(clock: Clock): Throttle {
  const counts = new Map<string, Count>();
  const known = new Map<string, true>();
  const pair = ({ account, address }: Attempt): string => `pair ${addressKey(address)} ${account.slice(0, 300)}`;
  const from = ({ address }: Attempt): string => `address ${addressKey(address)}`;

  function seconds(key: string, max: number): number | undefined {
    const count = counts.get(key);
    const leftMs = count === undefined ? 0 : count.untilMs - clock.nowMs();
    // A clock that was set back makes no wait longer than the window.
    const waits = count !== undefined && count.failures >= max && leftMs > 0 && leftMs <= windowMs;
    return waits ? Math.ceil(leftMs / 1000) : undefined;
  }

  function add(key: string): void {
    const nowMs = clock.nowMs();
    const count = counts.get(key);
    if (count !== undefined && count.untilMs > nowMs && count.untilMs <= nowMs + windowMs) count.failures += 1;
    else remember(counts, key, { failures: 1, untilMs: nowMs + windowMs });
  }

  return {
    waitSeconds(attempt) {
      const key = pair(attempt);
      return seconds(key, maxPerPair) ?? (known.has(key) ? undefined : seconds(from(attempt), maxPerAddress));
    },
    failed(attempt) {
      const account = `account ${attempt.account.slice(0, 300)}`;
      const wait = seconds(account, maxPerAccount);
      for (const key of [pair(attempt), from(attempt), account]) add(key);
      return wait;
    },
    succeeded: (attempt) => {
      if (!known.has(pair(attempt))) remember(known, pair(attempt), true);
    },
  };
}

function remember<V>(map: Map<string, V>, key: string, value: V): void {
  map.delete(key);
  const oldest = map.size >= maxRemembered ? map.keys().next().value : undefined;
  if (oldest !== undefined) map.delete(oldest);
  map.set(key, value);
}

/** An IPv6 network of 64 bits is one household or machine. */
function addressKey(address: string): string {
  if (!isIPv6(address) || address.startsWith('::ffff:')) return address;
  const [before = '', after] = address.replace(/%.*$/, '').split('::', 2);
  const head = before === '' ? [] : before.split(':');
  const tail = after === undefined || after === '' ? [] : after.split(':');
  const middle =
    after === undefined ? [] : Array.from({ length: Math.max(0, 8 - head.length - tail.length) }, () => '0');
  return [...head, ...middle, ...tail].slice(0, 4).join(':');
}
