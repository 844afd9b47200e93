// Everything that is fuzzed. A new reader is one more line in one of these lists.
import type { FuzzTarget } from '../target.ts';
import { catalogerTargets } from './catalogers.ts';
import { documentTargets } from './documents.ts';
import { feedTargets } from './feeds.ts';
import { formatTargets } from './formats.ts';
import { networkTargets } from './network.ts';
import { serviceTargets } from './services.ts';
import { signatureTargets } from './signatures.ts';
import { streamTargets } from './streams.ts';
import { textTargets } from './texts.ts';
import { stateTargets } from './state.ts';
import { layerTargets } from './layers.ts';
import { verificationTargets } from './verification.ts';

/** The targets; their names are the folders of test/corpus. */
export const targets: readonly FuzzTarget[] = [
  ...catalogerTargets,
  ...documentTargets,
  ...textTargets,
  ...serviceTargets,
  ...networkTargets,
  ...feedTargets,
  ...formatTargets,
  ...signatureTargets,
  ...verificationTargets,
  ...streamTargets,
  ...layerTargets,
  ...stateTargets,
];
