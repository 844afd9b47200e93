// The registry's rules out of the file that `--registry-config` names.
import { readFileSync } from 'node:fs';
import { inert, messageOf, PlombeError } from '@plombe/kit';
import { parseRegistryConfig } from '@plombe/server';
import { defaultRules, type RegistryRules } from '@plombe/store';

/** Reads the rules; without a file those that hold by default. Throws `config/invalid`. */
export async function registryRules(flags: Readonly<Record<string, unknown>>): Promise<RegistryRules> {
  const path = flags['registryConfig'];
  if (typeof path !== 'string') return defaultRules;
  const { parse } = await import('yaml');
  let document: unknown;
  try {
    // No anchors: a few lines of them unfold to gigabytes.
    document = parse(readFileSync(path, 'utf8'), { maxAliasCount: 0 });
  } catch (cause) {
    throw new PlombeError('config/invalid', `--registry-config ${inert(path)} cannot be read: ${messageOf(cause)}`, {
      cause,
    });
  }
  return parseRegistryConfig(document, path);
}
