// Declarations of each ecosystem as packages really write them, what must stay as it is, and hostile text.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { declaredLicences, licenceChoice, licenceExpression, spacedLicences } from './declared.ts';
import { validExpression } from './expression.ts';
import { namesOfExceptions, namesOfLicences } from './names.ts';

test.each([
  // PyPI: fields and classifiers
  ['MIT License', 'MIT'],
  ['The MIT License (MIT)', 'MIT'],
  ['Apache Software License', 'Apache-2.0'],
  ['Apache License, Version 2.0', 'Apache-2.0'],
  ['Apache 2', 'Apache-2.0'],
  ['3-Clause BSD License', 'BSD-3-Clause'],
  ['New BSD', 'BSD-3-Clause'],
  ['BSD 2-Clause', 'BSD-2-Clause'],
  ['Mozilla Public License 2.0 (MPL 2.0)', 'MPL-2.0'],
  ['GNU General Public License v2 (GPLv2)', 'GPL-2.0-only'],
  ['GNU General Public License v2 or later (GPLv2+)', 'GPL-2.0-or-later'],
  ['GNU Lesser General Public License v3 (LGPLv3)', 'LGPL-3.0-only'],
  ['GNU Library or Lesser General Public License (LGPL)', 'LGPL-2.0-or-later'],
  ['GNU Affero General Public License v3 or later (AGPLv3+)', 'AGPL-3.0-or-later'],
  ['GNU General Public License (GPL)', 'GPL-1.0-or-later'],
  ['ISC License (ISCL)', 'ISC'],
  ['Python Software Foundation License', 'PSF-2.0'],
  ['PSFL', 'PSF-2.0'],
  ['The Unlicense (Unlicense)', 'Unlicense'],
  ['CC0 1.0 Universal (CC0 1.0) Public Domain Dedication', 'CC0-1.0'],
  ['Eclipse Public License 2.0 (EPL-2.0)', 'EPL-2.0'],
  ['Boost Software License 1.0 (BSL-1.0)', 'BSL-1.0'],
  ['European Union Public Licence 1.2 (EUPL 1.2)', 'EUPL-1.2'],
  ['zlib/libpng License', 'Zlib'],
  // Debian
  ['Expat', 'MIT'],
  ['GPL-2+', 'GPL-2.0-or-later'],
  ['GPL-2+ or Expat', 'GPL-2.0-or-later OR MIT'],
  ['GPL-1+ or Artistic-2.0, and BSD-3-clause', '(GPL-1.0-or-later OR Artistic-2.0) AND BSD-3-Clause'],
  ['GPL-3+ with Bison exception', 'GPL-3.0-or-later WITH Bison-exception-2.2'],
  ['GPL-2 with Linux-syscall-note exception', 'GPL-2.0-only WITH Linux-syscall-note'],
  ['LGPL-3.0+ or GPL-2+', 'LGPL-3.0-or-later OR GPL-2.0-or-later'],
  ['MPL-1.1 or GPL-2+ or LGPL-2.1+', 'MPL-1.1 OR GPL-2.0-or-later OR LGPL-2.1-or-later'],
  // Fedora's names of old, and SUSE's
  ['GPLv3+', 'GPL-3.0-or-later'],
  ['GPL+ or Artistic 2.0', 'GPL-1.0-or-later OR Artistic-2.0'],
  ['ASL 2.0 and (GPLv2+ or LGPLv2+) and zlib', 'Apache-2.0 AND (GPL-2.0-or-later OR LGPL-2.0-or-later) AND Zlib'],
  ['GPLv3+ and GPLv3+ with exceptions', undefined],
  ['MPLv2.0', 'MPL-2.0'],
  ['GPL-2.0-only AND LicenseRef-Fedora-Public-Domain', 'GPL-2.0-only AND LicenseRef-Fedora-Public-Domain'],
  // Maven, NuGet: names and addresses
  ['The Apache Software License, Version 2.0', 'Apache-2.0'],
  ['http://www.apache.org/licenses/LICENSE-2.0.txt', 'Apache-2.0'],
  ['https://opensource.org/licenses/MIT', 'MIT'],
  ['http://www.opensource.org/licenses/mit-license.php', 'MIT'],
  ['https://licenses.nuget.org/MIT%20OR%20Apache-2.0', 'MIT OR Apache-2.0'],
  ['http://www.gnu.org/licenses/old-licenses/lgpl-2.1.html', 'LGPL-2.1-only'],
  ['https://creativecommons.org/licenses/by-sa/4.0/', 'CC-BY-SA-4.0'],
  ['Eclipse Public License - v 2.0', 'EPL-2.0'],
  ['Eclipse Distribution License - v 1.0', 'BSD-3-Clause'],
  ['GNU Lesser General Public License, version 2.1', 'LGPL-2.1-only'],
  ['GPL2 w/ CPE', 'GPL-2.0-only WITH Classpath-exception-2.0'],
  [
    'The GNU General Public License (GPL), Version 2, With Classpath Exception',
    'GPL-2.0-only WITH Classpath-exception-2.0',
  ],
  // npm, crates, Composer, WordPress, R, Gentoo, Arch, rubygems
  ['MIT/Apache-2.0', 'MIT OR Apache-2.0'],
  ['MIT / Apache-2.0', 'MIT OR Apache-2.0'],
  ['(MIT OR CC0-1.0)', 'MIT OR CC0-1.0'],
  ['LGPL-2.1+', 'LGPL-2.1-or-later'],
  ['GPLv2 or later', 'GPL-2.0-or-later'],
  ['GNU General Public License v3 or any later version', 'GPL-3.0-or-later'],
  ['GPL (>= 2)', 'GPL-2.0-or-later'],
  ['GPL-2 | GPL-3', 'GPL-2.0-only OR GPL-3.0-only'],
  ['Apache License (== 2.0)', 'Apache-2.0'],
  ['BSD_3_clause', 'BSD-3-Clause'],
  ['Boost-1.0', 'BSL-1.0'],
  ['ZLIB', 'Zlib'],
  ['MPL2', 'MPL-2.0'],
  ['PSF', 'PSF-2.0'],
  ['X11', 'X11'],
  // of no licence of the list, or of several
  ['BSD', undefined],
  ['BSD License', undefined],
  ['Public Domain', undefined],
  ['public-domain', undefined],
  ['Eclipse Public License', undefined],
  ['MIT-style', undefined],
  ['BSD-4-clause-KTH', undefined],
  ['UNLICENSED', undefined],
  ['SEE LICENSE IN LICENSE.md', undefined],
  ['Commercial', undefined],
  ['custom:MIT-like', undefined],
  ['file LICENSE', undefined],
  ['https://www.gnu.org/licenses/gpl.html', undefined],
  ['https://example.org/MIT', undefined],
  ['GPL-2+ with OpenSSL exception', undefined],
  ['GPL-9', undefined],
  ['GPL 2 3', undefined],
  ['', undefined],
])('%j means %j', (declared, expected) => {
  expect(licenceExpression(declared)).toBe(expected);
});

