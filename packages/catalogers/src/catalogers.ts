// The list of all catalogers. Adding one is one line here and a folder beside.
import type { Cataloger } from './cataloger.ts';
import { rpmCataloger } from './rpm/index.ts';

/** Every cataloger, sorted by id. */
export const catalogers: readonly Cataloger[] = [rpmCataloger];
