// The libraries that are copied into web applications as files: what their own files begin with, and what they are called.

/** A library of the table. */
export interface Library {
  /** Name in npm's registry, or undefined for one that is not there under its own name. */
  readonly npm?: string;
  /** Name of `pkg:generic` where there is no package of npm. */
  readonly generic?: string;
  /** Words of the comment at the head of the library, right before the version: plain text, no pattern. */
  readonly banners: readonly string[];
  /** Text that has to stand near the banner too, where the banner alone is shared by several libraries. */
  readonly near?: string;
  /** What a file name begins with before the version: `jquery-3.4.1.min.js`. */
  readonly files: readonly string[];
}

/** About 55 libraries that make up what is found in practice. An order in which the more special of two banners comes first. */
export const libraries: readonly Library[] = [
  { npm: 'jquery', banners: ['jQuery JavaScript Library v', '/*! jQuery v'], files: ['jquery'] },
  { npm: 'jquery-migrate', banners: ['jQuery Migrate v', 'jQuery Migrate - v'], files: ['jquery-migrate'] },
  { npm: 'jquery-ui', banners: ['jQuery UI - v', '* jQuery UI '], files: ['jquery-ui'] },
  {
    npm: 'jquery-validation',
    banners: ['jQuery Validation Plugin v', 'jQuery Validation Plugin - v'],
    files: ['jquery.validate', 'jquery-validation'],
  },
  { npm: 'jquery-mobile', banners: ['jQuery Mobile v', 'jQuery Mobile '], files: ['jquery.mobile'] },
  { npm: 'jquery.terminal', banners: [], files: ['jquery.terminal'] },
  { npm: 'datatables.net', banners: ['/*! DataTables '], files: ['jquery.dataTables'] },
  { npm: 'jplayer', banners: ['jPlayer '], near: 'jQuery', files: ['jquery.jplayer'] },
  { npm: 'bootstrap', banners: ['* Bootstrap v', '/*! Bootstrap v'], files: ['bootstrap'] },
  { npm: 'bootstrap-select', banners: ['Bootstrap-select v'], files: ['bootstrap-select'] },
  { npm: 'angular', banners: ['AngularJS v'], files: ['angular', 'angularjs'] },
  { npm: '@angular/core', banners: ['@license Angular v'], files: [] },
  { npm: 'backbone', banners: ['//     Backbone.js ', '// Backbone.js '], files: ['backbone'] },
  { npm: 'underscore', banners: ['Underscore.js '], files: ['underscore'] },
  { npm: 'lodash', banners: ['Lodash ', 'lodash ', 'Lo-Dash '], files: ['lodash'] },
  { npm: 'moment', banners: ['//! version : '], near: 'moment.js', files: ['moment'] },
  { npm: 'handlebars', banners: ['handlebars v'], files: ['handlebars'] },
  { npm: 'mustache', banners: [], files: ['mustache'] },
  { npm: 'knockout', banners: ['Knockout JavaScript library v'], files: ['knockout'] },
  { npm: 'ember-source', banners: ['// Version: v'], near: 'Ember', files: ['ember'] },
  { npm: 'vue', banners: ['Vue.js v', '* vue v'], files: ['vue'] },
  { npm: 'react-dom', banners: ['@license React v'], near: '* react-dom.', files: ['react-dom'] },
  { npm: 'react', banners: ['@license React v', '* React v'], near: '* react.', files: ['react'] },
  { npm: 'axios', banners: ['Axios v', 'axios v'], files: ['axios'] },
  { npm: 'dompurify', banners: ['@license DOMPurify '], files: ['purify', 'dompurify'] },
  { npm: 'highlight.js', banners: ['Highlight.js v', 'highlight.js v'], files: ['highlight'] },
  { npm: 'marked', banners: ['* marked v'], files: ['marked'] },
  { npm: 'markdown-it', banners: ['/*! markdown-it '], files: ['markdown-it'] },
  { npm: 'd3', banners: ['https://d3js.org v', 'https://d3js.org Version '], files: ['d3'] },
  { npm: 'c3', banners: [], files: ['c3'] },
  { npm: 'chart.js', banners: ['* Chart.js v'], files: ['chart', 'Chart'] },
  { npm: 'echarts', banners: [], files: ['echarts'] },
  { npm: 'highcharts', banners: ['Highcharts JS v'], files: ['highcharts'] },
  { npm: 'select2', banners: ['/*! Select2 ', '* Select2 '], files: ['select2'] },
  { npm: 'tinymce', banners: ['TinyMCE version '], files: ['tinymce'] },
  { npm: 'froala-editor', banners: ['froala_editor v'], files: ['froala_editor'] },
  { npm: 'quill', banners: ['Quill Editor v'], files: ['quill'] },
  { npm: 'swiper', banners: ['* Swiper '], files: ['swiper'] },
  { npm: 'video.js', banners: ['Video.js '], near: 'videojs', files: ['video.js'] },
  { npm: 'jszip', banners: ['JSZip v'], files: ['jszip'] },
  { npm: 'ua-parser-js', banners: ['UAParser.js v'], files: ['ua-parser'] },
  { npm: 'pdfobject', banners: ['PDFObject v'], files: ['pdfobject'] },
  { npm: 'protobufjs', banners: ['protobuf.js v'], files: ['protobuf'] },
  { npm: 'alasql', banners: ['AlaSQL v'], files: ['alasql'] },
  { npm: 'plupload', banners: [], files: ['plupload'] },
  { npm: 'easyxdm', banners: [], files: ['easyXDM'] },
  { npm: 'mootools', banners: [], files: ['mootools'] },
  { npm: 'yui', banners: ['YUI '], near: 'Yahoo', files: ['yui'] },
  { npm: 'validator', banners: [], files: [] },
  { npm: 'next', banners: [], files: [] },
  { generic: 'prototypejs', banners: ['Prototype JavaScript framework, version '], files: ['prototype'] },
  { generic: 'extjs', banners: ['Ext JS Library '], files: ['ext-all', 'ext-all-debug'] },
  { generic: 'swfobject', banners: ['SWFObject v'], files: ['swfobject'] },
  { generic: 'flowplayer', banners: [], files: ['flowplayer'] },
];
