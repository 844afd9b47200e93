// Which engines decode: Node's native contexts where this Node has the expected ones, else its public streams.
import type { Engines } from './engine.ts';
import { observeContexts } from './native-contexts.ts';
import { nativeEngines } from './native-engine.ts';
import { streamEngines } from './stream-engine.ts';

let chosen: Engines | undefined;

/** Returns the fastest engines that this Node has (docs/adr/0002-inflate.md). Both kinds give the same bytes and problems. */
export function defaultEngines(): Engines {
  const contexts = chosen === undefined ? observeContexts() : undefined;
  chosen ??= contexts === undefined ? streamEngines : nativeEngines(contexts);
  return chosen;
}
