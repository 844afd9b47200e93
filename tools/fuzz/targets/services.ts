// What registries, scanners, plugins and webhooks say, and what the server is asked.
import { isObject, type JsonObject } from '@plombe/kit';
import { readAcrEvent } from '../../../packages/connectors/src/registries/acr/event.ts';
import { parseCondition } from '../../../packages/connectors/src/registries/acr/condition.ts';
import { readHarborEvent } from '../../../packages/connectors/src/registries/harbor/event.ts';
import { readMsrEvent } from '../../../packages/connectors/src/registries/msr/event.ts';
import { readDistributionEvents } from '../../../packages/connectors/src/registries/oci/event.ts';
import { readScannerReport } from '../../../packages/connectors/src/scanners/findings.ts';
import { Malformed } from '../../../packages/notation/src/malformed.ts';
import {
  parseDescribeKey,
  parseGenerateEnvelope,
  parseGenerateSignature,
  parseMetadata,
  parseVerifySignature,
} from '../../../packages/notation/src/plugin/responses.ts';
import { parseChallenges, scopesFor } from '../../../packages/oci/src/auth/challenge.ts';
import { parsePlatform } from '../../../packages/oci/src/manifest/platform.ts';
import { parseRetryAfter } from '../../../packages/oci/src/network/retry.ts';
import { hasNext, nextPath } from '../../../packages/oci/src/registry/pages.ts';
import { parseArchiveManifest, parseRepositories } from '../../../packages/oci/src/sources/docker-archive/manifest.ts';
import { parseScopes } from '../../../packages/server/src/accounts/scope.ts';
import { parseRoute } from '../../../packages/server/src/registry/route.ts';
import { Refused } from '../../../packages/server/src/registry/refused.ts';
import { readScanRequest } from '../../../packages/server/src/scanner-adapter/scan-request.ts';
import { inert } from '@plombe/kit';
import { bytesOf, type FuzzTarget, must, plombeRefusal, roughly, textOf } from '../target.ts';

interface Event {
  readonly id: string;
  readonly kind: string;
}

const secret = 'secret';
const registry = 'registry.example';
/** A registry of Azure, whose events name it. */
const azureRegistry = 'plombetest.azurecr.io';

/** The body of a webhook with the right secret. */
const events: Readonly<Record<string, (body: Uint8Array) => readonly Event[] | undefined>> = {
  acr: (body) => readAcrEvent(azureRegistry, { authorization: secret }, body, secret),
  harbor: (body) => readHarborEvent({ authorization: secret }, body, secret),
  msr: (body) => readMsrEvent({ authorization: secret }, body, secret),
  distribution: (body) => readDistributionEvents({ authorization: `Bearer ${secret}` }, body, secret),
};

/** Answers of a plugin of Notation. */
const answers: readonly ((answer: JsonObject) => unknown)[] = [
  parseMetadata,
  (answer) => parseDescribeKey(answer, 'key'),
  (answer) => parseGenerateSignature(answer, 'key'),
  (answer) => parseGenerateEnvelope(answer, 'application/jose+json'),
  parseVerifySignature,
];

function answered(parse: (answer: JsonObject) => unknown, answer: JsonObject): string {
  try {
    parse(answer);
    return 'read';
  } catch (thrown) {
    if (!(thrown instanceof Malformed)) throw thrown;
    must(thrown.message === inert(thrown.message), `what is said is not inert: ${JSON.stringify(thrown.message)}`);
    return thrown.message.slice(0, 12);
  }
}

/** What comes over the network, or from a program. */
export const serviceTargets: readonly FuzzTarget[] = [
  ...Object.entries(events).map(([name, read]): FuzzTarget => ({
    name: `event/${name}`,
    run(input) {
      const found = read(bytesOf(input)) ?? [];
      for (const { id } of found) must(id === inert(id), `the id of an event is not inert: ${JSON.stringify(id)}`);
      return [...new Set(found.map((event) => `${event.kind} ${Object.keys(event).join()}`))].sort().slice(0, 5).join();
    },
  })),
  {
    name: 'signature/plugin',
    run(input) {
      let answer: unknown;
      try {
        answer = JSON.parse(textOf(input));
      } catch {
        return 'none';
      }
      return isObject(answer) ? answers.map((parse) => answered(parse, answer)).join() : 'none';
    },
  },
  { name: 'connector/condition', run: (input) => parseCondition(textOf(input))?.kind ?? 'none' },
  {
    name: 'connector/scanner-report',
    run: (input) =>
      plombeRefusal(() => {
        const { findings, incomplete } = readScannerReport(textOf(input), `sha256:${'ab'.repeat(32)}`);
        return `${roughly(findings.length)} ${incomplete?.state ?? ''}`;
      }),
  },
  {
    name: 'oci/challenge',
    run(input) {
      const challenges = parseChallenges(textOf(input));
      for (const challenge of challenges)
        for (const scope of scopesFor(challenge, undefined, undefined))
          must(!/[^\x21-\x7e]/.test(scope), `a scope is none: ${JSON.stringify(scope)}`);
      parseRetryAfter(textOf(input), 0);
      return challenges.map(({ parameters }) => Object.keys(parameters).length).join();
    },
  },
  {
    name: 'oci/next-page',
    run(input) {
      const path = nextPath(textOf(input), `https://${registry}/v2/a/tags/list?n=5`, `https://${registry}`);
      must(path === undefined || path.startsWith('/v2/'), `another place is asked: ${path}`);
      must(path === undefined || hasNext(textOf(input)), 'there is a page that there is not');
      return path === undefined ? 'none' : String(path.length);
    },
  },
  { name: 'oci/platform', run: (input) => plombeRefusal(() => Object.keys(parsePlatform(textOf(input))).join()) },
  {
    name: 'oci/archive-manifest',
    run: (input) => plombeRefusal(() => roughly(parseArchiveManifest(bytesOf(input), 'fuzz').length)),
  },
  {
    name: 'oci/repositories',
    run: (input) => plombeRefusal(() => roughly(parseRepositories(bytesOf(input), 'fuzz').size)),
  },
  {
    name: 'server/route',
    run(input) {
      try {
        return parseRoute(textOf(input))?.kind ?? 'none';
      } catch (thrown) {
        if (!(thrown instanceof Refused)) throw thrown;
        must(thrown.message === inert(thrown.message), `what is said is not inert: ${JSON.stringify(thrown.message)}`);
        return thrown.code;
      }
    },
  },
  {
    name: 'server/scopes',
    run: (input) =>
      parseScopes(textOf(input).split('\n'))
        .map(({ type }) => type)
        .join(),
  },
  {
    name: 'server/scan-request',
    run(input) {
      const order = readScanRequest(textOf(input), [new URL(`https://${registry}`)]);
      if (!('status' in order)) return Object.keys(order).join();
      must(order.message === inert(order.message), `what is said is not inert: ${JSON.stringify(order.message)}`);
      return order.message;
    },
  },
];
