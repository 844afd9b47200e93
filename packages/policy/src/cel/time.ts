// Parts of timestamps and durations: getFullYear(), getHours() and their relatives.
import type { CelFunction, FunctionGroup } from './function.ts';
import { split } from './time-text.ts';
import { CelDuration, CelError, CelTimestamp, type CelValue } from './value.ts';

type DatePart = (local: Date, ns: bigint) => number;

/** A part of a timestamp, in UTC or in the time zone given; of a duration the whole number of such units. */
function part(ofDate: DatePart, ofDuration?: (ns: bigint) => bigint): CelFunction {
  return {
    parameters: [1, 2],
    call([value, zone], budget) {
      if (value instanceof CelDuration) return zone === undefined ? ofDuration?.(value.ns) : undefined;
      if (!(value instanceof CelTimestamp) || (zone !== undefined && typeof zone !== 'string')) return undefined;
      // A named zone is looked up in the tables of Node, which takes some 75 microseconds.
      budget.spend(zone === undefined ? 1 : 2000);
      const local = inZone(split(value.ns).ms, zone);
      return local instanceof CelError ? local : BigInt(ofDate(local, value.ns));
    },
  };
}

/** A date whose UTC parts are the local ones of the zone: `+05:30`, `-02:00` or an IANA name. */
function inZone(ms: number, zone: string | undefined): Date | CelError {
  if (zone === undefined || zone === 'UTC' || zone === 'Z') return new Date(ms);
  const offset = /^([-+]?)(\d\d):(\d\d)$/.exec(zone);
  if (offset !== null) {
    const minutes = Number(offset[2]) * 60 + Number(offset[3]);
    return new Date(ms + (offset[1] === '-' ? -minutes : minutes) * 60_000);
  }
  const unknown = new CelError('there is no such time zone');
  if (!/^[A-Za-z0-9_+/-]{1,64}$/.test(zone)) return unknown;
  try {
    const parts = new Intl.DateTimeFormat('en-US', {
      timeZone: zone,
      calendar: 'iso8601',
      hourCycle: 'h23',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      second: 'numeric',
    }).formatToParts(ms);
    const of = (type: string): number => Number(parts.find((piece) => piece.type === type)?.value);
    const seconds = Date.UTC(2000, of('month') - 1, of('day'), of('hour'), of('minute'), of('second'));
    const local = new Date(seconds + (((ms % 1000) + 1000) % 1000));
    local.setUTCFullYear(of('year'), of('month') - 1, of('day'));
    return local;
  } catch {
    return unknown;
  }
}

const dayMs = 86_400_000;

export const timeFunctions: FunctionGroup = {
  '.getFullYear': part((date) => date.getUTCFullYear()),
  '.getMonth': part((date) => date.getUTCMonth()),
  '.getDate': part((date) => date.getUTCDate()),
  '.getDayOfMonth': part((date) => date.getUTCDate() - 1),
  '.getDayOfWeek': part((date) => date.getUTCDay()),
  '.getDayOfYear': part((date) => {
    const newYear = new Date(date);
    newYear.setUTCMonth(0, 1);
    return Math.round((date.getTime() - newYear.getTime()) / dayMs);
  }),
  '.getHours': part(
    (date) => date.getUTCHours(),
    (ns) => ns / 3_600_000_000_000n,
  ),
  '.getMinutes': part(
    (date) => date.getUTCMinutes(),
    (ns) => ns / 60_000_000_000n,
  ),
  '.getSeconds': part(
    (date) => date.getUTCSeconds(),
    (ns) => ns / 1_000_000_000n,
  ),
  '.getMilliseconds': part(
    (date) => date.getUTCMilliseconds(),
    (ns) => (ns / 1_000_000n) % 1000n,
  ),
} satisfies Record<string, { call(values: readonly CelValue[], budget: never): CelValue | undefined }>;
