// The state every subject is in: there is no silent zero.

/**
 * `assessed`: everything found was compared with data young enough. `partial`: some of it could not be read or compared.
 * `unassessable`: nothing could be said. `stale`: compared, but with data older than the limit.
 */
export type State = 'assessed' | 'partial' | 'unassessable' | 'stale';

/** Why a state is not `assessed`. `code` is stable (`feed/missing`, `distribution/unknown` …); `scope` names what it is about. */
export interface Cause {
  readonly code: string;
  readonly message: string;
  readonly scope?: string;
  /** How many packages it concerns, where that can be told. */
  readonly packages?: number;
  readonly remedy?: string;
}

export interface Assessment {
  readonly state: State;
  /** Empty exactly when `state` is `assessed`. Sorted by code, then scope. */
  readonly causes: readonly Cause[];
}
