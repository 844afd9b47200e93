// The use cases that combine the parts: inventory, scan, and the reports of their results.
export { layersAhead, type LayerAhead, type LayerReader } from './inventory/ahead.ts';
export { buildInventory, inventoryOf, type InventoryOptions } from './inventory/inventory.ts';
export { Exclusion } from './inventory/exclude.ts';
export { inventoryAssessment, renderSbom, sbomFormats, type SbomOptions } from './inventory/sbom.ts';
export { parsePurlList } from './purls/parse.ts';
export { withLines, type ReadTreeFile } from './lines/with-lines.ts';
export { treeFolder } from './reports/placed/placed.ts';
export { leaveOutOf, scanImage, scanInventory, type MatchOptions, type ScanOptions } from './scan/scan.ts';
export { parseIgnoreFile } from './scan/ignore-file.ts';
export type { LeaveOut } from './scan/leave-out.ts';
export { distributionSupport, exitCodeOf, isAllowed, type ExitOptions } from './scan/exit.ts';
export { openReportFormat, reportFormats } from './reports/reports.ts';
export type { Language, RenderOptions, ReportFormat } from './reports/report.ts';
export { json as jsonReport } from './reports/json/index.ts';
export { parseReport } from './reports/saved/parse.ts';
export { diffResults, isDifferent, newFindingsAt } from './reports/diff/diff.ts';
export { renderDiff } from './reports/diff/text.ts';
export { layersDocument, renderLayers } from './reports/layers/layers.ts';
export { openTemplate } from './reports/template/index.ts';
export { layoutTable, wrap, type Column } from './reports/table/layout.ts';
export { describePackages, packagesNamed } from './reports/explained/package.ts';
export { describeVulnerability } from './reports/explained/vulnerability.ts';
export { paletteFor } from './reports/table/palette.ts';
export { renderAssessment } from './reports/table/summary.ts';
export { attestScan } from './attested/attest.ts';
export { attestIndex, type IndexScanFacts } from './attested/index-attest.ts';
export { indexRecords } from './attested/index-records.ts';
export { openIndexScan, type ListedImage } from './attested/index-scan.ts';
export { attestedPart } from './attested/part.ts';
export { attestDecision, decisionAttestable, type DecidedSubject } from './attested/decision.ts';
export { decisionRecord } from './attested/decided.ts';
export { scanRecords, type AttestedParts } from './attested/records.ts';
export { compareFingerprint, runTimePaths, type FingerprintReport } from './fingerprint/compare.ts';
export { readFingerprint } from './fingerprint/fingerprint.ts';
export { renderComparison, renderFingerprint } from './fingerprint/text.ts';
export type { Anchor } from './trust/anchor.ts';
export { judgeFoundApprovals, requestToGrant, storeApproval, type StoredApproval } from './trust/approve.ts';
export { createKeyVault } from './trust/azure-key-vault.ts';
export { verifyBundleFile } from './trust/bundle-file.ts';
export { endorse, stampOf, type Endorsement, type EndorsementPlan } from './trust/endorse.ts';
export { revocationFetch } from './trust/fetch.ts';
export { readSmallFile } from './trust/files.ts';
export { createServiceClient, serviceUrl, shownUrl, type ServiceClient } from './trust/http.ts';
export { openPublicKey, openSigner, type AlgorithmChoice, type KeySources, type KeyVault } from './trust/keys.ts';
export {
  openNotationAnchor,
  openSigstoreAnchor,
  parsed,
  readTrustedRoot,
  type NotationNames,
  type NotationSources,
  type SigstoreNames,
} from './trust/open-anchor.ts';
export { isPluginKey, openPluginKey, verificationPlugins, type FindPlugin } from './trust/plugin-key.ts';
export { attestSubject, signSubject, type SigningTask } from './trust/sign.ts';
export { signNotary, type StoredNotarySignature } from './trust/sign-notary.ts';
export { resolveSubjectDigest } from './trust/subject.ts';
export { verificationDocument } from './trust/report.ts';
export { renderVerification } from './trust/text.ts';
export {
  describeTrustRoot,
  refreshTrustRoot,
  trustRootFolderName,
  writeWhole,
  type TrustRootEntry,
} from './trust/trust-root.ts';
export { gatherEvidence, verifyAttestations, verifySubject, type Demands, type Evidence } from './trust/verify.ts';
export { verifyByPolicy } from './trust/verify-policy.ts';
export { openAnchors, type AnchorSources } from './policy/anchors.ts';
export { readPolicy, readPolicyTest } from './policy/files.ts';
export { readFleet, type FleetEntry } from './policy/fleet.ts';
export { scanEvidence } from './policy/scan-evidence.ts';
export { verifyNeeds } from './policy/signatures.ts';
export { policySubject } from './policy/subject.ts';
export { renderDecision, renderFleet, type FleetRow } from './policy/text.ts';
