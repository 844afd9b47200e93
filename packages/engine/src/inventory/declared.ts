// When lock files and manifests count: in a source tree, and not where packages are installed. docs/adr/0024-declared-packages.md
import { catalogers, declaredCatalogers, type Cataloger } from '@plombe/catalogers';
import { by } from '@plombe/kit';
import type { Diagnostic, Image } from '@plombe/model';
import type { LayerRecord } from '../collect/record.ts';

/** Whether packages are taken from lock files and manifests: in source trees, everywhere, nowhere. */
export const declaredChoices = ['auto', 'always', 'never'] as const;
export type DeclaredChoice = (typeof declaredChoices)[number];

/** Returns the catalogers whose files are looked for: a folder may be a source tree, which only its content tells. */
export async function catalogersFor(
  { source }: Pick<Image, 'source'>,
  choice: DeclaredChoice,
): Promise<readonly Cataloger[]> {
  if (choice === 'never' || (choice === 'auto' && source !== 'dir')) return catalogers;
  return [...catalogers, ...(await declaredCatalogers())].sort(by(({ id }) => id));
}

/**
 * Returns the catalogers of declared packages that count, now that the content is known: a folder with a distribution or its packages in it is a root
 * file system. `left`: what is said of lock files that are not read.
 */
export function settle(
  chosen: readonly Cataloger[],
  choice: DeclaredChoice,
  isRootFileSystem: boolean,
  records: readonly LayerRecord[],
): { readonly catalogers: readonly Cataloger[]; readonly left: readonly Diagnostic[] } {
  const declaring = chosen.filter(({ declares }) => declares === true);
  if (choice !== 'auto' || !isRootFileSystem) return { catalogers: declaring, left: [] };
  const ids = new Set(declaring.map(({ id }) => id));
  const paths = new Set(
    records.flatMap(({ files }) => files.filter(({ interest }) => ids.has(interest)).map(({ path }) => path)),
  );
  if (paths.size === 0) return { catalogers: [], left: [] };
  const what = paths.size === 1 ? '1 lock file or manifest was' : `${paths.size} lock files and manifests were`;
  const message = `${what} not read: this is a root file system, where what is installed counts. --declared always reads them too.`;
  return { catalogers: [], left: [{ code: 'package/declared-not-read', level: 'note', message }] };
}
