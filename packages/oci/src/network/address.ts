// Which addresses may be called: decided after resolution and for every hop, so that no name can lead inside (T33).
import { BlockList, isIPv4 } from 'node:net';

/**
 * How far inside an address lies. A registry that the user named may be anywhere but `blocked`; a redirect or token realm may
 * not lie further inside than the registry that named it.
 */
export type AddressScope = 'public' | 'private' | 'loopback' | 'blocked';

const depth: Readonly<Record<AddressScope, number>> = { public: 0, private: 1, loopback: 2, blocked: 3 };

/** Link-local (RFC 3927, RFC 4291), which holds the clouds' metadata services, their other addresses, multicast and broadcast. */
const blocked = list(
  ['169.254.0.0/16', '168.63.129.16/32', '100.100.100.200/32', '192.0.0.192/32', '224.0.0.0/4', '240.0.0.0/4'],
  ['fe80::/10', 'fec0::/10', 'ff00::/8', 'fd00:ec2::/32'],
);
/** The unspecified address is here because Linux connects it to the loopback. */
const loopback = list(['127.0.0.0/8', '0.0.0.0/8'], ['::1/128', '::/128']);
/** RFC 1918, RFC 6598 (shared), RFC 2544 (benchmarks), RFC 4193 (unique local). */
const inside = list(
  ['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', '100.64.0.0/10', '198.18.0.0/15', '192.0.0.0/24'],
  ['fc00::/7'],
);

/** Tells the scope of a literal IPv4 or IPv6 address, also one that carries an IPv4 address (mapped, NAT64, 6to4). */
export function addressScope(address: string): AddressScope {
  const plain = address.replace(/^\[|\]$/g, '').replace(/%.*$/, '');
  const family = isIPv4(plain) ? 'ipv4' : 'ipv6';
  if (blocked.check(plain, family)) return 'blocked';
  if (loopback.check(plain, family)) return 'loopback';
  return inside.check(plain, family) ? 'private' : 'public';
}

/** How far inside a request may go; `metadata` is for the cloud's own token endpoint, which no answer can name. */
export type AddressLimit = AddressScope | 'metadata';

/** True where an address of scope `scope` may be called when `limit` is the furthest inside allowed. */
export function scopeAllows(limit: AddressLimit, scope: AddressScope): boolean {
  if (limit === 'metadata') return true;
  return scope !== 'blocked' && depth[scope] <= depth[limit];
}

/** The list is built when the first address is looked at: most scans ask no network. */
function list(
  v4: readonly string[],
  v6: readonly string[],
): { check(address: string, family: 'ipv4' | 'ipv6'): boolean } {
  let built: BlockList | undefined;
  return { check: (address, family) => (built ??= build(v4, v6)).check(address, family) };
}

function build(v4: readonly string[], v6: readonly string[]): BlockList {
  const result = new BlockList();
  for (const subnet of v6) {
    const [address = '', prefix] = subnet.split('/');
    result.addSubnet(address, Number(prefix), 'ipv6');
  }
  for (const subnet of v4) {
    const [address = '', prefix] = subnet.split('/');
    const bits = Number(prefix);
    result.addSubnet(address, bits, 'ipv4');
    const [a = 0, b = 0, c = 0, d = 0] = address.split('.').map(Number);
    const [high, low] = [((a << 8) | b).toString(16), ((c << 8) | d).toString(16)];
    for (const carrier of ['::ffff:', '64:ff9b::', '64:ff9b:1::']) {
      result.addSubnet(`${carrier}${high}:${low}`, 96 + bits, 'ipv6');
    }
    // IPv4-compatible addresses (RFC 4291, deprecated) below ::1:0 would hide ::1, which has its own rule.
    if (high !== '0') result.addSubnet(`::${high}:${low}`, 96 + bits, 'ipv6');
    result.addSubnet(`2002:${high}:${low}::`, 16 + bits, 'ipv6');
  }
  return result;
}
