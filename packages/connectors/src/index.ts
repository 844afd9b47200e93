// Connectors of registries.
export type { RegistryConnector, RegistryKind } from './registries/connector.ts';
