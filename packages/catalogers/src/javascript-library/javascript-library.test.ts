// Bundled libraries: heads of real releases, names of files, and what only looks like one.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { catalogerContract } from '../testing/contract.ts';
import { type FileSpecs, viewOf } from '../testing/view.ts';
import { javascriptLibraryCataloger } from './index.ts';
import { libraries } from './libraries.ts';
import { marks } from './marks.ts';
import { LibrarySearch, libraryOf, recogniseName } from './recognise.ts';

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
    expect(found({ 'srv/a.js': text })).toEqual([]);
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

// What bundlers make of the releases: esbuild, rollup with terser and webpack, with comments taken out.
test.each([
  ['var S="3.4.1",k=function(e,t){return new k.fn.init(e,t)},', 'jquery@3.4.1'],
  ['o,i="4.17.15",u=200,a="Unsupported core-js use. Try https://npms.io', 'lodash@4.17.15'],
  ['),$r.VERSION="4.17.15",It(["bind","bindKey","curry"],function', 'lodash@4.17.15'],
  ['var Le="alert",Bt="4.3.1",qe="bs.alert",ft="."+qe', 'bootstrap@4.3.1'],
  ['e.VERSION="3.3.7",e.TRANSITION_DURATION=150,e.prototype', 'bootstrap@3.3.7'],
  [
    'static get VERSION(){return"5.1.3"}static get NAME(){throw new Error(\'You have to implement the static method "NAME"\')}static get DATA_KEY(){return"bs."+this.NAME}',
    'bootstrap@5.1.3',
  ],
  ['if(n.version="2.0.7",n.removed=[],!i||!i.document', 'dompurify@2.0.7'],
  ['o.version="2.24.0",U(M),o.fn=l,o.min=fa,o.max=ca', 'moment@2.24.0'],
  ['n.version="2.24.0",a=Aa,n.fn=gt,n.min=function(){return za("isBefore",', 'moment@2.24.0'],
  ['p="4.5.1";h.VERSION=p;var i=8;h.COMPILER_REVISION=i', 'handlebars@4.5.1'],
  ['$.version="2.6.10";so=q("style,class"),fo=q("input', 'vue@2.6.10'],
  ['rs={full:"1.7.8",major:1,minor:7,dot:8,codeName:"enthusiastic-oblation"}', 'angular@1.7.8'],
  [
    'isValidElement:S,version:"16.8.0",unstable_ConcurrentMode:ae,unstable_Profiler:fe,__SECRET_INTERNALS_DO_NOT_USE_OR_YOU_WILL_BE_FIRED:{',
    'react@16.8.0',
  ],
  ['e.useState=function(e){return S().useState(e)},e.version="17.0.2"', 'react@17.0.2'],
  ['e.useTransition=function(){return U.current.useTransition()},e.version="18.2.0"', 'react@18.2.0'],
  ['{findFiberByHostInstance:Pr,bundleType:0,version:"16.8.0",rendererPackageName:"react-dom"}', 'react-dom@16.8.0'],
  ['Jr="1.12.0",Me=typeof self=="object"&&self.self===self&&self||', 'underscore@1.12.0'],
  ['g.VERSION="1.1.2",g.$=C,g.noConflict=', 'backbone@1.1.2'],
  ['i.name="mustache.js",i.version="2.2.1",i.tags=', 'mustache@2.2.1'],
  ['e.version="3.4.2",e.exportSymbol("version",e.version)', 'knockout@3.4.2'],
  ['l_="13.0.0",i_={version:l_,toDate:Cc.default', 'validator@13.0.0'],
  ['R.version="1.10.20",R.settings=[],R.models={}', 'datatables.net@1.10.20'],
  ['var z=s.ui.version="1.12.1";', 'jquery-ui@1.12.1'],
  ['t.migrateVersion="1.4.1";', 'jquery-migrate@1.4.1'],
  ['T.version="1.3.6",T.imports={delta:d.default', 'quill@1.3.6'],
  ['$:ne,majorVersion:"5",minorVersion:"2.0",releaseDate:"2020-02-13"', 'tinymce@5.2.0'],
  ['ke.isCancel=pe,ke.VERSION="1.6.0",ke.toFormData=V', 'axios@1.6.0'],
  ['var Pl="3.9.1",Dl=["top","bottom","left","right","chartArea"];', 'chart.js@3.9.1'],
  ['registry:{enumerable:Sn,value:hs},version:{enumerable:Sn,value:"3.9.1"},getChart:{enumerable', 'chart.js@3.9.1'],
  ['static version="4.4.0";static getChart=An;', 'chart.js@4.4.0'],
  [
    'b_="11.9.0",Qe=class extends Error{constructor(t,n){super(t),this.name="HTMLInjectionError"',
    'highlight.js@11.9.0',
  ],
  ['K="3.10.1",B=1,_n=2,gn=4,Nn=8,Ce=16,un=32,Bn=64,vn=128,ur=256,Di=30', 'lodash@3.10.1'],
  ['static sources=y.sources;static version="2.0.0";static imports={delta:re.default', 'quill@2.0.0'],
  ['Ma=re("errorCaptured");function Ra(e,t){t===void 0&&(t=M),Ma(e,t)}var Ni="2.7.14";function La(e)', 'vue@2.7.14'],
  [
    'const Fs="3.4.0",Hs=o,$s=Ht,Bs=__VUE_PROD_DEVTOOLS__?an:void 0,js=__VUE_PROD_DEVTOOLS__?fn:o,Ws={createComponentInstance:hs',
    'vue@3.4.0',
  ],
  ['const Bi="3.4.0",ji=s,Wi={sp:"serverPrefetch hook",bc:"beforeCreate hook"', 'vue@3.4.0'],
  ['window.next={version:"12.1.0",router:r}', 'next@12.1.0'],
])('the code %j is of %s', (code, expected) => {
  const filler = 'function a(b){return b+1}'.repeat(2000);
  expect(found({ 'srv/app.js': `${filler}${code}${filler}` })).toEqual([expected]);
  expect(found({ 'srv/app.js': code })).toEqual([expected]);
});

