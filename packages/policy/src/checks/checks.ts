// Every check there is. Adding one: a file beside this one, and a line here.
import { approvals } from './approvals.ts';
import { attestations } from './attestations.ts';
import { baseImages } from './base-images.ts';
import type { PolicyCheck } from './check.ts';
import { conditions } from './conditions.ts';
import { digestOnly } from './digest-only.ts';
import { healthcheck } from './healthcheck.ts';
import { labels } from './labels.ts';
import { latestTag } from './latest-tag.ts';
import { licences } from './licences.ts';
import { ports } from './ports.ts';
import { registries } from './registries.ts';
import { repositories } from './repositories.ts';
import { secrets } from './secrets.ts';
import { signatures } from './signatures.ts';
import { state } from './state.ts';
import { user } from './user.ts';
import { vulnerabilities } from './vulnerabilities.ts';

/** In the order in which reasons are given. */
export const checks: readonly PolicyCheck[] = [
  registries,
  repositories,
  digestOnly,
  latestTag,
  signatures,
  attestations,
  approvals,
  state,
  vulnerabilities,
  baseImages,
  licences,
  secrets,
  user,
  healthcheck,
  labels,
  ports,
  conditions,
];

/** What exceptions may name. */
export const checkIds: readonly string[] = checks.map(({ id }) => id);
