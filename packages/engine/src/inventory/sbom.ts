// The use case `sbom`: the inventory alone in a standard format, with the state the inventory itself is in.
import { renderCycloneDx, renderSpdx } from '@plombe/sbom';
import type { Assessment, Cause, Inventory } from '@plombe/model';

export interface SbomOptions {
  readonly version: string;
  /** ISO 8601; absent: the document names no time. */
  readonly timestamp?: string;
}

/** The formats `plombe sbom` writes. */
export const sbomFormats: readonly string[] = ['cyclonedx', 'spdx'];

/** Renders the inventory as CycloneDX 1.6 or SPDX 2.3 JSON, in pieces. */
export function renderSbom(inventory: Inventory, format: string, options: SbomOptions): Iterable<string> {
  const { version, timestamp } = options;
  const rendering = {
    tool: { name: 'plombe' as const, version },
    assessment: inventoryAssessment(inventory),
    ...(timestamp === undefined ? {} : { timestamp }),
  };
  return format === 'spdx' ? renderSpdx(inventory, rendering) : renderCycloneDx(inventory, rendering);
}

/** The state of an inventory before anything is compared: whole, with gaps, or with nothing in it that could be named. */
export function inventoryAssessment(inventory: Inventory): Assessment {
  if (inventory.packages.length === 0) {
    const message =
      inventory.distribution === undefined
        ? 'No known distribution and no package was found.'
        : `No package was found, although the image says it is ${inventory.distribution.name ?? inventory.distribution.id}.`;
    const code = inventory.distribution === undefined ? 'distribution/unknown' : 'inventory/empty';
    return { state: 'unassessable', causes: [{ code, message }] };
  }
  if (inventory.complete) return { state: 'assessed', causes: [] };
  const causes = inventory.diagnostics
    .filter((note) => note.level === 'error')
    .map((note): Cause => ({ code: note.code, message: note.message }));
  return {
    state: 'partial',
    causes: causes.length > 0 ? causes : [{ code: 'archive/corrupt', message: 'Not everything could be read.' }],
  };
}
