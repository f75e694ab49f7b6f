// The page that shows a run while it goes on: the report's design, empty places, and a script that fills them from the
// server's events and at the end becomes the report.
import { escape } from '../charts/svg.ts'
import { pageScript, pageStyle } from '../report/style.ts'

const ownStyle = `
progress{width:100%;height:10px;margin-top:8px;accent-color:var(--accent)}
#link{color:var(--soft);margin:4px 0 0}#link.lost{color:var(--warn);font-weight:600}
`
  .replaceAll('\n', '')
  .trim()

// Each event brings whole parts, so a page that joins late or again needs nothing from before.
const liveScript = `
const part=(id)=>document.getElementById(id);
const link=(text,lost)=>{part('link').textContent=text;part('link').classList.toggle('lost',lost)};
const source=new EventSource('events');
source.onopen=()=>link('Live from tailwatt on this machine.',false);
source.onerror=()=>link('The connection is lost; trying again. When the run has ended, tailwatt list shows it.',true);
source.addEventListener('view',(event)=>{
for(const [id,html] of Object.entries(JSON.parse(event.data)))part(id).innerHTML=html});
source.addEventListener('end',(event)=>{
source.close();
const {report,message}=JSON.parse(event.data);
if(report){document.open();document.write(report);document.close()}
else{part('status').innerHTML='<p class="word"></p>';part('status').firstChild.textContent=message;link('The run has ended.',false)}});
`
  .replaceAll('\n', '')
  .trim()

/** Nothing but this page's own code and its own server. */
export const pagePolicy: string =
  "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; connect-src 'self'; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

// Scripts in blocks: when the page becomes the report, that one's names must still be free.
export const livePage = (title: string): string => `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1">
<title>${escape(title)} – tailwatt, live</title><link rel="icon" href="data:,"><style>${pageStyle}${ownStyle}</style></head>
<body><header class="page"><div><h1>${escape(title)}</h1><p id="link" role="status">Connecting …</p></div><button id="theme" type="button" hidden>Light / dark</button></header>
<main><section class="verdict" aria-label="Progress" id="status"><p class="word">Starting</p></section>
<div class="tiles" id="tiles"></div><div class="grid" id="charts"></div></main>
<footer>Percentiles so far come from a histogram with an error of at most 0.4 %; the report at the end has exact ones, with intervals.</footer>
<script>{${pageScript}}</script><script>{${liveScript}}</script></body></html>
`
