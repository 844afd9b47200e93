// Connectors of registries.
export type { RegistryConnector, RegistryKind } from './registries/connector.ts';
export { acrConnector, type AcrOptions } from './registries/acr/index.ts';
export { harborConnector, type HarborOptions } from './registries/harbor/index.ts';
export { openScannerClient, type ScannerClient, type ScanTask } from './scanners/client.ts';
export type { ReportedFinding, ReportingScanner, ScannerReport } from './scanners/findings.ts';
