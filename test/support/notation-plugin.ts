// Installs a plugin of notation for a test: a program that speaks the protocol and signs with real keys.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const source = fileURLToPath(new URL('notation-plugin.cjs', import.meta.url));

/** How it behaves; keys are named by `PREFIX` of `PREFIX.key` and `PREFIX.pem`. */
export interface PluginBehaviour {
  readonly capabilities?: readonly string[];
  /** Commands that end with an error. */
  readonly fails?: readonly string[];
  readonly error?: string;
  readonly exitCode?: number;
  /** What it says to a signature. */
  readonly agrees?: boolean;
  /** The plugin that its envelopes demand, and its least version; itself where absent. */
  readonly demands?: string;
  readonly minVersion?: string;
  /** Leaves out the expiry. */
  readonly endless?: boolean;
  /** Brings no root along. */
  readonly leafOnly?: boolean;
}

/** One run of the plugin, as it saw it. */
export interface PluginRun {
  readonly command: string;
  readonly request: Readonly<Record<string, unknown>>;
  readonly env: Readonly<Record<string, string>>;
}

export interface InstalledPlugin {
  /** The executable. */
  readonly path: string;
  /** Changes how it behaves from now on. */
  behave(behaviour: PluginBehaviour): void;
  /** What it was asked so far. */
  asked(): readonly PluginRun[];
}

/** Installs it below notation's folder, `…/notation`. */
export function installPlugin(notation: string, name: string, behaviour: PluginBehaviour = {}): InstalledPlugin {
  const folder = join(notation, 'plugins', name);
  mkdirSync(folder, { recursive: true, mode: 0o755 });
  const path = join(folder, `notation-${name}`);
  writeFileSync(path, `#!${process.execPath}\n${readFileSync(source, 'utf8')}`, { mode: 0o755 });
  const behave = (next: PluginBehaviour): void =>
    writeFileSync(
      join(folder, 'plugin.json'),
      JSON.stringify({ name, capabilities: ['SIGNATURE_GENERATOR.RAW'], ...next }),
    );
  behave(behaviour);
  const log = join(folder, 'asked.jsonl');
  return {
    path,
    behave,
    asked: () =>
      existsSync(log)
        ? readFileSync(log, 'utf8')
            .trimEnd()
            .split('\n')
            .map((line) => JSON.parse(line) as PluginRun)
        : [],
  };
}
