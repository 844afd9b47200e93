// From a document to an inventory: distribution, layers and packages, and everything that the document does not say.
import { by } from '@plombe/kit';
import type { Diagnostic, Digest, Inventory } from '@plombe/model';
import { distributionOf } from './distribution.ts';
import type { SbomDocument } from './document.ts';
import { layersOf } from './layers.ts';
import { packagesOf } from './packages.ts';
import { subjectOf } from './subject.ts';

export interface InventoryNames {
  /** The subject as the user wrote it. */
  readonly name: string;
  readonly digest?: Digest;
  readonly diagnostics?: readonly Diagnostic[];
}

/** Returns the inventory. It is complete where every component can be compared and neither the document nor what it was made of has a gap. */
export function inventoryOf(document: SbomDocument, { name, digest, diagnostics = [] }: InventoryNames): Inventory {
  const layers = layersOf(document);
  const found = packagesOf(document, layers);
  const distribution = distributionOf(document, found.packages);
  const own = ownDiagnostics(document);
  const gaps = [
    ...diagnostics,
    ...document.diagnostics,
    ...found.diagnostics,
    ...layers.diagnostics,
    ...saidGaps(document, own),
  ];
  return {
    subject: subjectOf(document, name, digest),
    ...(distribution === undefined ? {} : { distribution }),
    layers: layers.layers,
    packages: found.packages,
    diagnostics: [...own, ...gaps].sort(
      by(
        (d) => d.layerIndex ?? -1,
        (d) => d.path ?? '',
        (d) => d.code,
        (d) => d.message,
      ),
    ),
    complete:
      document.complete &&
      layers.layers.every((layer) => layer.complete) &&
      !gaps.some(({ level }) => level === 'error'),
  };
}

/** `code: message (path, layer 3)`; path, layer or both may be absent. */
const told = /^([a-z]+\/[a-z-]+): (.*?)(?: \((?:layer (\d{1,4})|([^()]*?)(?:, layer (\d{1,4}))?)\))?$/s;

/** What Plombe recorded when it made the document, its level in the name of the fact. */
function ownDiagnostics({ facts }: SbomDocument): Diagnostic[] {
  return (['error', 'warning', 'note'] as const).flatMap((level) =>
    (facts.get(`plombe:diagnostic:${level}`) ?? []).flatMap((text): Diagnostic[] => {
      const [, code, message, layerAlone, path, layer = layerAlone] = told.exec(text) ?? [];
      if (code === undefined || message === undefined) return [];
      const layerIndex = layer === undefined ? {} : { layerIndex: Number(layer) };
      return [{ code, level, message, ...(path === undefined ? {} : { path }), ...layerIndex }];
    }),
  );
}

function saidGaps({ complete, format }: SbomDocument, own: readonly Diagnostic[]): Diagnostic[] {
  if (complete || own.length > 0) return [];
  return [
    { code: 'sbom/incomplete', level: 'error', message: `The SBOM (${format}) says itself that it is not complete.` },
  ];
}
