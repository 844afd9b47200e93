// Timestamps and durations as text: RFC 3339, and Go's notation of durations that CEL reads.
import { toDuration, toTimestamp } from './arithmetic.ts';
import { CelError, type CelValue } from './value.ts';

const rfc3339 = /^(\d{4})-(\d\d)-(\d\d)[Tt](\d\d):(\d\d):(\d\d)(?:\.(\d{1,9}))?(?:[Zz]|([-+])(\d\d):(\d\d))$/;

/** Reads RFC 3339 with up to nine digits of a second. */
export function parseTimestamp(text: string): CelValue {
  const parts = rfc3339.exec(text);
  if (parts === null) return new CelError('the text is no RFC 3339 time');
  const [, year, month, day, hour, minute, second, fraction = '', sign, zoneHour = '0', zoneMinute = '0'] = parts;
  const ms = Date.UTC(2000, Number(month) - 1, Number(day), Number(hour), Number(minute), Number(second));
  const date = new Date(ms);
  date.setUTCFullYear(Number(year), Number(month) - 1, Number(day));
  const sameDay = date.getUTCMonth() === Number(month) - 1 && date.getUTCDate() === Number(day);
  if (
    !sameDay ||
    Number(hour) > 23 ||
    Number(minute) > 59 ||
    Number(second) > 59 ||
    Number(zoneHour) > 23 ||
    Number(zoneMinute) > 59
  ) {
    return new CelError('there is no such time');
  }
  const zone = (sign === '-' ? -1 : 1) * (Number(zoneHour) * 60 + Number(zoneMinute)) * 60_000;
  return toTimestamp(BigInt(date.getTime() - zone) * 1_000_000n + BigInt(fraction.padEnd(9, '0')));
}

/** Writes RFC 3339 in UTC, with as many digits of a second as it needs. */
export function formatTimestamp(ns: bigint): string {
  const { ms, rest } = split(ns);
  const whole = new Date(ms).toISOString().replace(/\.\d+Z$/, '');
  const fraction = String(BigInt(((ms % 1000) + 1000) % 1000) * 1_000_000n + rest)
    .padStart(9, '0')
    .replace(/0+$/, '');
  return `${whole}${fraction === '' ? '' : `.${fraction}`}Z`;
}

/** Whole milliseconds, rounded down, and the nanoseconds beyond. */
export function split(ns: bigint): { readonly ms: number; readonly rest: bigint } {
  const rest = ((ns % 1_000_000n) + 1_000_000n) % 1_000_000n;
  return { ms: Number((ns - rest) / 1_000_000n), rest };
}

const unitNs: Readonly<Record<string, bigint>> = {
  h: 3_600_000_000_000n,
  m: 60_000_000_000n,
  s: 1_000_000_000n,
  ms: 1_000_000n,
  us: 1000n,
  µs: 1000n,
  μs: 1000n,
  ns: 1n,
};

/** Reads `1h30m`, `-1.5s`, `100ms`. */
export function parseDuration(text: string): CelValue {
  const failed = new CelError('the text is no duration, such as 1h30m');
  if (text.length > 200) return failed;
  const body = text.replace(/^[-+]/, '');
  if (body === '0') return toDuration(0n);
  if (!/^(?:(?:\d+\.?\d*|\.\d+)(?:h|ms|m|s|us|µs|μs|ns))+$/.test(body)) return failed;
  let total = 0n;
  for (const [, whole = '', fraction = '', unit = ''] of body.matchAll(/(\d*)\.?(\d*)(h|ms|m|s|us|µs|μs|ns)/g)) {
    const size = unitNs[unit] ?? 0n;
    total += BigInt(whole === '' ? 0 : whole) * size;
    if (fraction !== '') total += (BigInt(fraction) * size) / 10n ** BigInt(fraction.length);
  }
  return toDuration(text.startsWith('-') ? -total : total);
}

/** Writes seconds: `90s`, `0.5s`. */
export function formatDuration(ns: bigint): string {
  const size = ns < 0n ? -ns : ns;
  const fraction = String(size % 1_000_000_000n)
    .padStart(9, '0')
    .replace(/0+$/, '');
  return `${ns < 0n ? '-' : ''}${size / 1_000_000_000n}${fraction === '' ? '' : `.${fraction}`}s`;
}
