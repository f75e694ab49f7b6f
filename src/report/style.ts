// The page's style: one column of cards, light and dark, readable at any width. Contrast is at least 4.5 : 1 in both.
import { inlineScript, inlineStyle, type Inline } from './page.ts'

const style = `
:root{color-scheme:light dark;--bg:#f6f7f9;--card:#fff;--ink:#1b1f24;--soft:#57606a;--rule:#d5dae0;--accent:#0b5fb3;--second:#a04300;--third:#6b3fa0;
--good:#116329;--warn:#8a5a00;--bad:#b42318;--fill1:#3b82c4;--fill2:#d0762b;--fill3:#8a6bbf;--shade:#e9edf2;--idle:#b8c0c9;--other:#7f9a86;--warn-bg:#fff4d6}
:root[data-theme=dark]{color-scheme:dark;--bg:#0f1318;--card:#181e25;--ink:#e8ecf1;--soft:#a3adb8;--rule:#343d47;--accent:#6db3f2;--second:#f0a35e;--third:#c0a3f0;
--good:#5fd38a;--warn:#e8b84a;--bad:#ff8a80;--fill1:#4a8fd0;--fill2:#d98a45;--fill3:#9a80d0;--shade:#232b34;--idle:#55606c;--other:#5f7d68;--warn-bg:#3a2e0e}
@media (prefers-color-scheme:dark){:root:not([data-theme=light]){color-scheme:dark;--bg:#0f1318;--card:#181e25;--ink:#e8ecf1;--soft:#a3adb8;--rule:#343d47;--accent:#6db3f2;--second:#f0a35e;--third:#c0a3f0;
--good:#5fd38a;--warn:#e8b84a;--bad:#ff8a80;--fill1:#4a8fd0;--fill2:#d98a45;--fill3:#9a80d0;--shade:#232b34;--idle:#55606c;--other:#5f7d68;--warn-bg:#3a2e0e}}
*{box-sizing:border-box}
body{margin:0;background:var(--bg);color:var(--ink);font:15px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,"DejaVu Sans",sans-serif;font-variant-numeric:tabular-nums}
main,header.page{max-width:1180px;margin:0 auto;padding:0 20px}
header.page{padding-top:24px;display:flex;gap:16px;align-items:flex-start;justify-content:space-between}
h1{font-size:24px;line-height:1.25;margin:0;overflow-wrap:anywhere}
h2{font-size:20px;margin:0}.card h2,.card h3{font-size:17px;margin:0 0 10px}
.part{margin:34px 0 0;scroll-margin-top:8px}
nav.parts{display:flex;flex-wrap:wrap;gap:6px 18px;margin:18px 0 0}nav.parts a{color:var(--accent)}
aside.synthetic{position:sticky;top:0;z-index:1;background:var(--warn-bg);color:var(--ink);border-bottom:2px solid var(--warn);padding:8px 20px;text-align:center;overflow-wrap:anywhere}
.synthetic-note{margin:12px 0 0;color:var(--soft)}aside.synthetic~main .part{scroll-margin-top:76px}
.mark-synthetic{display:inline-block;font-size:13px;font-weight:650;color:var(--warn);border:1px solid var(--warn);border-radius:6px;padding:1px 8px;margin-left:8px;vertical-align:middle}
.sub{color:var(--soft);margin:4px 0 0;overflow-wrap:anywhere}
button{font:inherit;color:var(--ink);background:var(--card);border:1px solid var(--rule);border-radius:6px;padding:5px 12px;cursor:pointer;white-space:nowrap}
button:focus-visible,summary:focus-visible,a:focus-visible,.scroll:focus-visible{outline:2px solid var(--accent);outline-offset:2px}
.grid{display:grid;grid-template-columns:repeat(auto-fill,minmax(min(100%,460px),1fr));gap:16px;margin:16px 0}
.card{background:var(--card);border:1px solid var(--rule);border-radius:10px;padding:16px 18px;min-width:0}
.tiles{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,170px),1fr));gap:12px;margin:20px 0 0}
.tile{background:var(--card);border:1px solid var(--rule);border-radius:10px;padding:12px 16px}
.tile .value{font-size:23px;font-weight:650;line-height:1.25;margin:0}
.tile .name{color:var(--soft);margin:0}
.tile .note{color:var(--soft);font-size:13px;margin:2px 0 0}
.verdict{border-left:5px solid var(--rule);padding-left:14px;margin:18px 0 0}
.verdict.good{border-color:var(--good)}.verdict.warn{border-color:var(--warn)}.verdict.bad{border-color:var(--bad)}
.verdict p{margin:0}.verdict .word{font-size:19px;font-weight:650}
.good .word,.word.good{color:var(--good)}.warn .word,.word.warn{color:var(--warn)}.bad .word,.word.bad{color:var(--bad)}
ul.findings{list-style:none;margin:0;padding:0;display:grid;gap:12px}
ul.findings li{border-left:4px solid var(--rule);padding-left:12px}
ul.findings li.critical{border-color:var(--bad)}ul.findings li.warn{border-color:var(--warn)}ul.findings li.info{border-color:var(--accent)}
ul.findings p{margin:0}.advice{color:var(--soft)}
.tag{font-size:12px;font-weight:650;text-transform:uppercase;letter-spacing:.04em}
.critical .tag{color:var(--bad)}.warn .tag{color:var(--warn)}.info .tag{color:var(--accent)}
table{border-collapse:collapse;width:100%;font-size:14px}
th,td{text-align:left;padding:5px 14px 5px 0;border-bottom:1px solid var(--rule);vertical-align:top;overflow-wrap:anywhere}
th{font-weight:600;color:var(--soft)}th[scope=row]{width:34%}th,td:first-child{overflow-wrap:normal;word-break:normal}
.short{white-space:nowrap}ul.cautions{margin:10px 0 0;padding-left:20px;font-size:14px}.wide{grid-column:1/-1}.wide .scroll td:not(.short){min-width:170px}
.scroll{overflow-x:auto}
.soft{color:var(--soft)}
code{font:13px/1.4 ui-monospace,SFMono-Regular,Menlo,"DejaVu Sans Mono",monospace;background:var(--shade);border-radius:4px;padding:1px 5px;overflow-wrap:anywhere}
details{margin-top:8px}summary{cursor:pointer;color:var(--soft);font-size:14px}
.chart{width:100%;height:auto;display:block}
.chart .grid{stroke:var(--rule);stroke-width:1}.chart .axis{stroke:var(--soft);stroke-width:1}
.chart text{fill:var(--soft);font-size:12px}.chart .name{font-size:12px}
.chart .series-1,.chart .series-2,.chart .series-3{fill:none;stroke-width:2;stroke-linejoin:round}
.chart .series-1{stroke:var(--accent)}.chart .series-2{stroke:var(--second);stroke-dasharray:5 3}.chart .series-3{stroke:var(--third)}
.chart .interval{fill:var(--accent);opacity:.18}.chart .cut{fill:var(--shade)}
.chart .dot{fill:var(--soft);opacity:.6}.chart .dot-key{stroke:var(--soft);stroke-width:3;stroke-dasharray:2 4}
.chart .bar,.chart .fill-1{fill:var(--fill1)}.chart .fill-2{fill:var(--fill2)}.chart .fill-3{fill:var(--fill3)}
.chart .mark{stroke:var(--second);stroke-width:1.5;stroke-dasharray:4 3}.chart .whisker{stroke:var(--ink);stroke-width:2}
.chart .estimate{fill:var(--fill3);opacity:.35}.chart .estimate-key{stroke:var(--fill3);stroke-width:8;opacity:.5}
.chart .res-idle{fill:var(--idle)}.chart .res-cpu{fill:var(--fill1)}.chart .res-dram{fill:var(--fill3)}.chart .res-gpu{fill:var(--fill2)}
.chart .res-other,.chart .res-whole,.chart .res-process{fill:var(--other)}.chart .layer{stroke:var(--card);stroke-width:1}
.chart .hatch{stroke:var(--soft);stroke-width:2.4}.chart .unattributed{stroke:none}
.chart .outer{fill:none;stroke:var(--ink);stroke-width:2}
.chart .phase{stroke:var(--soft);stroke-width:2}.chart .phase-load{stroke:var(--accent);stroke-width:4}
.chart .gap{fill:var(--bad)}.chart .held{fill:var(--bad);opacity:.12}
.chart .absent{fill:none;stroke:var(--soft);stroke-dasharray:4 4}.chart .strong{fill:var(--ink);font-weight:600}
.key{display:inline-block;width:14px;height:14px;margin-right:8px;vertical-align:-2px;border-radius:2px}
.key.res-idle{background:var(--idle)}.key.res-cpu{background:var(--fill1)}.key.res-dram{background:var(--fill3)}.key.res-gpu{background:var(--fill2)}.key.res-other{background:var(--other)}
.key.outer-key{height:3px;border-radius:0;background:var(--ink);vertical-align:4px}
.key.hatch-key{background:repeating-linear-gradient(45deg,var(--soft) 0 2px,transparent 2px 5px)}.key.estimate{background:var(--fill3);opacity:.5}
.absent{color:var(--soft);font-style:italic}.inner{padding-left:16px}.told{display:block;max-width:min(90ch,58vw)}
.meter{display:inline-block;width:90px;height:10px;border:1px solid var(--soft);border-radius:5px;overflow:hidden;vertical-align:middle}.meter .share{fill:var(--fill1)}
.size-mid,.size-narrow{display:none}
@media (max-width:999px){.size-wide{display:none}.size-mid{display:block}}
@media (max-width:559px){.wide .scroll td:last-child:not(.short):not([colspan]){min-width:300px}.told{max-width:40vw}.size-mid{display:none}.size-narrow{display:block}}
footer{max-width:1180px;margin:24px auto;padding:0 20px;color:var(--soft);font-size:13px}
@media print{button,nav.parts,details{display:none}body{background:#fff}.card,.tile{break-inside:avoid}.scroll{overflow:visible}.short,th{white-space:normal}table{font-size:11px}.wide .scroll td{min-width:0!important}aside.synthetic{position:static}}
`
  .replaceAll('\n', '')
  .trim()

export const pageStyle: Inline = inlineStyle(style)

// In a block: a live page that becomes the report has run it before, and its names must still be free.
const script = `
{const root=document.documentElement,button=document.getElementById('theme');
button.hidden=false;
button.addEventListener('click',()=>{
const dark=root.dataset.theme?root.dataset.theme==='dark':matchMedia('(prefers-color-scheme:dark)').matches;
root.dataset.theme=dark?'light':'dark'})}
`
  .replaceAll('\n', '')
  .trim()

/** Switches between the system's theme and the other one; nothing else on the page needs a script. */
export const pageScript: Inline = inlineScript(script)