test('lists hold together, and a part without an expression stays as it is', () => {
  expect(declaredLicences(['Zlib', 'MIT License', 'mit', 'NOASSERTION', ' '])).toEqual(['MIT', 'Zlib']);
  expect(declaredLicences(['GPLv2+ and Public Domain'])).toEqual(['GPL-2.0-or-later', 'Public Domain']);
  expect(declaredLicences(['Simplified and Extended'])).toEqual(['Simplified and Extended']);
  expect(declaredLicences([`MIT ${'x'.repeat(300)}`])).toEqual([]);
  expect(spacedLicences('MIT BSD-3-Clause GPL2+')).toEqual(['MIT AND BSD-3-Clause AND GPL-2.0-or-later']);
  expect(spacedLicences('MIT Foo')).toEqual(['MIT Foo']);
  expect(licenceChoice(['MIT License', 'Apache-2.0 AND ISC'])).toEqual(['(Apache-2.0 AND ISC) OR MIT']);
  expect(licenceChoice(['MIT', 'proprietary'])).toEqual(['MIT OR proprietary']);
});

test('an ecosystem may mean another licence, or none', () => {
  const own = new Map([
    ['Artistic', 'Artistic-1.0-Perl'],
    ['Apache', ''],
  ]);
  expect(licenceExpression('Artistic or GPL-1+', own)).toBe('Artistic-1.0-Perl OR GPL-1.0-or-later');
  expect(licenceExpression('Apache', own)).toBeUndefined();
});

test('every name of the table means its licence', () => {
  for (const [expression, ...names] of namesOfLicences) {
    expect(validExpression(expression), expression).toBeDefined();
    for (const name of names) expect(licenceExpression(name), name).toBe(validExpression(expression));
  }
  for (const [, id] of namesOfExceptions) expect(validExpression(`GPL-2.0-only WITH ${id}`), id).toBeDefined();
});

describe('properties', () => {
  const words = fc.constantFrom(
    'MIT',
    'License',
    'GPL',
    'v2',
    '2.0',
    '+',
    'or',
    'later',
    'and',
    'with',
    '(',
    ')',
    ',',
    '|',
    'BSD',
    '3-Clause',
    'Apache',
    'Foo',
    '/',
    'exception',
    'Classpath',
  );
  const texts = fc.oneof(
    fc.array(words, { maxLength: 12 }).map((all) => all.join(' ')),
    fc.string({ unit: 'binary', maxLength: 120 }),
    fc.webUrl(),
  );

  test('what it returns is valid, and means itself', () => {
    fc.assert(
      fc.property(texts, (text) => {
        const expression = licenceExpression(text);
        if (expression === undefined) return;
        expect(validExpression(expression)).toBe(expression);
        expect(licenceExpression(expression)).toBe(expression);
      }),
      { numRuns: 5000 },
    );
  });

  test('lists stay what they are', () => {
    fc.assert(
      fc.property(fc.array(texts, { maxLength: 4 }), (all) => {
        const licences = declaredLicences(all);
        expect(declaredLicences(licences)).toEqual(licences);
        expect(licenceChoice(licenceChoice(all)).length).toBeLessThan(2);
        for (const licence of licences)
          expect(licence.length <= 200 || validExpression(licence) !== undefined).toBe(true);
      }),
      { numRuns: 2000 },
    );
  });

  test.each([
    '(',
    'a(',
    ' and ',
    'with ',
    'GPL ',
    '>= 1',
    ', or later',
    '/',
    'v',
    '0.',
    ' ',
    '%2',
    'http://a.',
    'MIT/',
    '\n',
  ])('T56 long text of %j costs as much as its length', (piece) => {
    for (const length of [190, 1990, 500_000]) {
      const text = piece.repeat(Math.ceil(length / piece.length)).slice(0, length);
      declaredLicences([text, `MIT${text}`, `${text}MIT`]);
      spacedLicences(text);
    }
  });
});
