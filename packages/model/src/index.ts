// The domain's vocabulary: types and the few pure functions that belong to them.
export { digestAlgorithm, parseDigest, type Digest } from './digest.ts';
export { formatPlatform, type Platform } from './platform.ts';
export type { ContentSink, EntryConsumer, FileHeader, FileType, RawFile } from './file.ts';
export type {
  Descriptor,
  Image,
  ImageConfig,
  ImageLayer,
  LayerContent,
  OpenOptions,
  TocPointer,
  TreeProblem,
} from './image.ts';
export type { Diagnostic } from './diagnostic.ts';
export type { Assessment, Cause, State } from './state.ts';
export { barePurl, formatPurl, parsePurl, type Purl, type PurlParts } from './purl.ts';
export type {
  Distribution,
  Evidence,
  FoundPackage,
  Package,
  PackageOrigin,
  PackageScope,
  PackageType,
  SourcePackage,
} from './package.ts';
export { asInstalled, remedyOf, type Remedy } from './remedy.ts';
export { isSourceTree, isSystemType } from './system-types.ts';
export type { Inventory, InventorySubject, LayerSummary } from './inventory.ts';
export {
  severityOrder,
  type Advisory,
  type AffectedPackage,
  type RangeEvent,
  type Severity,
  type SeverityWord,
  type VersionRange,
  type VulnerabilityStatus,
} from './advisory.ts';
export {
  countBySeverity,
  type EndOfLife,
  type ExploitPrediction,
  type Finding,
  type KnownExploited,
  type MatchedAdvisory,
  type MatchResult,
  type ShardStatus,
  type Suppressed,
  type SuppressedFinding,
  type Unassessed,
  type VexVerdict,
} from './finding.ts';
export { findingStatuses, isStatus, type FindingStatus } from './finding-status.ts';
export type { Clock, Context, Log, ProgressEvent } from './context.ts';
export type { Action, DatabaseSummary, ScanResult } from './scan.ts';
export type { NotationTerms, SigstoreTerms } from './signer.ts';
export {
  countSigners,
  worstVerdict,
  type AttestationResult,
  type SignatureFormat,
  type SignatureResult,
  type Verdict,
  type VerificationCheck,
  type VerificationReport,
} from './verification.ts';
