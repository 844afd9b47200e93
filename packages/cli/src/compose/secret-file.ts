// Secrets that a flag names by their file: read whole, never shown, and never taken from the command line itself.
import { readFileSync } from 'node:fs';
import { inert, messageOf, PlombeError } from '@plombe/kit';

/** A file of some tokens. */
const maxBytes = 65_536;

/** Reads the lines of a file; empty ones and those with `#` in front do not count. Throws `config/invalid` where there is none. */
export function readSecrets(path: string, flag: string): readonly string[] {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (cause) {
    throw new PlombeError('config/invalid', `${flag} ${inert(path)} cannot be read: ${messageOf(cause)}`, { cause });
  }
  const lines = text.split('\n').map((line) => line.trim());
  const secrets = lines.filter((line) => line !== '' && !line.startsWith('#'));
  if (secrets.length > 0 && text.length <= maxBytes && secrets.every((line) => /^[\x20-\x7e]+$/.test(line)))
    return secrets;
  throw new PlombeError('config/invalid', `${flag} ${inert(path)} holds no secret that can be sent.`, {
    remedy: 'One in a line, of printable ASCII.',
  });
}

/** Reads a file that holds one secret. Throws `config/invalid`. */
export function readSecret(path: string, flag: string): string {
  const [secret = '', ...more] = readSecrets(path, flag);
  if (more.length === 0) return secret;
  throw new PlombeError('config/invalid', `${flag} ${inert(path)} holds more than one secret.`);
}
