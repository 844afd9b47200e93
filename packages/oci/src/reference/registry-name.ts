// Registry hosts in one canonical form, so that look-alikes of one host compare equal (T37).
import type { PlombeError } from '@plombe/kit';

const hostLabel = /^[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?$/;

/**
 * Returns host and port in canonical form: lower case, `index.docker.io` as `docker.io`, no `:443`, numbers of IPv4 and IPv6
 * as inet_aton and RFC 5952 read them (`0x7f.1` is `127.0.0.1`). Throws what `fail` makes of the reason.
 */
export function canonicalRegistry(text: string, fail: (reason: string) => PlombeError): string {
  const match = /^(\[[^\]]*\]|[^:[\]]*)(?::([0-9]{1,5}))?$/.exec(text);
  if (match === null) throw fail('its registry is not host or host:port (an IPv6 address stands in brackets)');
  const [, host = '', portText] = match;
  if (/[^\x20-\x7e]/.test(host)) {
    throw fail(`its registry has characters outside ASCII; write the host in its xn-- form${suggestion(host)}`);
  }
  const port = portText === undefined ? undefined : Number(portText);
  if (port !== undefined && (port === 0 || port > 65_535)) throw fail('its port is not between 1 and 65535');
  const name = canonicalHost(host, fail);
  const suffix = port === undefined || port === 443 ? '' : `:${port}`;
  return name === 'index.docker.io' && suffix === '' ? 'docker.io' : `${name}${suffix}`;
}

function canonicalHost(host: string, fail: (reason: string) => PlombeError): string {
  if (host.startsWith('[')) {
    if (!/^\[[0-9a-fA-F:.]+\]$/.test(host) || !URL.canParse(`http://${host}`)) {
      throw fail('its registry is not an IPv6 address');
    }
  } else {
    if (host.length > 253) throw fail('the host of its registry is longer than 253 characters');
    const labels = host.split('.');
    if (!labels.every((label) => label.length <= 63 && hostLabel.test(label))) {
      throw fail('its registry is not a host name');
    }
    if (!URL.canParse(`http://${host}`)) throw fail('its registry is neither a host name nor an address');
  }
  return new URL(`http://${host}`).hostname;
}

function suggestion(host: string): string {
  return URL.canParse(`http://${host}`) ? `, "${new URL(`http://${host}`).hostname}"` : '';
}
