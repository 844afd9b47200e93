// Times of a flag: `30m`, `24h`, `90d`.
import { inert, PlombeError } from '@plombe/kit';

const units: Readonly<Record<string, number>> = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };
/** 100 years: more is a mistake. */
const maxDurationMs = 100 * 366 * 86_400_000;

/** Reads `24h`, `1h30m`, `90d` into milliseconds. Throws `config/invalid` that names the flag. */
export function durationMs(text: string, flag = '--expires-in'): number {
  const parts = [...text.matchAll(/([0-9]{1,9})([smhd])/g)];
  const whole = parts.map(([part]) => part).join('') === text;
  const ms = parts.reduce((sum, [, count, unit]) => sum + Number(count) * (units[unit ?? ''] ?? 0), 0);
  if (whole && ms > 0 && ms <= maxDurationMs) return ms;
  throw new PlombeError('config/invalid', `${flag}: ${inert(text)} is no time.`, {
    remedy: 'Write 30m, 24h or 90d.',
  });
}
