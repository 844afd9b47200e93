// How an error looks to a person and which exit code it gives.
import { inert, isPlombeError, messageOf } from '@plombe/kit';

/** Exit codes, docs/cli.md. */
export const exitCodes = { fine: 0, findings: 1, usage: 2, notAssessed: 3, unreadable: 4 } as const;

/** Codes of what the caller wrote or set up wrong. */
const usageCodes: ReadonlySet<string> = new Set([
  'config/invalid',
  'notation/signing',
  'notation/trust-policy',
  'notation/trust-store',
  'policy/invalid',
  'reference/invalid',
  'report/template',
  'trust/key-invalid',
  'trust/key-passphrase',
]);

/** Returns 2 for what the caller wrote wrong, 4 for a subject or database that cannot be read. */
export function exitCodeFor(thrown: unknown): number {
  return isPlombeError(thrown) ? exitCodeOf(thrown.code) : exitCodes.unreadable;
}

/** Returns what a command that ends by an error of this code exits with. */
export function exitCodeOf(code: string): number {
  return usageCodes.has(code) ? exitCodes.usage : exitCodes.unreadable;
}

/** Writes code, message and remedy to stderr; never a stack, except for a bug and when PLOMBE_DEBUG is set. */
export function reportFailure(thrown: unknown): void {
  const code = isPlombeError(thrown) ? thrown.code : 'internal/bug';
  const lines = [`plombe: ${messageOf(thrown)} [${code}]`];
  if (isPlombeError(thrown)) lines.push(`  ${inert(thrown.remedy)}`);
  else if (thrown instanceof Error) lines.push('  This is a bug: please report it with the command.');
  if (process.env['PLOMBE_DEBUG'] !== undefined && thrown instanceof Error) lines.push(thrown.stack ?? '');
  process.stderr.write(`${lines.join('\n')}\n`);
}
