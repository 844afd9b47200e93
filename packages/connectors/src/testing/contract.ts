// What every connector has to hold, whatever registry is behind it: pages, throttling, missing permissions, cancellation, quarantine, promotion.
import { describe, expect, test } from 'vitest';
import type { Digest } from '@plombe/model';
import { isPlombeError } from '@plombe/kit';
import type { ConnectedArtifact, Known, RegistryConnector } from '../registries/connector.ts';

/** A connector over a double that was just filled; both end with the test. */
export interface ContractSubject {
  readonly connector: RegistryConnector;
  /** All repositories, more than the double gives in a page. */
  readonly repositories: readonly string[];
  /** One with more artifacts than a page, and their digests. */
  readonly repository: string;
  readonly artifacts: readonly Digest[];
  /** One of them that has a tag and can be promoted to `target`. */
  readonly promotable: Digest;
  readonly target: string;
  /** Answers the next `times` requests with 429 and a wait of `seconds`. */
  throttle(times: number, seconds: number): void;
  /** Takes the permission to read principals, grants, events and settings; what the reason has to name. */
  refuse(): RegExp;
  /** Requests that the double got so far. */
  requests(): number;
}

/** Registers the tests of the contract for one kind of connector. */
export function connectorContract(name: string, open: () => Promise<ContractSubject>): void {
  const options = { signal: new AbortController().signal };
  const collect = async (subject: ContractSubject, repository: string): Promise<readonly ConnectedArtifact[]> =>
    Array.fromAsync(subject.connector.artifacts(repository, options));
  const supports = ({ connector }: ContractSubject, operation: string): boolean =>
    connector.capabilities.some((capability) => capability.operation === operation && capability.supported);

  describe(`${name} holds the contract of connectors`, () => {
    test('says of every operation whether it is there and how far it was proved', async () => {
      const { connector } = await open();
      const operations = connector.capabilities.map(({ operation }) => operation).toSorted();
      const all = [
        'artifacts',
        'auditEvents',
        'facts',
        'grants',
        'principals',
        'promote',
        'quarantine',
        'readEvent',
        'release',
        'repositories',
      ];
      expect(operations).toEqual(all);
      for (const { supported, note } of connector.capabilities) if (!supported) expect(note).not.toBe(undefined);
    });

    test('reads all pages', async () => {
      const subject = await open();
      const names = (await Array.fromAsync(subject.connector.repositories(options))).map(
        (repository) => repository.name,
      );
      expect(names.toSorted()).toEqual(subject.repositories.toSorted());
      const found = await collect(subject, subject.repository);
      expect(found.map(({ digest }) => digest).toSorted()).toEqual(subject.artifacts.toSorted());
    });

    test('waits where it is throttled, and not for a day', async () => {
      const subject = await open();
      subject.throttle(2, 0);
      expect(await Array.fromAsync(subject.connector.repositories(options))).toHaveLength(subject.repositories.length);
      subject.throttle(1000, 86_400);
      const thrown: unknown = await Array.fromAsync(subject.connector.repositories(options)).catch(
        (error: unknown) => error,
      );
      expect(isPlombeError(thrown, 'registry/rate-limited')).toBe(true);
    });

    test('tells a missing permission and shows no empty list for it', async () => {
      const subject = await open();
      const reason = subject.refuse();
      const { connector } = subject;
      const answers: Record<string, Known<unknown>> = {
        principals: await connector.principals(options),
        grants: await connector.grants(options),
        auditEvents: await connector.auditEvents(0, options),
      };
      for (const [operation, answer] of Object.entries(answers)) {
        if (!supports(subject, operation)) continue;
        expect(told(answer), operation).toMatch(reason);
      }
      const unknown = Object.values(await connector.facts(options)).filter(({ kind }) => kind === 'unknown');
      if (supports(subject, 'facts')) expect(unknown.some((fact) => reason.test(told(fact)))).toBe(true);
    });

    test('stops where it is cancelled', async () => {
      const subject = await open();
      const { connector } = subject;
      const signal = AbortSignal.abort();
      const before = subject.requests();
      const calls: readonly (() => Promise<unknown>)[] = [
        () => Array.fromAsync(connector.repositories({ signal })),
        () => Array.fromAsync(connector.artifacts(subject.repository, { signal })),
        () => connector.principals({ signal }),
        () => connector.grants({ signal }),
        () => connector.auditEvents(0, { signal }),
        () => connector.facts({ signal }),
      ];
      for (const call of calls) await expect(call()).rejects.toThrow();
      expect(subject.requests()).toBe(before);
    });

    test('takes a manifest out of reach and gives it back', async () => {
      const subject = await open();
      if (!supports(subject, 'quarantine')) return;
      const { connector, repository, promotable } = subject;
      const state = async (): Promise<string | undefined> =>
        (await collect(subject, repository)).find(({ digest }) => digest === promotable)?.state;
      expect(await state()).toBe('free');
      await connector.quarantine(repository, promotable, options);
      expect(await state()).toBe('quarantined');
      await connector.release(repository, promotable, options);
      expect(await state()).toBe('free');
    });

    test('promotes with tags', async () => {
      const subject = await open();
      if (!supports(subject, 'promote')) return;
      const { connector, repository, promotable, target } = subject;
      await connector.promote(
        { from: { repository, digest: promotable }, to: { repository: target, tags: ['v1', 'latest'] } },
        options,
      );
      const copied = (await collect(subject, target)).find(({ digest }) => digest === promotable);
      expect(copied?.tags.toSorted()).toEqual(['latest', 'v1']);
    });

    test('believes no event without its secret, and no nonsense', async () => {
      const { connector } = await open();
      const body = Buffer.from('{"action":"push"}');
      for (const secret of ['', 'right']) {
        expect(connector.readEvent({}, body, secret)).toBe(undefined);
        expect(connector.readEvent({ authorization: 'wrong' }, body, secret)).toBe(undefined);
      }
      for (const text of ['', '[]', '{', 'null', '[null]', '"x"']) {
        expect(connector.readEvent({ authorization: 'right' }, Buffer.from(text), 'right') ?? []).toEqual([]);
      }
    });
  });
}

function told(answer: Known<unknown>): string {
  return answer.kind === 'unknown' ? answer.reason : (answer.incomplete ?? []).join(' ');
}
