import { expect, test } from 'vitest';
import { registryEnvironment } from './environment.ts';

test('an empty environment gives nothing but the automatic identity', () => {
  expect(registryEnvironment({})).toEqual({ authFiles: [], proxy: {}, entra: { identity: 'auto' } });
});

test('login files in order: named, docker, podman', () => {
  const env = { HOME: '/h', XDG_RUNTIME_DIR: '/run/user/1', REGISTRY_AUTH_FILE: '/a.json' };
  expect(registryEnvironment(env).authFiles).toEqual([
    '/a.json',
    '/h/.docker/config.json',
    '/run/user/1/containers/auth.json',
  ]);
  expect(registryEnvironment({ ...env, DOCKER_CONFIG: '/d' }).authFiles?.[1]).toBe('/d/config.json');
});

test('proxies: the lower-case name comes first, and a CGI request cannot set one', () => {
  expect(registryEnvironment({ http_proxy: 'a', HTTP_PROXY: 'b', HTTPS_PROXY: 'c', NO_PROXY: '' }).proxy).toEqual({
    http: 'a',
    https: 'c',
  });
  expect(registryEnvironment({ HTTP_PROXY: 'b', REQUEST_METHOD: 'GET' }).proxy).toEqual({});
});

test('identities of Azure', () => {
  const { entra } = registryEnvironment({ AZURE_CLIENT_ID: 'c', IDENTITY_ENDPOINT: 'http://x', IDENTITY_HEADER: 'h' });
  expect(entra).toEqual({ identity: 'auto', clientId: 'c', identityEndpoint: 'http://x', identityHeader: 'h' });
});
