// Which paths of a distribution's file lists are kept.
import { expect, test } from 'vitest';
import { isOwnable } from './ownable.ts';

test.each([
  ['usr/lib/python3/dist-packages/six-1.16.0.egg-info', true],
  ['usr/lib/python3/dist-packages/x.egg-info/PKG-INFO', true],
  ['usr/lib/python3/dist-packages/y-1.dist-info/METADATA', true],
  ['usr/share/nodejs/acorn/package.json', true],
  ['usr/bin/docker', true],
  ['usr/bin/python3.11', true],
  ['usr/lib/sdk/bin/kubectl.1.27', true],
  ['usr/libexec/x.real', true],
  ['usr/share/app/bin/x', true],
  ['opt/app/server', true],
  ['usr/share/java/commons-io-2.11.0.jar', true],
  ['usr/share/rubygems-integration/all/specifications/rake-13.0.6.gemspec', true],
  ['usr/share/php/.registry/xml_util.reg', true],
  ['usr/share/php/Composer/vendor/composer/installed.json', true],
  ['usr/lib/mono/gac/System/4.0.0.0__b77a5c561934e089/System.dll', true],
  ['usr/lib/dotnet/shared/Microsoft.NETCore.App/8.0.1/Microsoft.NETCore.App.deps.json', true],
  ['usr/lib/x86_64-linux-gnu/libc.so.6', true],
  ['usr/lib/x86_64-linux-gnu/libc.so.gz', false],
  ['usr/share/javascript/jquery/jquery.js', true],
  ['usr/share/nodejs/x/node_modules/y/index.js', false],
  ['usr/share/doc/bash/copyright', false],
  ['usr/share/man/man1/ls.1.gz', false],
  ['usr/include/c++/12/vector', false],
  ['usr/share/cabin/x.txt', false],
])('%s: %s', (path, expected) => {
  expect(isOwnable(path)).toBe(expected);
});
