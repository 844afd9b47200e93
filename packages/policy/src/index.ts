// Policies: one document kind, checks and expressions → decision.
export {
  anchorsOf,
  type AttestationNeed,
  type CosignAnchor,
  type EvidenceNeeds,
  type NotationAnchor,
  type PolicyAnchor,
} from './anchors.ts';
export { approvalNeeds, judgeApprovals, type ApprovalState } from './approval/judge.ts';
export { approvalId, approvalTypes, isNarrower } from './approval/statements.ts';
export { breakGlassType, judgeBreakGlass, type BrokenGlass } from './break-glass/break-glass.ts';
export { parsePolicyTest, runPolicyTest, type CaseResult, type PolicyTest } from './cases/run.ts';
export {
  decide,
  strictest,
  type DecideOptions,
  type Decision,
  type DecisionWord,
  type PolicyAnswer,
  type Reason,
} from './decide.ts';
export { documentKinds } from './documents.ts';
export type {
  AnchorAttestations,
  AnchorSignatures,
  ConfigEvidence,
  Place,
  PolicyEvidence,
  PolicyFinding,
  PolicyPackage,
  PolicySubject,
  ScanEvidence,
} from './evidence.ts';
export { compileGlobs } from './glob.ts';
export { parsePolicy, selecting, type Policy } from './policy.ts';
export { promotionTarget } from './promotion.ts';
