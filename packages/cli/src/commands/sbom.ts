// `plombe sbom`: the inventory alone, as CycloneDX or SPDX.
import { inventoryAssessment, isAllowed, renderSbom, sbomFormats } from '@plombe/engine';
import { openSession } from '../compose/context.ts';
import { ownOutputs, platformTarget } from '../compose/reports.ts';
import { openSubject } from '../compose/subject.ts';
import type { LoadedSettings } from '../settings/load.ts';
import { exitCodes } from '../terminal/failure.ts';
import { parseOutputs, writeReport } from '../terminal/output.ts';
import { version } from '../version.ts';

/** Returns 0 for a whole inventory, 3 for one with gaps unless `--allow` names its state. Throws what the sources throw. */
export async function sbomCommand(subject: string, loaded: LoadedSettings): Promise<number> {
  const { values } = loaded;
  const targets = parseOutputs(ownOutputs(loaded, sbomFormats), sbomFormats, 'cyclonedx');
  const { ctx, progress } = openSession(values);
  let exitCode: number = exitCodes.fine;
  for await (const inventory of openSubject(subject, values, ctx)) {
    progress.clear();
    const timestamp = new Date(ctx.clock.nowMs()).toISOString();
    for (const target of targets) {
      const pieces = renderSbom(inventory, target.format, { version, timestamp });
      writeReport(values.allPlatforms === true ? platformTarget(target, inventory) : target, pieces);
    }
    if (!isAllowed(inventoryAssessment(inventory), values.allow ?? [])) exitCode = exitCodes.notAssessed;
  }
  return exitCode;
}
