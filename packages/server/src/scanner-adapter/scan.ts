// One scan for Harbor: the artifact by its digest, with the login that came with the request and no other.
import { buildInventory, scanInventory, type InventoryOptions, type MatchOptions } from '@plombe/engine';
import { inert, PlombeError } from '@plombe/kit';
import type { Context, ScanResult } from '@plombe/model';
import { createRegistryClient, openRegistryImage, type RegistryOptions } from '@plombe/oci';
import type { ScanOrder } from './scan-request.ts';

/** What scans are done with. */
export interface ScanParts {
  /** Proxy, trust, realms; credentials of this process are never used for what somebody else orders. */
  readonly network: Pick<RegistryOptions, 'proxy' | 'caFiles' | 'realmAllow'>;
  /** Opened for each scan, so that an update of the database is seen. */
  readonly openDatabase: () => MatchOptions['database'] & { close(): void };
  /** When the database was built, ISO 8601; for Harbor's page of scanners. */
  readonly databaseBuiltAt: () => string | undefined;
  readonly inventory: InventoryOptions;
  readonly version: string;
}

/** Scans. Throws `registry/…`, and `subject/unresolved` where nothing at all can be said of the image. */
export async function scanArtifact(order: ScanOrder, parts: ScanParts, ctx: Context): Promise<ScanResult> {
  const { registry, credential, artifact } = order;
  const { host } = registry;
  const client = createRegistryClient(
    {
      ...parts.network,
      plainHttp: registry.protocol === 'http:',
      credentials: credential === undefined ? {} : { [host]: credential },
    },
    ctx,
  );
  const database = parts.openDatabase();
  try {
    const reference = { registry: host, repository: artifact.repository, digest: artifact.digest };
    const image = await openRegistryImage(reference, { client }, ctx);
    try {
      if (image.digest !== artifact.digest) {
        throw new PlombeError('registry/platform', `${artifact.digest} is an index: Harbor scans each of its images.`);
      }
      const inventory = await buildInventory(image, parts.inventory, ctx);
      const result = scanInventory(inventory, { database, version: parts.version }, ctx);
      if (result.assessment.state === 'unassessable') throw unassessable(result);
      return result;
    } finally {
      await image.close();
    }
  } finally {
    database.close();
    client.close();
  }
}

/** A report without entries would say that nothing is wrong. */
function unassessable({ assessment }: ScanResult): PlombeError {
  const causes = assessment.causes.map(({ code, message }) => `${code}: ${inert(message)}`).join(' ');
  return new PlombeError('subject/unresolved', `Nothing can be said of this image. ${causes}`);
}
