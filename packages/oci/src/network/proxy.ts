// Which proxy a request goes through, by the rules of HTTP_PROXY, HTTPS_PROXY and NO_PROXY as Go programs read them.
import { BlockList, isIP, isIPv4 } from 'node:net';
import { PlombeError } from '@plombe/kit';

/** The proxy settings, as the environment has them; the values are given, never read here. */
export interface ProxyOptions {
  /** For `http:` URLs. */
  readonly http?: string;
  /** For `https:` URLs. */
  readonly https?: string;
  /** Comma-separated hosts, `.domains`, addresses, CIDR ranges, each with an optional port, or `*`. */
  readonly no?: string;
}

/** Returns the proxy for a URL, or undefined for a direct connection. Loopback is never proxied. Throws `config/invalid`. */
export function proxyFor(url: URL, options: ProxyOptions): URL | undefined {
  const text = url.protocol === 'https:' ? options.https : options.http;
  if (!text) return undefined;
  const host = url.hostname.replace(/^\[|\]$/g, '');
  if (host === 'localhost' || host === '::1' || (isIPv4(host) && host.startsWith('127.'))) return undefined;
  const port = url.port || (url.protocol === 'https:' ? '443' : '80');
  if ((options.no ?? '').split(',').some((rule) => excludes(rule.trim().toLowerCase(), host, port))) return undefined;
  const written = text.includes('://') ? text : `http://${text}`;
  const proxy = URL.canParse(written) ? new URL(written) : undefined;
  if (proxy === undefined || (proxy.protocol !== 'http:' && proxy.protocol !== 'https:') || proxy.hostname === '') {
    throw new PlombeError('config/invalid', 'The proxy set for this connection is not an http or https address.', {
      remedy: 'Write it as http://host:port; other kinds of proxy are not supported.',
    });
  }
  return proxy;
}

function excludes(rule: string, host: string, port: string): boolean {
  if (rule === '') return false;
  if (rule === '*') return true;
  const match = /^(\[[^\]]+\]|[^:]+|[0-9a-f:]+(?:\/[0-9]+)?)(?::([0-9]+))?$/.exec(rule);
  if (match === null) return false;
  const [, written = '', rulePort] = match;
  if (rulePort !== undefined && rulePort !== port) return false;
  const name = written.replace(/^\[|\]$/g, '');
  const [address = '', prefix] = name.split('/');
  const family = isIP(address);
  if (family !== 0) return isIP(host) === family && within(address, prefix, host, family === 4 ? 'ipv4' : 'ipv6');
  const domain = name.replace(/^\*?\./, '');
  // `.example.org` and `*.example.org` stand for names below it, `example.org` for itself too.
  return (domain === name && host === domain) || host.endsWith(`.${domain}`);
}

function within(address: string, prefix: string | undefined, host: string, family: 'ipv4' | 'ipv6'): boolean {
  const widest = family === 'ipv4' ? 32 : 128;
  const bits = prefix === undefined ? widest : Number(prefix);
  if (!(bits >= 0 && bits <= widest)) return false;
  const range = new BlockList();
  range.addSubnet(address, bits, family);
  return range.check(host, family);
}