test.each([
  ['var a="3.4.1",b=function(e,t){return new b.init(e,t)}'],
  ['e.version="2.0.7",e.added=[]'],
  ['x={version:"1.0.0",name:"react-dom"}'],
  ['majorVersion:"5",minorVersion:"2",releaseDate'],
])('the code %j is of none', (code) => {
  expect(found({ 'srv/app.js': code })).toEqual([]);
});

test('comments are found anywhere: behind code, in texts of bundles for development, at the end, and taken out beside', () => {
  const filler = 'a(1.5,"x");'.repeat(20_000);
  expect(found({ 'srv/a.js': `${filler}/*! jQuery v3.4.1 | x */${filler}` })).toEqual(['jquery@3.4.1']);
  expect(found({ 'srv/a.js': String.raw`eval("/*!\n * jQuery JavaScript Library v3.4.1\n * x")` })).toEqual([
    'jquery@3.4.1',
  ]);
  const end =
    '/*! Bundled license information:\n\njquery/dist/jquery.min.js:\n  (*! jQuery v3.4.1 | x *)\n\nlodash/lodash.js:\n  (**\n   * @license\n   * lodash 4.17.4 <x>\n   *)\n*/\n';
  expect(found({ 'srv/a.js': filler + end })).toEqual(['jquery@3.4.1', 'lodash@4.17.4']);
  expect(found({ 'srv/main.js.LICENSE.txt': '/*!\n * Vue.js v2.6.12\n * x\n */' })).toEqual(['vue@2.6.12']);
  expect(found({ 'srv/LICENSE.txt': '/*!\n * Vue.js v2.6.12\n * x\n */' })).toEqual([]);
});

test('two versions of one library are two', () => {
  expect(found({ 'srv/a.js': '/*! jQuery v3.4.1 | x */\n/*! jQuery v1.8.3 | x */' })).toEqual([
    'jquery@3.4.1',
    'jquery@1.8.3',
  ]);
});

test('every mark is of a library of the table', () => {
  expect(marks.filter(({ npm }) => libraryOf(npm) === undefined)).toEqual([]);
});

function readerOf(sizeBytes: number) {
  const want = javascriptLibraryCataloger.wants({ path: 'a.js', type: 'file', sizeBytes, mode: 0, uid: 0, gid: 0 });
  if (want?.kind !== 'distill') throw new Error('no reader');
  return want.create();
}

test('a chunk that is used again does not change what was read', () => {
  const reader = readerOf(40);
  const chunk = Buffer.from('/*! jQuery v3.4.1 | x');
  reader.write(chunk);
  chunk.fill(0);
  expect(String(reader.finish())).toBe('jquery@3.4.1\n');
});

test.each([
  ['with a banner', '/*! jQuery v3.4.1 | x */', 1_000_000],
  ['with a banner, in small chunks', '/*! jQuery v3.4.1 | x */', 5000],
  ['without', '', 1_000_000],
])(
  'T17 of a line of 200 MB with 100,000 secrets %s nothing is kept but names, and the reading ends',
  (_, head, size) => {
    const reader = readerOf(2e8);
    const chunk = Buffer.alloc(size, 'a("AKIAIOSFODNN7EXAMPLE","password=hunter2","jQuery v","1.0.0");');
    let taken = 0;
    for (let goes = true; goes && taken < 200_000_000; taken += size) {
      if (taken === 0) chunk.write(head);
      else chunk.write('a("AKIAIOSFODNN7EXAMPLE","passw');
      goes = reader.write(chunk);
    }
    expect(taken).toBeLessThanOrEqual(32 * 1024 * 1024 + size);
    expect(String(reader.finish() ?? '')).toBe(head === '' ? '' : 'jquery@3.4.1\n');
  },
);

function searched(text: string) {
  const search = new LibrarySearch();
  search.add(text);
  return search.finish();
}

test('T57 any text is read in linear time', () => {
  const all = libraries.flatMap(({ banners, near = '' }) => [...banners, near]);
  for (const text of [
    ...all,
    '1.',
    '-rc.',
    '"1.1.1",',
    'minorVersion',
    '.version="1.1.1",',
    '.useState=function(',
    '"1.1.1"}static get NAME(){throw',
  ]) {
    searched(text.repeat(Math.ceil(100_000 / Math.max(1, text.length))));
    recogniseName(`${text.repeat(1000)}.js`);
  }
  fc.assert(
    fc.property(fc.string({ maxLength: 300 }), (text) => {
      for (const { version } of searched(text)) expect(version).toMatch(/^\d+\.\d+\.\d+/);
    }),
  );
});
