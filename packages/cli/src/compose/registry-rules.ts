// The registry's rules, and the registries around it, out of the file that `--registry-config` names.
import { readFileSync } from 'node:fs';
import { inert, messageOf, PlombeError } from '@plombe/kit';
import { defaultFarConfig, parseFarConfig, parseRegistryConfig, type FarConfig } from '@plombe/server';
import { defaultRules, type RegistryRules } from '@plombe/store';

type Flags = Readonly<Record<string, unknown>>;

/** Reads the rules; without a file those that hold by default. Throws `config/invalid`. */
export async function registryRules(flags: Flags): Promise<RegistryRules> {
  return (await registryConfig(flags)).rules;
}

/** Reads rules and other registries. Throws `config/invalid`. */
export async function registryConfig(
  flags: Flags,
): Promise<{ readonly rules: RegistryRules; readonly far: FarConfig }> {
  const path = flags['registryConfig'];
  if (typeof path !== 'string') return { rules: defaultRules, far: defaultFarConfig };
  const { parse } = await import('yaml');
  let document: unknown;
  try {
    // No anchors: a few lines of them unfold to gigabytes.
    document = parse(readFileSync(path, 'utf8'), { maxAliasCount: 0 });
  } catch (cause) {
    throw new PlombeError('config/invalid', `--registry-config ${inert(path)} cannot be read: ${messageOf(cause)}`, {
      cause,
      remedy: 'Check path and permissions, and that it is YAML without anchors (docs/registry.md, "Rules").',
    });
  }
  return { rules: parseRegistryConfig(document, path), far: parseFarConfig(document, path) };
}
