// Requests of any shape: nothing throws, and no registry is asked that is not on the list (T33, T62).
import { describe, expect, it } from 'vitest';
import fc from 'fast-check';
import { acceptedReport, plainType, reportTypes } from './media-types.ts';
import { readScanRequest } from './scan-request.ts';

const allowed = [new URL('http://core:8080'), new URL('https://harbor.example')];
const digest = `sha256:${'a'.repeat(64)}`;
const artifact = { repository: 'library/app', digest };

function read(registry: unknown, rest: object = {}): ReturnType<typeof readScanRequest> {
  return readScanRequest(JSON.stringify({ registry, artifact, ...rest }), allowed);
}

describe('readScanRequest', () => {
  it.each([
    ['http://core:8080', 'http://core:8080'],
    ['http://CORE:8080/', 'http://core:8080'],
    ['core:8080', 'http://core:8080'],
    ['https://harbor.example:443/v2/', 'https://harbor.example'],
    ['harbor.example', 'https://harbor.example'],
  ])('knows %s on the list', (url, origin) => {
    expect(read({ url })).toMatchObject({ registry: { origin } });
  });

  it('asks no registry that is not on the list, whatever the address', () => {
    const pieces = fc.constantFrom(
      'http://',
      'https://',
      'core',
      ':8080',
      '@',
      '#',
      '?',
      '/',
      '..',
      '\\',
      'harbor.example',
      '169.254.169.254',
      '%2e',
      ' ',
      '\t',
      'evil',
      '.',
    );
    fc.assert(
      fc.property(
        fc.oneof(
          fc.webUrl(),
          fc.string(),
          fc.array(pieces, { maxLength: 8 }).map((all) => all.join('')),
        ),
        (url) => {
          const order = read({ url });
          if ('status' in order) return;
          expect(allowed).toContain(order.registry);
        },
      ),
      { numRuns: 2000 },
    );
  });

  it('reads the logins that Harbor sends, and takes nothing else for one', () => {
    const basic = `Basic ${Buffer.from('robot$x:pä:ss').toString('base64')}`;
    const url = 'core:8080';
    expect(read({ url, authorization: basic })).toMatchObject({
      credential: { kind: 'password', username: 'robot$x', password: 'pä:ss' },
    });
    expect(read({ url, authorization: 'Bearer: abc' })).toMatchObject({ credential: { kind: 'bearer', token: 'abc' } });
    expect(read({ url, authorization: 'Basic x' })).toMatchObject({ status: 422 });
    expect(read({ url })).not.toHaveProperty('credential');
  });

  it('answers every JSON with an order or a status', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.jsonValue(), fc.jsonValue(), (registry, other, capabilities) => {
        for (const value of [
          registry,
          { registry, artifact: other },
          { registry: { url: 'core:8080' }, artifact, enabled_capabilities: capabilities },
        ]) {
          const order = readScanRequest(JSON.stringify(value), allowed);
          if ('status' in order) expect([400, 422, 501]).toContain(order.status);
          else expect(order.reports.size + order.sboms.length).toBeGreaterThan(0);
        }
      }),
    );
  });
});

describe('acceptedReport', () => {
  it.each([
    [undefined, 'native'],
    ['*/*', 'native'],
    ['text/html, application/vnd.security.vulnerability.report;version=1.1;q=0.9', 'generic'],
    [reportTypes.sbom, 'sbom'],
    ['text/html', undefined],
  ])('reads %s', (accept, kind) => {
    expect(acceptedReport(accept)).toBe(kind);
  });

  it('writes types in one form', () => {
    for (const type of Object.values(reportTypes)) expect(plainType(type)).toBe(type);
  });
});
