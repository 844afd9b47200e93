// Every posture check. A new one is an entry in the list of its area; docs/posture.md is made from them.
import { acrChecks } from './checks/acr.ts';
import { harborChecks } from './checks/harbor.ts';
import { msrChecks } from './checks/msr.ts';
import { outsideChecks } from './checks/outside.ts';
import type { PostureCheck } from './check.ts';

export const postureChecks: readonly PostureCheck[] = [...outsideChecks, ...acrChecks, ...harborChecks, ...msrChecks];
