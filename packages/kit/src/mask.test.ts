// Credentials in what others wrote are masked, what only resembles them stays, in linear time.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { maskCredentials, maskVariable, maskValue, withoutCredentials } from './mask.ts';

const github = `ghp_${'a1B2'.repeat(9)}`;

test.each([
  ['RUN |1 NPM_TOKEN=canary /bin/sh -c npm ci', 'RUN |1 NPM_TOKEN=*** /bin/sh -c npm ci'],
  ['ENV AWS_SECRET_ACCESS_KEY=canary', 'ENV AWS_SECRET_ACCESS_KEY=***'],
  ['ENV DB_PASSWORD="two words canary" A=b', 'ENV DB_PASSWORD="***" A=b'],
  [`curl -H 'Authorization: Bearer canarycanary' x`, `curl -H 'Authorization: *** ***' x`],
  ['curl https://user:canary@example.org/x', 'curl https://***@example.org/x'],
  [
    'pip install --index-url https://canary-token-of-someone@pypi.example/simple a',
    'pip install --index-url https://***@pypi.example/simple a',
  ],
  ['mysql --password canary -h x', 'mysql --password *** -h x'],
  ['mysql --password=canary', 'mysql --password=***'],
  [`git clone https://x/${github}`, 'git clone https://x/***'],
  ['AKIAIOSFODNN7EXAMPLE', '***'],
  ['{"auth_token": "canary", "user": "x"}', '{"auth_token": "***", "user": "x"}'],
  ['https://x.example/blob?sv=1&sig=1&token=canary&b=1', 'https://x.example/blob?sv=1&sig=1&token=***&b=1'],
  ['-----BEGIN RSA PRIVATE KEY-----\ncanary\n-----END RSA PRIVATE KEY-----', '***'],
  [
    'DefaultEndpointsProtocol=https;AccountName=a;AccountKey=canary==;x',
    'DefaultEndpointsProtocol=https;AccountName=a;AccountKey=***;x',
  ],
  ['npmAuthToken: canary', 'npmAuthToken: ***'],
])('%j is shown as %j', (text, shown) => {
  expect(maskCredentials(text)).toBe(shown);
});

test.each([
  'RUN apk add --no-cache openssl',
  'ENV GPG_KEY=A035C8C19219BA821ECEA86B64E628F8D684696D',
  'ENV PATH=/usr/local/bin:/usr/bin PYTHON_VERSION=3.12.1',
  'RUN passwd -d root && adduser --disabled-password app',
  'RUN --mount=type=secret,id=token cat /run/secrets/token',
  'ARG TOKEN',
  'RUN curl -u "$USER" --password $PASSWORD x',
  'ENV NPM_TOKEN=${NPM_TOKEN}',
  'git clone ssh://git@github.com/a/b.git',
  'ENV SSH_AUTH_SOCK=/tmp/x',
  'COPY --chown=node:node package.json /srv/ # buildkit',
  'token or password as a word',
])('%j stays', (text) => {
  expect(maskCredentials(text)).toBe(text);
});

test('variables and labels by their name or their value', () => {
  expect(['POSTGRES_PASSWORD=canary', 'HOME=/root', 'X', `Y=${github}`].map(maskVariable)).toEqual([
    'POSTGRES_PASSWORD=***',
    'HOME=/root',
    'X',
    'Y=***',
  ]);
  expect(maskVariable('DATABASE_URL=postgres://app:canary@db/x')).toBe('DATABASE_URL=postgres://***@db/x');
  expect(maskValue('org.example.api-key', 'canary')).toBe('***');
});

test('an address says where, not who', () => {
  expect(withoutCredentials('git+https://user:canary@x.example/a.git?token=canary#v1')).toBe(
    'git+https://x.example/a.git?token=***',
  );
  expect(maskCredentials('url=https://x.example/a?b=1&access_token=canary&c=2')).toBe(
    'url=https://x.example/a?b=1&access_token=***&c=2',
  );
  expect(withoutCredentials('git+ssh://git@x.example/a.git')).toBe('git+ssh://git@x.example/a.git');
  expect(withoutCredentials('1.0.0')).toBe('1.0.0');
});

test('any text is masked once, in the time of its length', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 200 }), (text) => {
      const once = maskCredentials(text);
      expect(maskCredentials(once)).toBe(once);
    }),
  );
  for (const piece of [
    'a',
    'a=',
    'token=',
    'token ',
    '--',
    '://',
    'x://a@',
    '"',
    'eyJ',
    '-----BEGIN ',
    'Bearer ',
    '.',
    '_',
  ])
    maskCredentials(piece.repeat(Math.ceil(1_000_000 / piece.length)));
});
