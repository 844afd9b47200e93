// Verifies the RFC 3161 time stamps over a signature against the authorities of a trusted root (T41).
import { verifyTimestamp } from '@plombe/pki';
import { isWithin, type TrustedAuthority, type TrustedRoot } from '../root/trusted-root.ts';
import type { Checks } from './checks.ts';
import { isoTime } from './log.ts';

/** A moment that a time stamp authority vouches for. */
export interface VouchedTime {
  readonly authority: TrustedAuthority;
  readonly timeMs: number;
}

/** Verifies all time stamps. Where the root knows authorities, each must be of one of them; where it knows none, they are skipped. */
export function verifyTimestamps(
  tokens: readonly Uint8Array[],
  stamped: Uint8Array,
  root: TrustedRoot | undefined,
  checks: Checks,
): readonly VouchedTime[] {
  if (tokens.length === 0) return [];
  const authorities = root?.timestampAuthorities ?? [];
  if (authorities.length === 0) {
    const why = root === undefined ? 'no trusted root was given' : 'the trusted root knows no time stamp authority';
    checks.skip('timestamp', `${tokens.length} time stamps were not checked: ${why}.`);
    return [];
  }
  return tokens.flatMap((token) => {
    const reasons: string[] = [];
    let limited = false;
    for (const authority of authorities) {
      const verdict = verifyTimestamp({
        token,
        form: 'response',
        subject: { message: stamped },
        roots: [authority.root],
        intermediates: authority.intermediates,
      });
      if (verdict.kind !== 'verified') {
        limited ||= verdict.kind === 'undecidable';
        reasons.push(...verdict.reasons);
      } else if (!isWithin(authority.window, verdict.timeMs)) {
        reasons.push(`${authority.url} was not trusted at ${isoTime(verdict.timeMs)}`);
      } else {
        checks.pass('timestamp', `${authority.url} saw the signature at ${isoTime(verdict.timeMs)}.`);
        return [{ authority, timeMs: verdict.timeMs }];
      }
    }
    const message = `A time stamp of the signature does not hold: ${[...new Set(reasons)].join('; ')}.`;
    if (limited) checks.undecided('timestamp', message);
    else checks.fail('timestamp', message);
    return [];
  });
}
