// The one line that a client's terminal shows: check, package or signer, remedy.
import { inert } from '@plombe/kit';
import type { Reason } from '@plombe/policy';

/** One line of at most 400 characters, with the `plombe: ` that stands before it in the answer. */
export const maxMessageLength = 400 - 'plombe: '.length;

/** Puts the reasons that do not pass into one inert line, the most important first. */
export function oneLine(reasons: readonly Pick<Reason, 'check' | 'outcome' | 'message' | 'remedy'>[]): string {
  const open = reasons.filter(({ outcome }) => outcome !== 'pass');
  const [first, ...others] = open;
  if (first === undefined) return 'No policy allows it.';
  const checks = [...new Set(others.map(({ check }) => check))].filter((check) => check !== first.check);
  const tail = checks.length === 0 ? '' : ` Also: ${cut(flat(checks.join(', ')), maxTailLength)}.`;
  const remedy = first.remedy === '' ? '' : ` ${cut(flat(first.remedy), maxRemedyLength)}`;
  // The remedy is worth more than the end of a long list of findings.
  const found = cut(`${flat(first.check)}: ${flat(first.message)}`, maxMessageLength - remedy.length - tail.length);
  return `${found}${remedy}${tail}`.toWellFormed();
}

/** What the remedy of the first reason may take; every one that Plombe itself writes fits, but for the references in it. */
const maxRemedyLength = 200;
const maxTailLength = 80;

function flat(text: string): string {
  return inert(text).replace(/\s+/g, ' ').trim();
}

/** Cuts between words, where there is more than one. */
function cut(text: string, length: number): string {
  if (text.length <= length) return text;
  const whole = text
    .slice(0, length - 1)
    .replace(/[^ ]*$/, '')
    .trimEnd();
  return whole === '' ? `${text.slice(0, length - 1)}…` : `${whole} …`;
}
