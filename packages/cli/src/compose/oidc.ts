// Where people log in to the server, by the flags of `serve`.
import { inert, mebibyte, messageOf, PlombeError, readBounded } from '@plombe/kit';
import type { AccountsOptions } from '@plombe/server';
import type { Settings } from '../settings/settings.ts';
import type { Flags } from './ledger.ts';
import { registryOptions } from './registry.ts';

/** Reads `--oidc-…`; nothing where no issuer is named. Throws `config/invalid`. */
export function peopleOptions(values: Settings, flags: Flags): Pick<AccountsOptions, 'oidc' | 'network'> {
  const { oidcIssuer: issuer, oidcClientId: clientId, oidcClientSecretFile: file, oidcAdminGroup: adminGroup } = flags;
  if (typeof issuer !== 'string') {
    const other = [clientId, file, adminGroup].some((value) => value !== undefined);
    if (other) throw invalid('The --oidc flags need --oidc-issuer.', 'Name the issuer as its discovery document does.');
    return {};
  }
  const url = URL.parse(issuer);
  const loopback = /^(?:localhost|127\.[0-9.]+|\[::1\])$/.test(url?.hostname ?? '');
  const secure = url?.protocol === 'https:' || (url?.protocol === 'http:' && loopback);
  if (url === null || !secure || `${url.search}${url.hash}${url.username}` !== '') {
    throw invalid(`--oidc-issuer ${inert(issuer)} is no https address.`, 'Write it as its discovery document does.');
  }
  if (typeof clientId !== 'string')
    throw invalid('--oidc-issuer needs --oidc-client-id.', 'Register Plombe with the issuer.');
  const { proxy, caFiles } = registryOptions(values, process.env);
  return {
    oidc: {
      issuer,
      clientId,
      ...(typeof file === 'string' ? { clientSecret: readSecret(file) } : {}),
      ...(typeof adminGroup === 'string' ? { adminGroup } : {}),
    },
    network: { ...(proxy === undefined ? {} : { proxy }), ...(caFiles === undefined ? {} : { caFiles }) },
  };
}

/** A file, not a flag: the list of processes shows flags to everybody. (T66) */
function readSecret(path: string): string {
  let text: string;
  try {
    text = readBounded(path, mebibyte).toString('utf8').trim();
  } catch (cause) {
    throw invalid(
      `--oidc-client-secret-file ${inert(path)} cannot be read: ${messageOf(cause)}`,
      'Check path and permissions.',
    );
  }
  if (text === '') throw invalid(`--oidc-client-secret-file ${inert(path)} is empty.`, 'Write the secret into it.');
  return text;
}

function invalid(message: string, remedy: string): PlombeError {
  return new PlombeError('config/invalid', message, { remedy });
}
