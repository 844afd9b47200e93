// The server: registry, gate and accounts.
export type { Authenticator, Gate, Identity } from './registry/ports.ts';
