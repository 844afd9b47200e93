// Plombe itself against a registry of the loopback, and its reports as data.
import { installed, type Outcome } from '../../support/plombe.ts';

/** What `plombe verify -o json` prints, as far as tests look at it. */
export interface Report {
  readonly verdict: string;
  readonly subject: { readonly digest: string };
  readonly signatures: readonly {
    readonly format: string;
    readonly verdict: string;
    readonly signer?: string;
    readonly annotations: Readonly<Record<string, string>>;
    readonly checks: readonly { readonly id: string; readonly outcome: string; readonly message: string }[];
  }[];
  readonly attestations: readonly { readonly predicateType: string; readonly statement: { predicate: unknown } }[];
  readonly reasons: readonly string[];
}

export interface Program {
  /** Runs a command as it stands. */
  readonly run: (...args: readonly string[]) => Promise<Outcome>;
  /** Runs a command about a subject in a registry without TLS. */
  readonly over: (...args: readonly string[]) => Promise<Outcome>;
  /** Runs `verify` or `verify-attestation` over such a registry; returns the exit code with the verdict, and the report. */
  readonly verify: (
    ...args: readonly string[]
  ) => Promise<{ readonly result: readonly unknown[]; readonly report: Report }>;
}

/** Plombe with a home of its own; `password` opens and closes its keys. */
export function openProgram(home: string, password = ''): Program {
  const start = installed(home);
  const run = (...args: readonly string[]): Promise<Outcome> => start(args, { env: { PLOMBE_KEY_PASSWORD: password } });
  const over = (...args: readonly string[]): Promise<Outcome> => run(...args, '--plain-http');
  return {
    run,
    over,
    verify: async (...args) => {
      const { code, stdout, stderr } = await over(...args, '-o', 'json');
      if (!stdout.startsWith('{')) throw new Error(`plombe ended with ${code}: ${stdout}${stderr}`);
      const report = JSON.parse(stdout) as Report;
      return { result: [code, report.verdict], report };
    },
  };
}

/** The checks of a report's signatures that did not pass, for the message of a failed test. */
export function failures({ signatures, reasons }: Report): string {
  const checks = signatures.flatMap(({ checks: all }) => all.filter(({ outcome }) => outcome !== 'pass'));
  return JSON.stringify({ reasons, checks });
}
