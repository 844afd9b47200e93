// Kubernetes' functions of IP addresses and networks.
import { formatAddress, parseAddress, parseNetwork, widthOf } from './address.ts';
import { binary, unary, type CelFunction, type FunctionGroup } from './function.ts';
import { CelAddress, CelError, type CelValue } from './value.ts';

function ofAddress(compute: (address: CelAddress) => CelValue): CelFunction {
  return unary((value) => (isAddress(value) ? compute(value) : undefined));
}

function ofNetwork(compute: (network: CelAddress, prefix: number) => CelValue): CelFunction {
  return unary((value) =>
    value instanceof CelAddress && value.prefix !== undefined ? compute(value, value.prefix) : undefined,
  );
}

function isAddress(value: CelValue): value is CelAddress {
  return value instanceof CelAddress && value.prefix === undefined;
}

function contains(network: CelAddress, { family, bits, prefix }: CelAddress): boolean {
  const length = network.prefix ?? 0;
  const host = BigInt(widthOf(network) - length);
  return family === network.family && (prefix ?? 128) >= length && bits >> host === network.bits >> host;
}

/** A membership test of a network against an address or network, also given as text. */
function containing(
  parse: (text: string) => CelAddress | CelError,
  isRight: (value: CelAddress) => boolean,
): CelFunction {
  return binary((network, value) => {
    if (!(network instanceof CelAddress) || network.prefix === undefined) return undefined;
    const inner = typeof value === 'string' ? parse(value) : value;
    if (inner instanceof CelError) return inner;
    return inner instanceof CelAddress && isRight(inner) ? contains(network, inner) : undefined;
  });
}

/** True where the address lies in one of the networks. */
function within(...networks: readonly string[]): CelFunction {
  const parsed = networks.map(parseNetwork).filter((network) => network instanceof CelAddress);
  return ofAddress((address) => parsed.some((network) => contains(network, address)));
}

function textTest(test: (text: string) => CelValue): CelFunction {
  return unary((value) => (typeof value === 'string' ? test(value) : undefined));
}

/** A prefix of zeros and `ffff` makes the two families one address: they compare equal. */
function canonical(address: CelAddress | CelError): CelAddress | CelError {
  if (address instanceof CelError || address.family === 4 || address.bits >> 32n !== 0xffffn) return address;
  return new CelAddress(4, address.bits & 0xffff_ffffn);
}

export const networkFunctions: FunctionGroup = {
  ip: unary((value) =>
    typeof value === 'string' ? canonical(parseAddress(value)) : isAddress(value) ? value : undefined,
  ),
  cidr: textTest(parseNetwork),
  isIP: textTest((text) => !(parseAddress(text) instanceof CelError)),
  isCIDR: textTest((text) => !(parseNetwork(text) instanceof CelError)),
  'ip.isCanonical': textTest((text) => {
    const address = parseAddress(text);
    return address instanceof CelError ? address : formatAddress(address) === text;
  }),
  '.family': ofAddress(({ family }) => BigInt(family)),
  '.isUnspecified': within('0.0.0.0/32', '::/128'),
  '.isLoopback': within('127.0.0.0/8', '::1/128'),
  '.isLinkLocalUnicast': within('169.254.0.0/16', 'fe80::/10'),
  '.isLinkLocalMulticast': within('224.0.0.0/24', 'ff02::/16'),
  '.isGlobalUnicast': unary((value, budget) => {
    if (!isAddress(value)) return undefined;
    const special = within(
      '0.0.0.0/32',
      '127.0.0.0/8',
      '169.254.0.0/16',
      '224.0.0.0/4',
      '255.255.255.255/32',
      '::/128',
      '::1/128',
      'fe80::/10',
      'ff00::/8',
    );
    return special.call([value], budget) === false;
  }),
  '.containsIP': containing(parseAddress, isAddress),
  '.containsCIDR': containing(parseNetwork, ({ prefix }) => prefix !== undefined),
  '.ip': ofNetwork(({ family, bits }) => new CelAddress(family, bits)),
  '.prefixLength': ofNetwork((_, prefix) => BigInt(prefix)),
  '.masked': ofNetwork((network, prefix) => {
    const host = BigInt(widthOf(network) - prefix);
    return new CelAddress(network.family, (network.bits >> host) << host, prefix);
  }),
};
