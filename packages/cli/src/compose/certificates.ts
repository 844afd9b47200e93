// The files of certificate authorities to trust besides the system's, and where each was named.
import { accessSync, constants } from 'node:fs';
import { inert, messageOf, PlombeError } from '@plombe/kit';
import type { Settings } from '../settings/settings.ts';

/**
 * Returns the files of `caFile` and of `SSL_CERT_FILE`, each of which can be read. Throws `config/invalid` that says which variable or setting
 * names one that cannot.
 */
export function certificateFiles(
  values: Settings,
  environment: Readonly<Record<string, string | undefined>>,
): readonly string[] {
  const variable = environment['SSL_CERT_FILE'] ?? '';
  const named = [
    ...(values.caFile ?? []).map((path) => ({ path, by: '--ca-file' })),
    ...(variable === '' ? [] : [{ path: variable, by: 'the variable SSL_CERT_FILE' }]),
  ];
  for (const { path, by } of named) requireReadable(path, by);
  return named.map(({ path }) => path);
}

function requireReadable(path: string, by: string): void {
  try {
    accessSync(path, constants.R_OK);
  } catch (cause) {
    throw new PlombeError(
      'config/invalid',
      `The certificate file ${inert(path)}, named by ${by}, cannot be read: ${messageOf(cause)}`,
      {
        cause,
        remedy: by.startsWith('--')
          ? 'Name a PEM file that exists, with --ca-file, PLOMBE_CA_FILE or caFile in plombe.yaml.'
          : "Name a PEM file that exists, or unset the variable: the system's authorities are trusted without it.",
      },
    );
  }
}
