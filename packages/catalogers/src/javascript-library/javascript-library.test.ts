// Bundled libraries: heads of real releases, names of files, and what only looks like one.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { catalogerContract } from '../testing/contract.ts';
import { type FileSpecs, viewOf } from '../testing/view.ts';
import { javascriptLibraryCataloger } from './index.ts';
import { libraries } from './libraries.ts';
import { recogniseBanners, recogniseName } from './recognise.ts';

const found = (specs: FileSpecs) =>
  javascriptLibraryCataloger
    .catalog(viewOf(specs, javascriptLibraryCataloger), {})
    .packages.map(
      ({ namespace, name, version }) => `${namespace === undefined ? '' : `${namespace}/`}${name}@${version}`,
    );

catalogerContract(javascriptLibraryCataloger, {
  'var/www/js/jquery.min.js':
    '/*! jQuery v3.4.1 | (c) JS Foundation and other contributors | jquery.org/license */\n!function(){}',
  'var/www/js/moment-2.29.1.min.js': '!function(){}',
});

// The first lines of the releases as their publishers ship them.
test.each([
  ['/*!\n * jQuery JavaScript Library v1.8.3\n * http://jquery.com/', 'jquery@1.8.3'],
  ['/*! jQuery v3.4.1 | (c) JS Foundation', 'jquery@3.4.1'],
  ['/*! jQuery Migrate v3.0.0 | (c) jQuery Foundation', 'jquery-migrate@3.0.0'],
  ['/*! jQuery UI - v1.12.1 - 2016-09-14', 'jquery-ui@1.12.1'],
  ['/*!\n  * Bootstrap v4.3.1 (https://getbootstrap.com/)', 'bootstrap@4.3.1'],
  ['/*\n AngularJS v1.6.9\n (c) 2010-2018 Google', 'angular@1.6.9'],
  ['/**\n * @license Angular v12.0.1\n', '@angular/core@12.0.1'],
  ['//     Underscore.js 1.8.3\n//     http://underscorejs.org', 'underscore@1.8.3'],
  ['/**\n * @license\n * Lodash <https://lodash.com/>\n * lodash 4.17.4 <x>', 'lodash@4.17.4'],
  ['//! moment.js\n//! version : 2.18.1\n//! authors : Tim Wood', 'moment@2.18.1'],
  ['/**!\n\n @license\n handlebars v4.0.11\n', 'handlebars@4.0.11'],
  ['/*!\n * Vue.js v2.6.12\n * (c) 2014-2020 Evan You', 'vue@2.6.12'],
  ['/** @license React v16.4.1\n * react-dom.production.min.js', 'react-dom@16.4.1'],
  ['/** @license React v16.4.1\n * react.production.min.js', 'react@16.4.1'],
  ['/*! @license DOMPurify 2.0.7 | (c) Cure53', 'dompurify@2.0.7'],
  ['/*!\n * Chart.js v2.9.3\n', 'chart.js@2.9.3'],
  ['/*  Prototype JavaScript framework, version 1.7.3\n', 'prototypejs@1.7.3'],
  ['/*!\n * Bootstrap v5.0.0-beta3 (', 'bootstrap@5.0.0-beta3'],
])('%j is %s', (head, expected) => {
  expect(found({ 'srv/app/lib.js': `${head}\n(function () {})();` })).toEqual([expected]);
});

test.each([
  ['jquery-1.8.3.js', 'jquery@1.8.3'],
  ['jquery-3.5.0-rc.1.slim.min.js', undefined],
  ['jquery-3.5.1.slim.min.js', 'jquery@3.5.1'],
  ['moment.2.29.1.js', 'moment@2.29.1'],
  ['bootstrap-4.3.1.bundle.min.js', 'bootstrap@4.3.1'],
  ['vue-v2.6.10.js', 'vue@2.6.10'],
  ['prototype-1.7.3.js', 'prototypejs@1.7.3'],
  ['jquery-1.8.js', undefined],
  ['jquery-1.8.3-plugin.js', undefined],
  ['myjquery-1.8.3.js', undefined],
  ['jquery-1.2.3.4.js', undefined],
  ['1.2.3.js', undefined],
])('the name %s is %s', (name, expected) => {
  expect(found({ [`srv/${name}`]: 'x' })).toEqual(expected === undefined ? [] : [expected]);
});

