// Screenshots of the live page in mid-run and of the report it becomes, at three sizes, light and dark:
// node tools/screenshot-live.mjs FOLDER [all|none]   (sensors of known power, or this machine's own)
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { chromium } from 'playwright-core'
import { module, openRun, poisson, profile, reportHtml, serveLive } from '../dist/index.js'

const [folder = 'screenshots', sensors = 'all'] = process.argv.slice(2)
mkdirSync(folder, { recursive: true })
const out = mkdtempSync(join(tmpdir(), 'tailwatt-shots-'))
const fixture = (path) => fileURLToPath(new URL(`../test/fixtures/${path}`, import.meta.url))
const target = module(fixture('targets/steady.mjs'), { ms: 4 })
const known = { watts: 90, low: 40, periodMs: 2000, gpuWatts: 210, systemWatts: 420, climate: true }
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
  args: ['--no-sandbox'],
})
const live = await serveLive({ target })
const tabs = []
for (const colorScheme of ['light', 'dark'])
  for (const width of [1280, 768, 390]) {
    const tab = await browser.newPage({ viewport: { width, height: 900 }, colorScheme })
    await tab.goto(live.url)
    tabs.push({ tab, name: `${colorScheme}-${width}` })
  }
const running = profile({
  target,
  load: poisson({ rate: 150 }),
  for: '20s',
  cold: 1,
  out,
  ...(sensors === 'all' ? { sensors: [{ kind: fixture('sensors/known-power.mjs'), options: known }] } : {}),
  onProgress: (progress) => live.show(progress),
})
await new Promise((done) => setTimeout(done, 14_000))
for (const { tab, name } of tabs) await tab.screenshot({ path: `${folder}/live-${name}.png`, fullPage: true })
const { folder: run } = await running
await live.end({ report: await reportHtml(await openRun(run)) })
for (const { tab, name } of tabs) await tab.screenshot({ path: `${folder}/after-${name}.png`, fullPage: true })
await browser.close()
rmSync(out, { recursive: true })
