// How the page looks: light, dark and on paper. No address is in it, since nothing may be loaded.

/** The one style sheet; the page's policy allows it by its digest. */
export const pageStyle = `
:root{color-scheme:light dark;--bg:#f6f7f9;--card:#fff;--ink:#1a2230;--dim:#5c677a;--line:#e1e5eb;--accent:#1f5fbf;--shadow:0 1px 2px #0f172a14,0 4px 16px #0f172a0a;
--critical:#a3123a;--high:#d1480f;--medium:#b98400;--low:#2f74c0;--negligible:#7c8798;--unknown:#7653b5;--good:#1c7a46;--good-bg:#e5f5eb;--warn:#8a5a00;--warn-bg:#fff4dc}
@media(prefers-color-scheme:dark){:root{--bg:#0f141b;--card:#171e28;--ink:#e6eaf0;--dim:#97a3b6;--line:#2a3442;--accent:#79aef5;--shadow:none;
--critical:#f0527d;--high:#f47b45;--medium:#e3b341;--low:#6cabf0;--negligible:#8b97a9;--unknown:#b594ee;--good:#6fd79b;--good-bg:#143022;--warn:#f2c464;--warn-bg:#362a10}}
*{box-sizing:border-box}
body{margin:0;background:var(--bg);color:var(--ink);font:15px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue","DejaVu Sans",sans-serif;-webkit-text-size-adjust:100%;overflow-wrap:break-word}
li,p,summary,.meta b,.tile span{overflow-wrap:anywhere;min-width:0}
main,header>div,footer{max-width:82rem;margin:0 auto;padding:0 1.5rem}
header{background:var(--card);border-bottom:1px solid var(--line);padding:1.6rem 0 1.3rem}
.brand{font-size:.75rem;letter-spacing:.12em;text-transform:uppercase;color:var(--dim);font-weight:600}
h1{font-size:1.55rem;line-height:1.25;margin:.2rem 0 .5rem;overflow-wrap:anywhere;font-weight:650;letter-spacing:-.01em}
h2{font-size:1.1rem;margin:0 0 .8rem;font-weight:650}
h3{font-size:.85rem;margin:0 0 .5rem;color:var(--dim);font-weight:600}
code,.id{font-family:ui-monospace,"SF Mono",Menlo,Consolas,"DejaVu Sans Mono",monospace;font-size:.86em;overflow-wrap:anywhere}
a{color:var(--accent);text-decoration:none}a:hover{text-decoration:underline}
.meta{display:flex;flex-wrap:wrap;gap:.25rem 1.4rem;color:var(--dim);font-size:.88rem;margin:0;padding:0;list-style:none}
.meta b{color:var(--ink);font-weight:600}
section{background:var(--card);border:1px solid var(--line);border-radius:10px;box-shadow:var(--shadow);padding:1.2rem 1.4rem;margin:1.1rem 0}
.state{border-left:5px solid var(--good);background:var(--good-bg)}.state.not{border-left-color:var(--warn);background:var(--warn-bg)}
.state p{margin:0;font-weight:600}.state ul{margin:.5rem 0 0;padding-left:1.2rem}.state li{margin:.15rem 0}.state small{color:var(--dim)}
.tiles{display:grid;grid-template-columns:repeat(auto-fit,minmax(7.6rem,1fr));gap:.8rem;margin:1.1rem 0}
.tile{background:var(--card);border:1px solid var(--line);border-top:4px solid var(--c,var(--line));border-radius:10px;padding:.7rem .9rem;box-shadow:var(--shadow)}
.tile b{display:block;font-size:1.75rem;line-height:1.15;font-weight:650;font-variant-numeric:tabular-nums}.tile span{font-size:.8rem;color:var(--dim)}.tile.zero b{color:var(--dim);font-weight:400}
.critical{--c:var(--critical)}.high{--c:var(--high)}.medium{--c:var(--medium)}.low{--c:var(--low)}.negligible{--c:var(--negligible)}.unknown{--c:var(--unknown)}
.badge{display:inline-block;color:var(--c);font-weight:650;font-size:.82rem;white-space:nowrap}.badge::before{content:"";display:inline-block;width:.62em;height:.62em;border-radius:50%;background:var(--c);margin-right:.45em}
.kev{display:inline-block;background:var(--critical);color:var(--card);border-radius:4px;font-size:.7rem;font-weight:650;padding:.05rem .4rem;white-space:nowrap}
.picture{display:grid;grid-template-columns:minmax(0,2fr) minmax(0,1fr);gap:1.6rem}@media(max-width:58rem){.picture{grid-template-columns:1fr}}
svg{display:block;width:100%;height:auto}svg text{font:600 12px system-ui,"DejaVu Sans",sans-serif;fill:#fff;pointer-events:none}svg .count{font-weight:400;font-size:11px;opacity:.9}
svg .group{fill:var(--dim);font-size:11px;font-weight:600}
.area rect{fill:var(--c);fill-opacity:.92;stroke:var(--card);stroke-width:2}.area.chooses{cursor:pointer}.area:hover rect,.area:focus rect{fill-opacity:1;stroke:var(--ink)}.area:focus{outline:none}
@media(prefers-color-scheme:dark){svg text{fill:#10151c}svg .group{fill:var(--dim)}}
.note{color:var(--dim);font-size:.84rem;margin:.6rem 0 0}
.label,.at-narrow{display:none}
.bar{display:grid;grid-template-columns:4.9rem 1fr 2.6rem;align-items:center;gap:.6rem;font-size:.84rem;margin:.28rem 0}.bar span{white-space:nowrap}.bar span:last-child{text-align:right;font-variant-numeric:tabular-nums}
.bar.file{grid-template-columns:1fr 5rem 2.6rem}.bar.file span:first-child{overflow:hidden;text-overflow:ellipsis}
.bar svg{height:15px;border-radius:4px;background:var(--line)}.bar rect{fill:var(--c)}
ol.actions{margin:0;padding-left:1.5rem}ol.actions li{margin:.35rem 0;overflow-wrap:anywhere}td b{overflow-wrap:anywhere}ol.actions li::marker{color:var(--dim)}.removes{color:var(--dim)}.made{display:block;color:var(--dim);font-size:.84rem}
form{display:flex;flex-wrap:wrap;gap:.7rem 1.1rem;align-items:center;padding:.75rem .9rem;border:1px solid var(--line);border-radius:8px;background:var(--bg);margin:0 0 1rem;font-size:.88rem}
form[hidden]{display:none}form label{display:inline-flex;align-items:center;gap:.35rem;white-space:nowrap}
input[type=search],select{font:inherit;color:inherit;background:var(--card);border:1px solid var(--line);border-radius:6px;padding:.35rem .6rem;max-width:100%}input[type=search]{flex:1 1 15rem;min-width:11rem}select{max-width:15rem}
button{font:inherit;color:var(--accent);background:none;border:1px solid var(--line);border-radius:6px;padding:.35rem .8rem;cursor:pointer}button:hover{border-color:var(--accent)}
:focus-visible{outline:2px solid var(--accent);outline-offset:1px}
#shown{color:var(--dim);margin-left:auto;font-variant-numeric:tabular-nums}
.wide{overflow-x:auto}table{border-collapse:collapse;width:100%;font-size:.9rem}
th{text-align:left;font-size:.76rem;font-weight:600;color:var(--dim);padding:.35rem .7rem;border-bottom:2px solid var(--line);white-space:nowrap}
td{vertical-align:top;padding:.5rem .7rem;border-bottom:1px solid var(--line)}tr:last-child td{border-bottom:0}tbody tr:hover{background:var(--bg)}
.number{text-align:right;font-variant-numeric:tabular-nums;white-space:nowrap}td.id{max-width:19rem}td.whole{white-space:nowrap}td.id .dim{font-family:system-ui,sans-serif;white-space:nowrap}.fix{color:var(--good)}.dim{color:var(--dim)}
summary{cursor:pointer;overflow-wrap:anywhere}details p,details ul{margin:.4rem 0;font-size:.86rem}details ul{padding-left:1.1rem}td.about{min-width:17rem;max-width:34rem}
td.name{min-width:9rem;max-width:22rem}td.name code{font-size:.8em}
footer{color:var(--dim);font-size:.82rem;padding-bottom:2.4rem}
@media(max-width:50rem){main,header>div,footer{padding-left:.8rem;padding-right:.8rem}section{padding:1rem .9rem}.at-wide{display:none}.at-narrow{display:block;max-width:26rem}
.bare{display:none}.label{display:inline;font-weight:400;color:var(--dim)}.cards thead{display:none}.cards,.cards tbody{display:block}
.cards tr{display:flex;flex-wrap:wrap;gap:.15rem .9rem;align-items:baseline;padding:.7rem 0;border-bottom:1px solid var(--line)}.cards tr[hidden]{display:none}.cards tr:last-child{border-bottom:0}
.cards td{display:block;padding:0;border:0;max-width:100%;min-width:0;text-align:left}.cards td:empty{display:none}.cards td.about,.cards td.name{flex:1 0 100%}.cards td.to::before{content:"\u2192\u00a0";color:var(--dim)}.cards td.whole{margin-left:auto}
#shown{margin-left:0}form{gap:.6rem .9rem}select{max-width:100%}}
@media print{:root{--bg:#fff;--shadow:none}body{font-size:10pt}form{display:none}section,.tile{break-inside:avoid;border-color:#ccc}section.long{break-inside:auto}tr{break-inside:avoid}*{print-color-adjust:exact;-webkit-print-color-adjust:exact}main,header>div,footer{padding:0;max-width:none}td.about{min-width:0}}
`;
