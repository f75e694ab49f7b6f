// The page that shows a run while it goes on: the report's design, empty places, and a script that fills them from the
// server's events and at the end becomes the report.
import { html, render } from '../base/html.ts'
import { contentPolicy, inlineScript, inlineStyle, page } from '../report/page.ts'
import { pageScript, pageStyle } from '../report/style.ts'

const liveStyle = inlineStyle(
  `
progress{width:100%;height:10px;margin-top:8px;accent-color:var(--accent)}
#link{color:var(--soft);margin:4px 0 0}#link.lost{color:var(--warn);font-weight:600}
`
    .replaceAll('\n', '')
    .trim(),
)

// Each event brings whole parts, so a page that joins late or again needs nothing from before. What it inserts is markup of
// the one template, and the page's policy lets nothing run that is not on the page from the start, the report's script included.
const liveScript = inlineScript(
  `
{const part=(id)=>document.getElementById(id);
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
else{const word=document.createElement('p');word.className='word';word.textContent=message;part('status').replaceChildren(word);link('The run has ended.',false)}})}
`
    .replaceAll('\n', '')
    .trim(),
)

const styles = [pageStyle, liveStyle]
const scripts = [pageScript, liveScript]

/** Nothing but this page's own code and its own server. */
export const pagePolicy: string = contentPolicy(styles, scripts, "connect-src 'self'", "frame-ancestors 'none'")

export const livePage = (title: string): string =>
  render(
    page({
      title: `${title} – tailwatt, live`,
      styles,
      scripts,
      body: html`<header class="page"><div><h1>${title}</h1><p id="link" role="status">Connecting …</p></div><button id="theme" type="button" hidden>Light / dark</button></header>
<main><section class="verdict" aria-label="Progress" id="status"><p class="word">Starting</p></section>
<div class="tiles" id="tiles"></div><div class="grid" id="charts"></div></main>
<footer>Percentiles so far come from a histogram with an error of at most 0.4 %; the report at the end has exact ones, with intervals.</footer>`,
    }),
  )
