// The version scheme of conda.
import { compareKeys, type VersionKey } from '../key.ts';
import type { VersionScheme } from '../scheme.ts';
import { parseConda } from './parse.ts';

/** The order of conda's packages: `VersionOrder`. */
export const conda: VersionScheme<VersionKey> = {
  id: 'conda',
  title: 'conda package versions',
  urls: ['https://docs.conda.io/projects/conda-build/en/stable/resources/package-spec.html#build-version-spec'],
  parse: parseConda,
  compare: compareKeys,
};
