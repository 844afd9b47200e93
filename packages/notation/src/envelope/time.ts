// Times in headers: RFC 3339 text in JWS, seconds since 1970 in COSE; both as milliseconds here.
import { demand } from '../malformed.ts';

const form = /^(\d{4})-(\d\d)-(\d\d)[Tt](\d\d):(\d\d):(\d\d)(?:\.\d{1,9})?(?:[Zz]|([+-])(\d\d):(\d\d))$/;

/** The last second a four-digit year can name, in milliseconds. */
const lastMs = 253_402_300_799_000;

/** Returns milliseconds since 1970, fractions of a second dropped. Throws `Malformed` for what is no time of the calendar; leap seconds are refused. */
export function parseTime(text: unknown, name: string): number {
  const found = typeof text === 'string' ? form.exec(text) : null;
  demand(found !== null, `${name}: not an RFC 3339 time`);
  const [year, month, day, hour, minute, second] = found.slice(1, 7).map(Number) as [
    number,
    number,
    number,
    number,
    number,
    number,
  ];
  const [offsetHour, offsetMinute] = [Number(found[8] ?? 0), Number(found[9] ?? 0)];
  const date = new Date(0);
  date.setUTCFullYear(year, month - 1, day);
  demand(
    date.getUTCMonth() === month - 1 && date.getUTCDate() === day && hour < 24 && minute < 60 && second < 60,
    `${name}: not a time of the calendar`,
  );
  demand(offsetHour < 24 && offsetMinute < 60, `${name}: not a time of the calendar`);
  const offset = (offsetHour * 60 + offsetMinute) * (found[7] === '-' ? -1 : 1);
  return date.getTime() + ((hour * 60 + minute - offset) * 60 + second) * 1000;
}

/** Returns RFC 3339 text in UTC without fractions. */
export function formatTime(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 19)}Z`;
}

/** Returns milliseconds for whole seconds since 1970. Throws `Malformed` outside the years 1970 to 9999. */
export function parseSeconds(value: unknown, name: string): number {
  demand(typeof value === 'number' && value >= 0 && value * 1000 <= lastMs, `${name}: not a time in whole seconds`);
  return value * 1000;
}
