// Runs one command of a plugin through a function that is handed in: JSON on standard input, JSON on standard output.
import { PlombeError, decodeText, inert, mebibyte, textField, type JsonObject } from '@plombe/kit';
import { parseJsonObject } from '../json/parse.ts';
import { Malformed, demand } from '../malformed.ts';
import { maxEnvelopeBytes } from '../envelope/envelope.ts';
import type { PluginConfig, PluginMetadata } from './protocol.ts';
import { parseMetadata } from './responses.ts';

export type PluginCommand =
  | 'get-plugin-metadata'
  | 'describe-key'
  | 'generate-signature'
  | 'generate-envelope'
  | 'verify-signature';

/** What a run of `notation-NAME COMMAND` gave. */
export interface PluginOutput {
  readonly exitCode: number;
  readonly stdout: Uint8Array;
  readonly stderr: Uint8Array;
}

/**
 * Runs the executable with the command as its only argument and the request on standard input. It must refuse an executable that is no
 * regular file, and end a plugin that writes more than `maxPluginOutputBytes` or does not end.
 */
export type PluginExec = (command: PluginCommand, request: Uint8Array) => Promise<PluginOutput>;

/** A plugin by its name and the way to run it. */
export interface Plugin {
  readonly name: string;
  readonly exec: PluginExec;
}

/** 4 MiB for each output: an envelope of 1 MiB is 1.4 MiB in Base64. The specification's bound is 64 MiB. */
export const maxPluginOutputBytes = 4 * Math.max(mebibyte, maxEnvelopeBytes);

/** Runs a command and reads its answer. Throws `notation/plugin` for an error answer (retryable where the plugin says so) and for one that breaks the protocol. */
export async function runPlugin<T>(
  plugin: Plugin,
  command: PluginCommand,
  request: object,
  parse: (answer: JsonObject) => T,
): Promise<T> {
  const output = await plugin.exec(command, Buffer.from(JSON.stringify(request)));
  if (output.exitCode !== 0) throw errorAnswer(plugin, command, output);
  try {
    demand(
      output.stdout.length <= maxPluginOutputBytes,
      `its answer has more than ${String(maxPluginOutputBytes)} bytes`,
    );
    return parse(parseJsonObject(output.stdout));
  } catch (thrown) {
    if (!(thrown instanceof Malformed)) throw thrown;
    throw pluginError(plugin, command, thrown.message, { cause: thrown });
  }
}

/** Asks a plugin what it is; the name must be the one it is installed under. */
export async function pluginMetadata(plugin: Plugin, config?: PluginConfig): Promise<PluginMetadata> {
  const request = config === undefined ? {} : { pluginConfig: config };
  const metadata = await runPlugin(plugin, 'get-plugin-metadata', request, parseMetadata);
  if (metadata.name !== plugin.name)
    throw pluginError(plugin, 'get-plugin-metadata', `it calls itself ${inert(metadata.name.slice(0, 100))}`);
  return metadata;
}

/** A `notation/plugin` error about one command. */
export function pluginError(
  plugin: Plugin,
  command: PluginCommand,
  problem: string,
  options: { readonly cause?: unknown; readonly retryable?: boolean } = {},
): PlombeError {
  return new PlombeError('notation/plugin', `Plugin ${inert(plugin.name)}, ${command}: ${inert(problem)}.`, options);
}

/** The error answer on standard error is optional; without one there are the exit code and whatever text stands there. */
function errorAnswer(plugin: Plugin, command: PluginCommand, { exitCode, stderr }: PluginOutput): PlombeError {
  let answer: JsonObject = {};
  try {
    if (exitCode === 1 && stderr.length <= maxPluginOutputBytes) answer = parseJsonObject(stderr);
  } catch (thrown) {
    if (!(thrown instanceof Malformed)) throw thrown;
  }
  const code = textField(answer, 'errorCode');
  const said = decodeText(stderr.subarray(0, 1000)).trim();
  const ended = `it ended with exit code ${String(exitCode)}${said === '' || said.startsWith('{') ? '' : `: ${said}`}`;
  const message = textField(answer, 'errorMessage') ?? ended;
  const problem = code === undefined ? message : `${code}: ${message}`;
  return pluginError(plugin, command, problem.slice(0, 1000).replace(/\.$/, ''), {
    retryable: code === 'TIMEOUT' || code === 'THROTTLED',
  });
}
