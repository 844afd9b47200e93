// Starts the double: one HTTPS server for every host of Azure that it stands in for, behind a proxy that leads each name to it.
import type { IncomingMessage, ServerResponse } from 'node:http';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { onTestFinished } from 'vitest';
import { createAuthority, readCertificate } from '@plombe/oci/testing/certificates';
import { startProxy, startServer } from '@plombe/oci/testing/server';
import { arm } from './arm.ts';
import { distribution } from './distribution.ts';
import { entra } from './entra.ts';
import { send, violation, type Exchange } from './exchange.ts';
import { metadata } from './metadata.ts';
import { registryTokens } from './registry-tokens.ts';
import type { AzureWorld } from './world.ts';

export interface AzureDouble {
  readonly world: AzureWorld;
  /** The authority that signed the double's certificate, and the proxy that leads to it: `http://127.0.0.1:PORT`. */
  readonly caFile: string;
  readonly proxy: string;
  /** Authorities that were asked of the proxy. */
  readonly asked: readonly string[];
}

/** Starts it; it ends with the test, which fails where the double was asked something that Azure does not have. Needs openssl. */
export async function startAzure(world: AzureWorld): Promise<AzureDouble> {
  const folder = mkdtempSync(`${tmpdir()}/plombe-azure-`);
  onTestFinished(() => {
    rmSync(folder, { recursive: true, force: true });
    if (world.violations.length > 0)
      throw new Error(`The double was asked what Azure does not have:\n${world.violations.join('\n')}`);
  });
  const authority = createAuthority(folder);
  const names = ['login.microsoftonline.com', 'management.azure.com', world.loginServer]
    .map((name) => `DNS:${name}`)
    .join(',');
  const server = await startServer(
    (request, response) => void handle(world, request, response),
    readCertificate(authority.issue('azure', names)),
  );
  const { address, asked } = await startProxy(server);
  return { world, caFile: authority.caFile, proxy: `http://${address}`, asked };
}

async function handle(world: AzureWorld, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const body = Buffer.concat(await Array.fromAsync(request as AsyncIterable<Buffer>));
  const host = request.headers.host ?? '';
  const url = new URL(request.url ?? '/', `https://${host}`);
  const { method = '', headers } = request;
  world.log.push(`${method} ${host}${url.pathname}${url.search}`);
  const exchange: Exchange = { world, method, host, url, headers, body, response };
  try {
    if (host === 'login.microsoftonline.com') entra(exchange);
    else if (host === 'management.azure.com') arm(exchange);
    else if (host !== world.loginServer) violation(exchange, 'unknown host');
    else if (/^\/oauth2\/(?:exchange|token)$/.test(url.pathname)) registryTokens(exchange);
    else if (url.pathname.startsWith('/acr/v1/')) metadata(exchange);
    else if (url.pathname.startsWith('/v2/')) distribution(exchange);
    // What anybody may ask any registry to learn what it is.
    else if (url.pathname === '/v1/_ping') send(exchange, 404);
    else violation(exchange, 'unknown route of the registry');
  } catch (error) {
    world.violations.push(`the double failed: ${String(error)}`);
    send(exchange, 500, {});
  }
}
