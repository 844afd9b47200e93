// Whom a caller trusts to sign: keys, certificate identities, or the trust policy and trust store of the Notary Project.
import type { OciTrustPolicy, RevocationSource, TrustStore, VerificationPlugin } from '@plombe/notation';
import type { Trust } from '@plombe/trust';

/** One way to be satisfied. Signatures of the other world do not count for it. */
export type Anchor =
  | { readonly kind: 'sigstore'; readonly trust: Trust }
  | {
      readonly kind: 'notation';
      readonly policy: OciTrustPolicy;
      readonly store: TrustStore;
      /** Absent: no revocation state is asked for, so it is unknown where a policy wants it. */
      readonly revocation?: RevocationSource;
      /** Finds the plugin that a signature demands; absent: such signatures are rejected. */
      readonly plugin?: (name: string) => Promise<VerificationPlugin | undefined>;
      /** True: a signature without a time stamp that holds is refused, whatever the policy says. */
      readonly requireTimestamp?: boolean;
    };
