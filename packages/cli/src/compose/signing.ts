// What commands that sign work with: the subject's registry, the key of `--key`, and those who vouch for it; opened and closed together.
import { openSigner, type AlgorithmChoice } from '@plombe/engine';
import type { Context } from '@plombe/model';
import type { Signer } from '@plombe/trust';
import type { Settings } from '../settings/settings.ts';
import { openEndorsers, type OpenEndorsers } from './endorsers.ts';
import { keySources } from './keys.ts';
import { openSubjectRegistry, type SubjectRegistry } from './subject-registry.ts';
import { openVault } from './vault.ts';

/** Everything open for one subject. */
export interface Signing extends Pick<SubjectRegistry, 'client' | 'reference'> {
  readonly services: Omit<OpenEndorsers, 'close'>;
  /** The key of `--key`; undefined without the flag. Throws `trust/key-…`, `source/…`, `service/…`, `config/invalid`. */
  readonly key: (choose?: AlgorithmChoice) => Promise<Signer | undefined>;
  readonly close: () => void;
}

/** Opens them; nobody is called yet. Throws `reference/invalid`, `config/invalid`, `source/…`. The caller closes. */
export function openSigning(
  subject: string,
  values: Settings,
  flags: Readonly<Record<string, unknown>>,
  ctx: Context,
): Signing {
  const { client, reference, network } = openSubjectRegistry(subject, values, flags, ctx);
  const vault = openVault(values, ctx);
  const services = openEndorsers(flags, network, ctx);
  const named = flags['key'];
  return {
    client,
    reference,
    services,
    key: async (choose = services.choose) =>
      typeof named === 'string' ? openSigner(named, keySources(process.env, vault), choose) : undefined,
    close: () => {
      client.close();
      vault.close();
      services.close();
    },
  };
}
