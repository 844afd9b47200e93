// What the views of a registry have in common: outputs, language, a session and the connector, which is closed in the end.
import type { Language, RegistryConnector } from '@plombe/connectors';
import type { Context } from '@plombe/model';
import type { LoadedSettings } from '../../settings/load.ts';
import { openNamedConnector } from '../connector.ts';
import { openSession } from '../context.ts';
import { viewOutputs } from '../views.ts';

/** A registry to look at. */
export interface RegistryView {
  readonly connector: RegistryConnector;
  readonly options: Awaited<ReturnType<typeof openNamedConnector>>['options'];
  readonly write: ReturnType<typeof viewOutputs>;
  readonly language: Language;
  readonly ctx: Context;
}

/** Opens the registry, returns the exit code of `view`. Throws `config/invalid`, and what the registry's refusal is. */
export async function viewRegistry(
  name: string,
  loaded: LoadedSettings,
  flags: Readonly<Record<string, unknown>>,
  view: (registry: RegistryView) => Promise<number>,
): Promise<number> {
  const write = viewOutputs(loaded, ['table', 'json', 'html']);
  const language: Language = flags['language'] === 'de' ? 'de' : 'en';
  const { ctx } = openSession(loaded.values);
  const { connector, options } = await openNamedConnector(name, loaded.values, flags, ctx);
  try {
    return await view({ connector, options, write, language, ctx });
  } finally {
    connector.close();
  }
}