test('the head counts where the name says another version, and a bundle holds several', () => {
  const head = '/*! jQuery v3.4.1 | (c) */;/*!\n * Bootstrap v4.3.1 (x)';
  expect(found({ 'srv/jquery-1.0.0.js': head }).sort()).toEqual(['bootstrap@4.3.1', 'jquery@3.4.1']);
});

test.each([
  ['node_modules/jquery/dist/jquery.js'],
  ['app/node_modules/jquery/dist/jquery.js'],
  ['srv/jquery.js.map'],
  ['srv/jquery.css'],
])('%s is not looked at', (path) => {
  expect(found({ [path]: '/*! jQuery v3.4.1 | (c) */' })).toEqual([]);
});

test.each(['needs jQuery v3.4.1', 'const a = "My Lodash 4.17.4"', 'Chart.js v2', '/*! jQuery vX */', 'jQuery UI 1.2'])(
  '%j is no library',
  (text) => {
    expect(recogniseBanners(text)).toEqual([]);
  },
);

test('what is found is weak, and told as embedded', () => {
  const view = viewOf({ 'srv/a.js': '/*! jQuery v3.4.1 | x' }, javascriptLibraryCataloger);
  expect(javascriptLibraryCataloger.catalog(view, {}).packages).toEqual([
    {
      type: 'npm',
      name: 'jquery',
      version: '3.4.1',
      licences: [],
      paths: ['srv/a.js'],
      weak: true,
      facts: { embedded: 'true' },
    },
  ]);
});

test('a chunk that is used again does not change what was read', () => {
  const want = javascriptLibraryCataloger.wants({ path: 'a.js', type: 'file', sizeBytes: 40, mode: 0, uid: 0, gid: 0 });
  const reader = want?.kind === 'distill' ? want.create() : undefined;
  const chunk = Buffer.from('/*! jQuery v3.4.1 | x');
  reader?.write(chunk);
  chunk.fill(0);
  expect(reader?.finish()?.length).toBe(21);
});

test.each([
  ['with a banner', '/*! jQuery v3.4.1 | x */', 65_536, 65_536, 32_768],
  ['with a banner, in small chunks', '/*! jQuery v3.4.1 | x */', 1000, 33_000, 32_768],
  ['without', '', 65_536, 65_536, 0],
  ['without, in small chunks', '', 1000, 33_000, 0],
])(
  'T17 of a line of 200 MB with 100,000 secrets %s no more than the head is taken',
  (_, head, chunkBytes, most, kept) => {
    const want = javascriptLibraryCataloger.wants({
      path: 'a.js',
      type: 'file',
      sizeBytes: 2e8,
      mode: 0,
      uid: 0,
      gid: 0,
    });
    const reader = want?.kind === 'distill' ? want.create() : undefined;
    const chunk = Buffer.alloc(chunkBytes, 'a("AKIAIOSFODNN7EXAMPLE","password=hunter2","jQuery v","1.0.0");');
    chunk.write(head);
    let taken = chunkBytes;
    for (let goes = reader?.write(chunk) ?? false; goes && taken < 200_000_000; taken += chunkBytes)
      goes = reader?.write(chunk) ?? false;
    expect(taken).toBeLessThanOrEqual(most);
    expect(reader?.finish()?.length ?? 0).toBe(kept);
  },
);

test('T57 any text is read in linear time', () => {
  const all = libraries.flatMap(({ banners, near = '' }) => [...banners, near]);
  for (const text of [...all, '1.', '-rc.']) {
    recogniseBanners(text.repeat(Math.ceil(100_000 / Math.max(1, text.length))));
    recogniseName(`${text.repeat(1000)}.js`);
  }
  fc.assert(
    fc.property(fc.string({ maxLength: 300 }), (text) => {
      for (const { version } of recogniseBanners(text)) expect(version).toMatch(/^\d+\.\d+\.\d+/);
    }),
  );
});
