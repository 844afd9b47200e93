// All enrichment feeds. A new one is a folder and a line here.
import type { EnrichmentFeed } from './enrichment/contract.ts';
import { endoflife } from './enrichment/endoflife/index.ts';
import { epss } from './enrichment/epss/index.ts';
import { ghsa } from './enrichment/ghsa/index.ts';
import { kev } from './enrichment/kev/index.ts';
import { nvdScores } from './enrichment/nvd/index.ts';
import { vulnrichment } from './enrichment/vulnrichment/index.ts';

/** The enrichment feeds, sorted by id. */
export const enrichments: readonly EnrichmentFeed[] = [endoflife, epss, ghsa, kev, nvdScores, vulnrichment];
