// The version scheme of R packages, on CRAN and Bioconductor.
import { compareKeys, type VersionKey } from '../key.ts';
import type { VersionScheme } from '../scheme.ts';
import { parseCran } from './parse.ts';

/** The order of R's `package_version`. */
export const cran: VersionScheme<VersionKey> = {
  id: 'cran',
  title: 'R package versions (CRAN, Bioconductor)',
  urls: ['https://stat.ethz.ch/R-manual/R-devel/library/base/html/numeric_version.html'],
  parse: parseCran,
  compare: compareKeys,
};
