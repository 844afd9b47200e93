// What an inventory says of its image goes into every report, cache and answer: credentials in it are masked before. (T24)
import { maskCredentials, maskValue, maskVariable, withoutCredentials } from '@plombe/kit';
import type { Diagnostic, FoundPackage, ImageConfig } from '@plombe/model';

/** Returns the config with credentials in variables, commands and labels masked. Who looks for them reads the image's own. */
export function maskedConfig(config: ImageConfig): ImageConfig {
  const { env, entrypoint, cmd, labels } = config;
  const shown = Object.create(null) as Record<string, string>;
  for (const [name, value] of Object.entries(labels)) shown[name] = maskValue(name, value);
  return {
    ...config,
    ...(env === undefined ? {} : { env: env.map(maskVariable) }),
    ...(entrypoint === undefined ? {} : { entrypoint: maskedWords(entrypoint) }),
    ...(cmd === undefined ? {} : { cmd: maskedWords(cmd) }),
    labels: shown,
  };
}

/** The words of a command: an option and its value may be two of them. */
function maskedWords(words: readonly string[]): string[] {
  return words.map((word, at) => {
    const before = words[at - 1];
    if (before === undefined || !/^--[\w-]{1,100}$/.test(before) || word.startsWith('-')) return maskCredentials(word);
    const shown = maskCredentials(`${before} ${word}`);
    return shown.startsWith(`${before} `) ? shown.slice(before.length + 1) : maskCredentials(word);
  });
}

/** Returns the package without the logins that lock files write into addresses: in its facts, its version and the qualifiers that its package URL gets. */
export function maskedPackage(found: FoundPackage): FoundPackage {
  const { version, qualifiers, facts } = found;
  if (!version.includes('://') && !holdsAddress(qualifiers) && !holdsAddress(facts)) return found;
  return {
    ...found,
    version: withoutCredentials(version),
    ...(qualifiers === undefined ? {} : { qualifiers: maskedFacts(qualifiers) }),
    ...(facts === undefined ? {} : { facts: maskedFacts(facts) }),
  };
}

type Facts = Readonly<Record<string, string>>;

function holdsAddress(facts: Facts | undefined): boolean {
  for (const key in facts) if (facts[key]?.includes('://') === true) return true;
  return false;
}

function maskedFacts(facts: Facts): Facts {
  return Object.fromEntries(Object.entries(facts).map(([key, value]) => [key, withoutCredentials(value)]));
}

/** Returns the diagnostic with what it quotes masked. */
export function maskedNote(note: Diagnostic): Diagnostic {
  const message = maskCredentials(note.message);
  return message === note.message ? note : { ...note, message };
}
