// Repository-scoped tokens with their scope maps: who they are, whether they still open anything, and what they may do.
import { objectField, objectsField, textField, textsField, type JsonObject } from '@plombe/kit';
import type { CallOptions, ConnectedPrincipal } from '../connector.ts';
import type { ControlPlane } from './control-plane.ts';

export interface RegistryToken {
  readonly name: string;
  readonly state: ConnectedPrincipal['state'];
  readonly createdAt?: string;
  /** The last end of its credentials; absent where one has none. */
  readonly expiresAt?: string;
  /** A password or certificate without an end. */
  readonly endless: boolean;
  readonly scopeMap: string;
  readonly actions: readonly string[];
}

/** Reads tokens and scope maps. No call lists or makes a password: Azure tells their names and ends here. */
export async function readTokens(
  plane: ControlPlane,
  nowMs: number,
  options: CallOptions,
): Promise<readonly RegistryToken[]> {
  const maps = new Map<string, readonly string[]>();
  for (const map of await plane.list('scopeMaps', options)) {
    maps.set(lastSegment(textField(map, 'id')), textsField(objectField(map, 'properties') ?? {}, 'actions'));
  }
  return (await plane.list('tokens', options)).map((token) => tokenOf(token, maps, nowMs));
}

function tokenOf(token: JsonObject, maps: ReadonlyMap<string, readonly string[]>, nowMs: number): RegistryToken {
  const properties = objectField(token, 'properties') ?? {};
  const credentials = objectField(properties, 'credentials') ?? {};
  const ends = [...objectsField(credentials, 'passwords'), ...objectsField(credentials, 'certificates')].map((one) => {
    const at = Date.parse(textField(one, 'expiry') ?? '');
    return Number.isNaN(at) ? Number.POSITIVE_INFINITY : at;
  });
  const last = Math.max(...ends);
  const scopeMap = lastSegment(textField(properties, 'scopeMapId'));
  const created = textField(properties, 'creationDate');
  return {
    name: textField(token, 'name') ?? '',
    // Without a credential it opens nothing, until somebody makes a password.
    state:
      textField(properties, 'status') === 'disabled' || ends.length === 0
        ? 'disabled'
        : last <= nowMs
          ? 'expired'
          : 'active',
    ...(created === undefined ? {} : { createdAt: created }),
    ...(Number.isFinite(last) ? { expiresAt: new Date(last).toISOString() } : {}),
    endless: last === Number.POSITIVE_INFINITY,
    scopeMap,
    actions: maps.get(scopeMap) ?? [],
  };
}

/** Ids are compared by their last segment in lower case: Azure writes the rest with changing case. */
function lastSegment(id: string | undefined): string {
  return (id ?? '').slice((id ?? '').lastIndexOf('/') + 1).toLowerCase();
}
