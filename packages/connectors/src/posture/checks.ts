// Every posture check. A new one is an entry in the list of its area; docs/posture.md is made from them.
import { acrAccessChecks } from './checks/acr-access.ts';
import { acrContentChecks } from './checks/acr-content.ts';
import { harborAccessChecks } from './checks/harbor-access.ts';
import { harborContentChecks } from './checks/harbor-content.ts';
import { msrChecks } from './checks/msr.ts';
import { outsideChecks } from './checks/outside.ts';
import type { PostureCheck } from './check.ts';

export const postureChecks: readonly PostureCheck[] = [
  ...outsideChecks,
  ...acrAccessChecks,
  ...acrContentChecks,
  ...harborAccessChecks,
  ...harborContentChecks,
  ...msrChecks,
];
