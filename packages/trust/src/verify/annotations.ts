// Compares the annotations that a verifier asks for with those that were signed.
import type { Checks } from './checks.ts';

/** Every annotation asked for must have been signed with exactly that value; further ones do no harm. */
export function requireAnnotations(
  required: Readonly<Record<string, string>>,
  signed: Readonly<Record<string, string>>,
  checks: Checks,
): void {
  const names = Object.keys(required);
  if (names.length === 0) return;
  const missing = names.filter((name) => !Object.hasOwn(signed, name) || signed[name] !== required[name]);
  if (missing.length === 0) checks.pass('annotations', `Signed with the annotations ${names.join(', ')}.`);
  else checks.fail('annotations', `Not signed with the annotations asked for: ${missing.join(', ')}.`);
}
