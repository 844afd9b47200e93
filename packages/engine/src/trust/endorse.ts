// From what the caller named to who vouches for a signature: certificate, logs, time stamps, and the check of their answers.
import type { Context, Digest } from '@plombe/model';
import { PlombeError, inert } from '@plombe/kit';
import {
  parseBundle,
  parseStatement,
  verifyBundle,
  type LogEntry,
  type Service,
  type Signer,
  type SigningConfig,
  type TrustedRoot,
} from '@plombe/trust';
import type { Endorsers, LoggedSignature, MadeBundle } from './envelope.ts';
import type { ServiceClient } from './http.ts';
import { certifyIdentity, logSignature, servicesOf } from './services.ts';
import { obtainTimestamp, type ObtainedTimestamp, type TimestampAuthority } from './timestamp.ts';
import type { HashName } from '@plombe/pki';

/** What the caller named. Without any member there is no log, no authority and no time stamp. */
export interface EndorsementPlan {
  readonly config?: SigningConfig;
  /** What the answers are verified with before they are kept. */
  readonly trustedRoot?: TrustedRoot;
  /** An OpenID token; the key is then made for this one signature. */
  readonly identityToken?: string;
  readonly timestamp?: TimestampAuthority;
  /** cosign's tags have place for entries of Rekor v1 alone. */
  readonly olderForm: boolean;
}

/** The signer to use, and who vouches for it. */
export interface Endorsement {
  readonly signer: Signer;
  readonly endorsers: Endorsers;
}

/**
 * Prepares the endorsement; only a certificate is asked for at once. Throws `config/invalid` where there is neither key nor token or the
 * configuration names too few services, `service/…`.
 */
export async function endorse(
  named: Signer | undefined,
  plan: EndorsementPlan,
  client: ServiceClient,
  ctx: Context,
): Promise<Endorsement> {
  const { config, identityToken } = plan;
  const logs =
    config === undefined ? [] : servicesOf(config.logs, config.logSelector, plan.olderForm ? [1] : [1, 2], 'logs', ctx);
  const stamp = stampOf(plan, client, ctx);
  let signer = named;
  let certificates: readonly Uint8Array[] = [];
  if (identityToken !== undefined) {
    if (config === undefined || named !== undefined) {
      throw new PlombeError(
        'config/invalid',
        '--identity-token needs a signing configuration, and goes without --key.',
        {
          remedy: 'Give --signing-config FILE, which names the certificate authority, and leave out --key.',
        },
      );
    }
    ({ signer, certificates } = await certifyIdentity(config, identityToken, client, ctx));
  }
  if (signer === undefined) {
    throw new PlombeError('config/invalid', 'There is no key to sign with.', {
      remedy: 'Give --key, or --identity-token with --signing-config.',
    });
  }
  const endorsers: Endorsers = {
    certificates,
    ...(stamp === undefined ? {} : { stamp }),
    ...(logs.length === 0 ? {} : { log: (logged) => logIn(logs, logged, client) }),
    confirm: (bundle, made) => confirmBundle(bundle, made, plan.trustedRoot),
  };
  return { signer, endorsers };
}

/** Who stamps, for signers that need nothing else of a plan; undefined where no authority was named. Throws as `endorse`. */
export function stampOf(plan: EndorsementPlan, client: ServiceClient, ctx: Context): Endorsers['stamp'] {
  const authorities = authoritiesOf(plan, ctx);
  if (authorities.length === 0) return undefined;
  return (stamped, hash) => stampBy(authorities, stamped, hash, client, ctx);
}

function authoritiesOf({ config, timestamp }: EndorsementPlan, ctx: Context): readonly TimestampAuthority[] {
  if (timestamp !== undefined) return [timestamp];
  if (config === undefined) return [];
  const { timestampAuthorities, timestampSelector } = config;
  return servicesOf(timestampAuthorities, timestampSelector, [1], 'time stamp authorities', ctx).map(({ url }) => ({
    url,
    roots: [],
  }));
}

async function stampBy(
  authorities: readonly TimestampAuthority[],
  stamped: Uint8Array,
  hash: HashName,
  client: ServiceClient,
  ctx: Context,
): Promise<readonly ObtainedTimestamp[]> {
  return Promise.all(authorities.map((authority) => obtainTimestamp(authority, stamped, hash, client, ctx)));
}

function logIn(logs: readonly Service[], logged: LoggedSignature, client: ServiceClient): Promise<readonly LogEntry[]> {
  return Promise.all(logs.map((log) => logSignature(log, logged, client)));
}

/**
 * Verifies the bundle as others will. Without a trusted root, who signed entries and time stamps stays open, but they must be about this
 * signature; with one, each must be vouched for. Throws `service/refused`.
 */
function confirmBundle(bytes: Uint8Array, made: MadeBundle, trustedRoot: TrustedRoot | undefined): void {
  const digest = subjectOf(bytes);
  const result = verifyBundle({
    bundle: bytes,
    subject: { digest },
    expect: { kind: 'any' },
    trust: {
      anchor: { kind: 'keys', keys: [made.signer.publicKey] },
      ...(trustedRoot === undefined ? {} : { trustedRoot, requireLogs: made.logs, requireTimestamps: made.timestamps }),
    },
  });
  if (result.verdict === 'verified') return;
  const problems = result.checks.filter(({ outcome }) => outcome === 'fail').map(({ message }) => message);
  throw new PlombeError(
    'service/refused',
    `What was signed does not verify, so it was not stored: ${problems.join(' ')}`,
  );
}

/** The digest that the statement in the bundle is about. */
function subjectOf(bytes: Uint8Array): Digest {
  const bundle = parseBundle(bytes);
  const statement =
    bundle.kind === 'parsed' && bundle.value.content.kind === 'envelope'
      ? parseStatement(bundle.value.content.envelope.payload)
      : undefined;
  const [entry] = statement?.kind === 'parsed' ? (statement.value.subjects[0]?.digest ?? []) : [];
  if (entry === undefined) throw new PlombeError('internal/bug', inert('The bundle made has no subject.'));
  return `${entry[0]}:${entry[1]}` as Digest;
}
