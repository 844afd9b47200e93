// Where the blobs of a registry are, remembered in its database: started with another place, every image would be broken.
import { inert, PlombeError } from '@plombe/kit';
import type { BlobAddress } from '../blobs/address.ts';
import type { Database } from '../sqlite/database.ts';

/** Returns the address that the server was last started with, as it was written; undefined: the folder. */
export function rememberedBlobs(db: Database): string | undefined {
  return db.get<{ address: string }>('SELECT address FROM blob_place')?.address;
}

/** Remembers the place; `address` undefined: the folder. Throws `config/invalid` where the registry has its blobs at another. */
export function rememberBlobs(db: Database, address: BlobAddress | undefined, text = ''): void {
  db.transaction(() => {
    const known = db.get<{ place: string }>('SELECT place FROM blob_place')?.place ?? (hasBlobs(db) ? '' : undefined);
    if (known !== undefined && known !== (address?.place ?? '')) {
      const place = known === '' ? 'in its folder' : `at ${inert(known)}`;
      throw new PlombeError('config/invalid', `The blobs of this registry are ${place}.`, {
        remedy: 'Give the --blobs that it was begun with; for another place begin a new folder and copy the images.',
      });
    }
    if (address === undefined) return;
    db.run(
      `INSERT INTO blob_place (id, place, address) VALUES (1, ?, ?)
       ON CONFLICT (id) DO UPDATE SET address = excluded.address`,
      address.place,
      text,
    );
  });
}

function hasBlobs(db: Database): boolean {
  return db.get('SELECT 1 FROM blobs LIMIT 1') !== undefined || db.get('SELECT 1 FROM manifests LIMIT 1') !== undefined;
}
