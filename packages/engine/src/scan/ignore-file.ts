// Lists of vulnerabilities that somebody decided not to count: one in a line, with an end and a reason.
import { inert, PlombeError } from '@plombe/kit';

export interface IgnoreRule {
  /** Of a vulnerability or an advisory; case does not count. */
  readonly id: string;
  /** Only in packages of this name; absent: in all. */
  readonly packageName?: string;
  /** The last ISO date on which it holds. */
  readonly until?: string;
  readonly reason?: string;
  /** From 1. */
  readonly line: number;
}

const idShape = /^[A-Za-z][A-Za-z0-9]*[-:][A-Za-z0-9:._-]{1,100}$/;

/**
 * Reads `ID [package=NAME] [until=YYYY-MM-DD] [# reason]`, one in a line; empty lines and those that begin with `#` are skipped, and Trivy's `exp:YYYY-MM-DD` is an end too. Throws
 * `config/invalid` with the line that is wrong: a rule that is not understood must not be passed over.
 */
export function parseIgnoreFile(text: string, name: string): readonly IgnoreRule[] {
  return text
    .replace(/^\ufeff/, '')
    .split(/\r?\n/)
    .flatMap((line, index) => {
      const [, said = '', reason = ''] = /^([^#]*)(?:#(.*))?$/s.exec(line) ?? [];
      const words = said.trim().split(/\s+/);
      return words[0] === '' ? [] : [ruleOf(words, reason.trim(), index + 1, name)];
    });
}

function ruleOf([id = '', ...words]: readonly string[], reason: string, line: number, name: string): IgnoreRule {
  const wrong = (what: string): PlombeError =>
    new PlombeError('config/invalid', `${inert(name)} line ${line}: ${what}.`, {
      remedy: 'Write ID [package=NAME] [until=YYYY-MM-DD] [# reason], one in a line.',
    });
  if (!idShape.test(id)) throw wrong(`"${inert(id.slice(0, 100))}" is not the id of a vulnerability`);
  const rule: { id: string; packageName?: string; until?: string; reason?: string; line: number } = { id, line };
  for (const word of words) {
    const [, key = '', value = ''] = /^(package=|until=|exp:)(.+)$/s.exec(word) ?? [];
    if (key === 'package=') rule.packageName = value;
    else if (key !== '' && isDate(value)) rule.until = value;
    else throw wrong(`"${inert(word.slice(0, 100))}" is neither package=NAME nor until=YYYY-MM-DD`);
  }
  if (reason !== '') rule.reason = reason.slice(0, 500);
  return rule;
}

function isDate(text: string): boolean {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(text)) return false;
  const date = new Date(`${text}T00:00:00Z`);
  return !Number.isNaN(date.getTime()) && date.toISOString().startsWith(text);
}
