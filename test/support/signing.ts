// What tests of signing share: the program in a home of its own, key pairs made once, and results as one JSON document.
import { join } from 'node:path';
import { expect } from 'vitest';
import { installed, temporaryFolder, type Outcome, type RunOptions } from './plombe.ts';

/** The one document of `verify` and `verify-attestation`. */
export interface Result {
  readonly verdict: string;
  readonly subject: { readonly reference?: string; readonly digest: string };
  readonly signatures: readonly SignatureView[];
  readonly attestations: readonly (SignatureView & { predicateType: string; statement?: { predicate?: unknown } })[];
  readonly reasons: readonly string[];
}

/** A result in it. */
export interface SignatureView {
  readonly format: string;
  readonly digest: string;
  readonly verdict: string;
  readonly signer?: string;
  readonly annotations: Record<string, string>;
  readonly checks: readonly { id: string; outcome: string; message: string }[];
}

/** The program with an empty passphrase, and what is often done with it. */
export interface SigningProgram {
  readonly home: string;
  readonly plombe: (args: readonly string[], options?: RunOptions) => Promise<Outcome>;
  /** Runs with `--plain-http -o json`. */
  readonly json: (...args: readonly string[]) => Promise<{ code: number | undefined; result: Result }>;
  /** Runs with `--plain-http` and demands success. */
  readonly done: (...args: readonly string[]) => Promise<Outcome>;
  /** Makes a key pair once; returns `PREFIX` of its two files. */
  readonly keyPair: (name: string, type?: string) => Promise<string>;
}

/** Opens it, in a folder that goes away with the test file. */
export function openSigningProgram(): SigningProgram {
  const home = temporaryFolder();
  const run = installed(home);
  const made = new Map<string, Promise<string>>();
  const plombe: SigningProgram['plombe'] = (args, options = {}) =>
    run(args, { ...options, env: { PLOMBE_KEY_PASSWORD: '', ...options.env } });
  return {
    home,
    plombe,
    json: async (...args) => {
      const { code, stdout, stderr } = await plombe([...args, '--plain-http', '-o', 'json']);
      if (stdout === '') throw new Error(`exit code ${code}: ${stderr}`);
      return { code, result: JSON.parse(stdout) as Result };
    },
    done: async (...args) => {
      const outcome = await plombe([...args, '--plain-http']);
      expect(outcome, outcome.stderr).toMatchObject({ code: 0 });
      return outcome;
    },
    keyPair: (name, type = 'ecdsa-p256') => {
      let pair = made.get(name);
      if (pair === undefined) {
        pair = plombe(['keys', 'generate', '--type', type, '--out', name]).then(({ code, stderr }) => {
          expect(code, stderr).toBe(0);
          return join(home, name);
        });
        made.set(name, pair);
      }
      return pair;
    },
  };
}
