// Enough people other than the requester approved this digest, for this place, and their approval has neither ended nor been taken back.
import { inert } from '@plombe/kit';
import { approvalAnchors, judgeApprovals, type ApprovalAnchors } from '../approval/judge.ts';
import { beforePush } from './before-push.ts';
import { count, defineCheck, unknown } from './check.ts';

interface Parameters {
  readonly anchors: ApprovalAnchors;
  readonly atLeast: number;
}

const states = {
  counts: '',
  expired: 'has ended',
  revoked: 'was taken back',
  'own-request': 'is of the requester himself',
  'no-request': 'answers no request that is known',
  'other-scope': 'is for another place',
} as const;

export const approvals = defineCheck<Parameters>({
  id: 'approvals',
  needs: ['attestations'],
  parameters: ({ approvals: asked }, { folder }) =>
    asked === undefined ? [] : [{ value: { anchors: approvalAnchors(asked, folder), atLeast: asked.atLeast ?? 1 } }],
  check(subject, evidence, { anchors, atLeast }, { nowMs }) {
    const remedy = () =>
      subject.isRejected === true
        ? beforePush('approved', 'by people that the policy names', 'approvals')
        : `Ask for it: plombe approve request ${inert(subject.reference)} --policy FILE --key KEY; then someone else grants it: plombe approve grant.`;
    const judged = judgeApprovals(anchors, evidence, nowMs);
    if (judged.isMissing) return unknown('Approvals were not looked for.', 'nothing', remedy);
    const refused = judged.approvals.flatMap(({ state, approver }) =>
      state === 'counts' ? [] : [`That of ${inert(approver)} ${states[state]}.`],
    );
    const isEnough = judged.approvers.size >= atLeast;
    const message = [`Approved by ${count(judged.approvers.size, 'person')}; ${atLeast} required.`, ...refused].join(
      ' ',
    );
    const doubts = judged.doubts.map(inert);
    return {
      violations: isEnough || doubts.length > 0 ? [] : [{ message }],
      // What was not read may be the revocation, so a doubt also counts against enough approvals.
      unknowns: doubts.length > 0 ? [message, ...doubts] : [],
      passed: `Approved by ${[...judged.approvers].map(inert).join(', ')}.`,
      lookedAt: `${count(judged.requests.length, 'request')}, ${count(judged.approvals.length, 'approval')}, ${count(judged.revoked.size, 'revocation')}`,
      remedy,
    };
  },
});
