// The use case `sbom`: the inventory alone in a standard format, with the state the inventory itself is in.
import { renderCycloneDx, renderSpdx } from '@plombe/sbom';
import {
  isSourceTree,
  isSystemType,
  type Assessment,
  type Cause,
  type Diagnostic,
  type Inventory,
} from '@plombe/model';

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

/** As many causes as a person reads; the diagnostics beside them have all. */
const maxCauses = 20;

/** The state of an inventory before anything is compared: whole, with gaps, or with nothing in it that could be named. */
export function inventoryAssessment(inventory: Inventory): Assessment {
  if (inventory.packages.length === 0) {
    const isTree = isSourceTree(inventory);
    const message = isTree
      ? 'No package was found.'
      : inventory.distribution === undefined
        ? 'No known distribution and no package was found.'
        : `No package was found, although the image says it is ${inventory.distribution.name ?? inventory.distribution.id}.`;
    const code = inventory.distribution === undefined && !isTree ? 'distribution/unknown' : 'inventory/empty';
    return { state: 'unassessable', causes: [...gaps(inventory, 'error'), { code, message }] };
  }
  const removed = inventory.packages.some(({ type }) => isSystemType(type)) ? [] : noDatabase(inventory);
  if (inventory.complete && removed.length === 0) return { state: 'assessed', causes: [] };
  const errors = gaps(inventory, 'error');
  const warnings = inventory.complete ? [] : gaps(inventory, 'warning');
  const excluded = warnings.filter(({ code }) => code === 'inventory/excluded');
  const causes = [...(errors.length > 0 ? [...excluded, ...errors] : warnings), ...removed];
  return {
    state: 'partial',
    causes: causes.length > 0 ? causes : [{ code: 'archive/corrupt', message: 'Not everything could be read.' }],
  };
}

/** The cause of a distribution without one package of its own, unless a cataloger told it. */
function noDatabase({ distribution, diagnostics }: Inventory): Cause[] {
  const code = 'package/database-missing';
  if (distribution === undefined || diagnostics.some((note) => note.code === code && note.level === 'error')) return [];
  const name = distribution.name ?? distribution.id;
  return [{ code, message: `The image says it is ${name}, but has no package database of it.` }];
}

/** What could not be read, in the inventory's order. */
function gaps({ diagnostics }: Inventory, wanted: Diagnostic['level']): Cause[] {
  return diagnostics
    .filter(({ level }) => level === wanted)
    .slice(0, maxCauses)
    .map(({ code, message }): Cause => ({ code, message }));
}
