// The one line that a client's terminal shows: check, package or signer, remedy.
import { inert } from '@plombe/kit';
import type { Reason } from '@plombe/policy';

/** Issue of the surface: one line of at most so many characters. */
export const maxMessageLength = 400;

/** Puts the reasons that do not pass into one inert line, the most important first. */
export function oneLine(reasons: readonly Pick<Reason, 'check' | 'outcome' | 'message' | 'remedy'>[]): string {
  const open = reasons.filter(({ outcome }) => outcome !== 'pass');
  const [first, ...others] = open;
  if (first === undefined) return 'No policy allows it.';
  const checks = [...new Set(others.map(({ check }) => check))].filter((check) => check !== first.check);
  const tail = checks.length === 0 ? '' : ` Also: ${cut(flat(checks.join(', ')), maxMessageLength / 4)}.`;
  const head = `${first.check}: ${flat(first.message)}`;
  const remedy = first.remedy === '' ? '' : ` ${flat(first.remedy)}`;
  const room = maxMessageLength - tail.length;
  // The remedy is worth more than the end of a long list of findings.
  const shown =
    head.length + remedy.length <= room
      ? head + remedy
      : cut(head, room - Math.min(remedy.length, 160)) + cut(remedy, 160);
  return `${shown}${tail}`.slice(0, maxMessageLength).toWellFormed();
}

function flat(text: string): string {
  return inert(text).replace(/\s+/g, ' ').trim();
}

function cut(text: string, length: number): string {
  return text.length <= length ? text : `${text.slice(0, Math.max(0, length - 1))}…`;
}
