// Keys of Notation's plugins, `plugin://NAME/KEYID`: which of the two ways to sign a plugin offers, and what it signs with.
import { inert, PlombeError } from '@plombe/kit';
import {
  pluginEnvelope,
  pluginMetadata,
  pluginSigner,
  verificationPlugin,
  type EnvelopeRequest,
  type NotarySigner,
  type Plugin,
  type PluginConfig,
  type VerificationPlugin,
} from '@plombe/notation';
import type { Certificate } from '@plombe/pki';

/** Finds an installed plugin; undefined where there is none of the name. Throws `notation/plugin` for one that must not be run. */
export type FindPlugin = (name: string) => Promise<Plugin | undefined>;

/** Who makes a Notary signature: a key whose signatures are put into an envelope here, or a plugin that makes whole envelopes. */
export type NotaryHand =
  | { readonly kind: 'signer'; readonly signer: NotarySigner }
  | {
      readonly kind: 'envelope';
      /** Checked before it is returned. Throws `notation/plugin`. */
      make(request: EnvelopeRequest): ReturnType<typeof pluginEnvelope>;
    };

/** What a key of a plugin is opened with. */
export interface PluginKeyOptions {
  /** Settings passed to the plugin as they are. */
  readonly config?: PluginConfig;
  /** Put into the envelope instead of the plugin's; leaf first, root last. */
  readonly chain?: readonly Certificate[];
}

/** Whether a key's name names a plugin. */
export function isPluginKey(name: string): boolean {
  return name.startsWith('plugin://');
}

/**
 * Opens a key of a plugin; a plugin that can do both makes raw signatures, as notation prefers. Throws `config/invalid` for a name that is
 * none and a chain that a plugin cannot take, `notation/plugin` where the plugin is absent, cannot sign, or fails.
 */
export async function openPluginKey(name: string, find: FindPlugin, options: PluginKeyOptions): Promise<NotaryHand> {
  const match = /^plugin:\/\/([^/]+)\/([^]{1,2048})$/.exec(name);
  const [pluginName, keyId] = [match?.[1], match?.[2]];
  if (pluginName === undefined || keyId === undefined) {
    throw new PlombeError('config/invalid', `${inert(name)} names no key of a plugin.`, {
      remedy: 'Write plugin://NAME/KEYID.',
    });
  }
  const plugin = await find(pluginName);
  if (plugin === undefined) {
    throw new PlombeError('notation/plugin', `There is no plugin ${inert(pluginName)}.`, {
      remedy: `Install it where notation has it: plugins/${inert(pluginName)}/notation-${inert(pluginName)} in notation's folder.`,
    });
  }
  const { config, chain } = options;
  const key = { keyId, ...(config === undefined ? {} : { pluginConfig: config }) };
  const { capabilities } = await pluginMetadata(plugin, config);
  if (capabilities.includes('SIGNATURE_GENERATOR.RAW')) {
    const signer = await pluginSigner(plugin, key);
    return { kind: 'signer', signer: chain === undefined ? signer : withChain(signer, chain) };
  }
  if (!capabilities.includes('SIGNATURE_GENERATOR.ENVELOPE'))
    throw new PlombeError('notation/plugin', `The plugin ${inert(pluginName)} cannot sign images.`);
  if (chain !== undefined) {
    throw new PlombeError('config/invalid', `The plugin ${inert(pluginName)} makes envelopes with its own chain.`, {
      remedy: 'Leave out --cert-chain.',
    });
  }
  return { kind: 'envelope', make: (request) => pluginEnvelope(plugin, key, request) };
}

function withChain(signer: NotarySigner, chain: readonly Certificate[]): NotarySigner {
  return { ...signer, sign: async (bytes) => ({ ...(await signer.sign(bytes)), chain }) };
}

/** Returns what finds the plugins that signatures demand; a signature's plugin that is not installed is undefined. */
export function verificationPlugins(
  find: FindPlugin,
  config?: PluginConfig,
): (name: string) => Promise<VerificationPlugin | undefined> {
  return async (name) => {
    const plugin = await find(name);
    return plugin === undefined ? undefined : verificationPlugin(plugin, config);
  };
}
