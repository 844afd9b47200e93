// A connector over the double, for tests.
import { onTestFinished } from 'vitest';
import { networkContext } from '@plombe/oci/testing/context';
import type { RegistryConnector } from '../../registries/connector.ts';
import { harborConnector, type HarborOptions } from '../../registries/harbor/index.ts';
import type { HarborDouble } from './server.ts';

/** Opens it with a login, the first administrator's where none is given; it is closed with the test. */
export function openHarbor(
  { host, caFile }: HarborDouble,
  [username, password]: readonly [string, string] = ['admin', 'Harbor12345'],
  rest: Partial<HarborOptions> = {},
  nowMs: () => number = Date.now,
): RegistryConnector {
  const network = {
    caFiles: [caFile],
    credentials: { [host]: { kind: 'password', username, password } as const },
    retry: { attempts: 3, baseMs: 1, maxWaitMs: 2000 },
  };
  const connector = harborConnector({ registry: host, network, ...rest }, networkContext(undefined, nowMs));
  onTestFinished(() => connector.close());
  return connector;
}
