// The server: registry, gate and accounts.
export type { Authenticator, Gate, Identity } from './registry/ports.ts';
export { parseRegistryConfig } from './registry/config.ts';
export { requireKeyPair } from './registry/certificate.ts';
export { notListening } from './registry/listener.ts';
export { defaultFarConfig, parseFarConfig, parseOrigin, type FarConfig } from './upstream/config.ts';
export { replicationMigrations, replicationStatus, type ReplicationStatus } from './upstream/replication/queue.ts';
export { startServer, type GatePlug, type RunningServer, type ServeOptions } from './serve.ts';
export { gatePlug } from './gate/plug.ts';
export { serveScanner, type ScannerChannel } from './gate/scanner/process.ts';
export { openAccounts, type Accounts, type AccountsOptions, type OidcOptions } from './accounts/accounts.ts';
export { accountMigrations } from './accounts/tables.ts';
export { createRobot, listRobots, revokeRobot, type Credential, type Robot } from './accounts/robots.ts';
export { actions, definableRights, parseRights } from './accounts/rights.ts';
export type { Author } from './accounts/events.ts';
export {
  registryOrigin,
  startScannerAdapter,
  type ScannerAdapter,
  type ScannerAdapterOptions,
} from './scanner-adapter/adapter.ts';
export {
  addGrant,
  defineRole,
  knownIssuers,
  listGrants,
  listRoles,
  principalText,
  removeGrant,
  type GrantEntry,
  type Principal,
} from './accounts/grants.ts';
export { disablePerson, enablePerson, listPeople, type Person } from './accounts/people.ts';
export { endCredential, loginByDevice, type DevicePrompt } from './accounts/oidc/device.ts';
