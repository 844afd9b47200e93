// Who vouches for a signature besides its key: exactly the logs, authorities and time stamps that flags name.
import {
  type AlgorithmChoice,
  createServiceClient,
  endorse,
  stampOf,
  parsed,
  readSmallFile,
  readTrustedRoot,
  serviceUrl,
  shownUrl,
  type Endorsement,
  type EndorsementPlan,
} from '@plombe/engine';
import { inert, isPlombeError, kibibyte, mebibyte, PlombeError } from '@plombe/kit';
import type { Context } from '@plombe/model';
import type { NetworkOptions } from '@plombe/oci';
import { isSelfSigned, parseCertificates, type Certificate } from '@plombe/pki';
import { parseSigningConfig, type Signer, type SigningConfig } from '@plombe/trust';

/** The services of one command. */
export interface OpenEndorsers {
  /** Returns the signer to use, with a certificate where a token was given, and who vouches for it. Throws `config/invalid`, `service/…`. */
  endorse(named: Signer | undefined): Promise<Endorsement>;
  /** Who stamps what a plugin signs; undefined where no authority was named. */
  stamp(): Endorsement['endorsers']['stamp'];
  /** How a key must sign so that the logs take it; Rekor v2 takes P-384 with its own hash only. */
  readonly choose: AlgorithmChoice;
  close(): void;
}

type Flags = Readonly<Record<string, unknown>>;

/** A configuration has 3 KiB, a token 2 KiB (T48). */
const maxConfigBytes = mebibyte;
const maxTokenBytes = 64 * kibibyte;
/** A chain has three certificates of 2 KiB; a file with all public roots 220 KiB. */
const maxCertificateFileBytes = mebibyte;

/** Reads the flags; no service is asked before a signature is made. Throws `config/invalid`, `source/…`. */
export function openEndorsers(flags: Flags, network: NetworkOptions, ctx: Context): OpenEndorsers {
  const plan = planOf(flags);
  const client = createServiceClient(network, ctx);
  const second = plan.config?.logs.some(({ apiVersion }) => apiVersion === 2) === true;
  return {
    choose: (key) => (second && key.asymmetricKeyDetails?.namedCurve === 'secp384r1' ? 'ecdsa-p384-sha384' : undefined),
    close: () => client.close(),
    endorse: (named) => endorse(named, plan, client, ctx),
    stamp: () => stampOf(plan, client, ctx),
  };
}

function planOf(flags: Flags): EndorsementPlan {
  const text = (name: string): string | undefined => (typeof flags[name] === 'string' ? flags[name] : undefined);
  const [url, root] = [text('timestampUrl'), text('timestampRoot')];
  const [config, trustedRoot, token] = [text('signingConfig'), text('trustedRoot'), text('identityToken')];
  if ((url === undefined) !== (root === undefined)) {
    throw new PlombeError('config/invalid', '--timestamp-url and --timestamp-root belong together.');
  }
  if (url !== undefined && serviceUrl(url) === undefined) {
    throw new PlombeError('config/invalid', `--timestamp-url ${shownUrl(url)} is not the address of a service.`, {
      remedy: 'Give an http or https address without a login.',
    });
  }
  return {
    olderForm: flags['format'] === 'tag',
    ...(config === undefined ? {} : { config: readSigningConfig(config) }),
    ...(trustedRoot === undefined ? {} : { trustedRoot: readTrustedRoot(trustedRoot) }),
    ...(token === undefined
      ? {}
      : { identityToken: readSmallFile(token, 'The identity token', maxTokenBytes).toString('utf8').trim() }),
    ...(url === undefined || root === undefined
      ? {}
      : { timestamp: { url, ...readAuthority(root, flags['format'] === 'jws' || flags['format'] === 'cose') } }),
  };
}

/**
 * Reads a file of the root alone, or of the authority's whole chain. Notary's envelopes must bring the chain along, since trust stores hold roots;
 * what the file holds between is then of no use. Throws `source/…`, `config/invalid` where there is no root.
 */
function readAuthority(path: string, notary: boolean): Omit<NonNullable<EndorsementPlan['timestamp']>, 'url'> {
  const certificates = readCertificates(path);
  const roots = certificates.filter(isSelfSigned);
  if (roots.length > 0) return notary ? { roots } : { roots, intermediates: certificates };
  throw new PlombeError('config/invalid', `${inert(path)} holds no root certificate.`, {
    remedy: 'Give the root of the time stamp authority with --timestamp-root; its chain may be in the file, too.',
  });
}

function readSigningConfig(path: string): SigningConfig {
  const bytes = readSmallFile(path, 'The signing configuration', maxConfigBytes);
  return parsed(
    parseSigningConfig(bytes),
    (message) =>
      new PlombeError('config/invalid', `The signing configuration ${inert(path)} is not valid: ${message}.`),
  );
}

/** Reads certificates in PEM. Throws `source/…`, `config/invalid` where there are none. */
export function readCertificates(path: string): readonly Certificate[] {
  const text = readSmallFile(path, 'The certificates', maxCertificateFileBytes).toString('latin1');
  const fail = (reason: string, cause?: unknown): PlombeError =>
    new PlombeError('config/invalid', `${inert(path)} ${reason}`, { cause, remedy: 'Give certificates in PEM.' });
  try {
    const certificates = parseCertificates(text);
    if (certificates.length > 0) return certificates;
  } catch (error) {
    if (!isPlombeError(error)) throw error;
    throw fail(`cannot be used: ${error.message}`, error);
  }
  throw fail('holds no certificate.');
}
