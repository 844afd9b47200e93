// `plombe layers`: each layer with its instruction, size, packages and findings.
import { isAllowed, layersDocument, renderLayers } from '@plombe/engine';
import { PlombeError } from '@plombe/kit';
import { openSession } from '../compose/context.ts';
import { textOrJson } from '../compose/output.ts';
import { openResults } from '../compose/results.ts';
import type { LoadedSettings } from '../settings/load.ts';
import { exitCodes } from '../terminal/failure.ts';

/** Prints the layers per image. `only`: the text of `--layer`. Returns 0, or 3 where that was not fully assessed and `--allow` does not name its state. */
export async function layersCommand(subject: string, loaded: LoadedSettings, only: unknown): Promise<number> {
  const { values } = loaded;
  const write = textOrJson(loaded);
  const index = typeof only === 'string' ? layerIndex(only) : undefined;
  const { ctx, progress } = openSession(values);
  let exitCode: number = exitCodes.fine;
  try {
    for await (const result of openResults(subject, values, ctx)) {
      progress.clear();
      const { layers } = result.inventory;
      if (index !== undefined && !layers.some((layer) => layer.index === index)) {
        throw new PlombeError('config/invalid', `There is no layer ${index}; there are ${layers.length}, from 0.`);
      }
      write({ json: layersDocument(result, index), text: (options) => renderLayers(result, options, index) });
      if (!isAllowed(result.assessment, values.allow ?? [])) exitCode = exitCodes.notAssessed;
    }
  } finally {
    progress.clear();
  }
  return exitCode;
}

function layerIndex(text: string): number {
  if (/^\d{1,4}$/.test(text)) return Number(text);
  throw new PlombeError('config/invalid', '--layer must be the number of a layer, from 0.');
}
