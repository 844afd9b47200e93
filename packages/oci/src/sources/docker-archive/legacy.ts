// Images of archives before docker 1.10: a chain of `<id>/json` documents, each with the id of its parent.
import type { Context } from '@plombe/model';
import { objectField, PlombeError, textField, textsField } from '@plombe/kit';
import { maxConfigBytes, parseImageConfig, type ConfigDocument } from '../../manifest/config.ts';
import { parseDocument } from '../../manifest/json.ts';
import { readMember, type Members } from '../archive/members.ts';

/** Docker of that time stacked at most 127 layers; each document is small. */
const maxChain = 1000;

interface LegacyLayer {
  readonly member: string;
  readonly createdBy?: string;
}

/**
 * Reads the chain that ends in the layer `id`, bottom first. Such layers have no digests at all. Throws
 * `registry/manifest-invalid` for a chain that is a loop or is longer than 1,000.
 */
export async function readLegacyImage(
  members: Members,
  id: string,
  subject: string,
  ctx: Context,
): Promise<{ readonly config: ConfigDocument; readonly layers: readonly LegacyLayer[] }> {
  const layers: LegacyLayer[] = [];
  let config: ConfigDocument | undefined;
  const seen = new Set<string>();
  for (let next: string | undefined = id; next !== undefined;) {
    if (seen.has(next) || seen.size >= maxChain) {
      throw new PlombeError('registry/manifest-invalid', `${subject} has a chain of layers that does not end.`);
    }
    seen.add(next);
    const bytes = await readMember(members, `${next}/json`, maxConfigBytes, ctx);
    config ??= parseImageConfig(bytes, `the config of ${subject}`);
    const document = parseDocument(bytes, `a layer of ${subject}`, maxConfigBytes);
    const createdBy = textsField(objectField(document, 'container_config') ?? {}, 'Cmd').join(' ');
    layers.unshift({ member: `${next}/layer.tar`, ...(createdBy === '' ? {} : { createdBy }) });
    const parent: string | undefined = textField(document, 'parent') || undefined;
    if (parent !== undefined && !/^[0-9a-f]{64}$/.test(parent)) {
      throw new PlombeError('registry/manifest-invalid', `${subject} has a layer whose parent is no id.`);
    }
    next = parent;
  }
  if (config === undefined) throw new PlombeError('registry/manifest-invalid', `${subject} has no layer.`);
  return { config: { ...config, diffIDs: [] }, layers };
}
