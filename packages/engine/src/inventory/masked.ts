// What an inventory says of its image goes into every report, cache and answer: credentials in it are masked before. (T24)
import { maskCredentials, maskValue, maskVariable } from '@plombe/kit';
import type { ImageConfig } from '@plombe/model';

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
