// The report of a real run in real Chromium: nothing is loaded, nothing overflows, axe finds nothing; at three sizes, light
// and dark.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { chromium } from 'playwright-core'
import { afterAll, expect, test } from 'vitest'
import { constant, module, openRun, profile, reportHtml } from '../dist/index.js'
import { findProgram, needs } from './requirement.ts'

const scratch = mkdtempSync(join(tmpdir(), 'tailwatt-report-'))
afterAll(() => rmSync(scratch, { recursive: true, force: true }))

const browserPath = findProgram('chromium', 'chromium-browser', 'google-chrome')
const inBrowser = needs('chromium', browserPath !== undefined, 'no Chromium on PATH')
const steady = pathToFileURL(join(import.meta.dirname, 'fixtures/targets/steady.mjs')).href

async function page(name: string): Promise<string> {
  const target = module(steady, { ms: 2 })
  const run = await profile({
    target,
    load: constant({ rate: 150 }),
    for: '3s',
    cold: 2,
    out: scratch,
    name,
    sla: ['p99<50ms', 'gpu_power<9W'],
  })
  return reportHtml(await openRun(run.folder))
}

test('text from the run is text in the page', async () => {
  const run = await profile({ target: module(steady, { ms: 1 }), requests: 50, cold: 1, out: scratch, sensors: [] })
  const opened = await openRun(run.folder)
  const evil = { ...opened.document, target: { ...opened.document.target, name: '<script>alert(1)</script>"\'&' } }
  const html = await reportHtml({ ...opened, document: evil })
  expect(html).not.toContain('<script>alert')
  expect(html).toContain('&lt;script&gt;alert(1)')
})

inBrowser('the report loads nothing, overflows nowhere, and axe finds nothing', async () => {
  const path = join(scratch, 'report.html')
  writeFileSync(path, await page('report'))
  const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')
  const browser = await chromium.launch({ executablePath: browserPath!, args: ['--no-sandbox'] })
  try {
    for (const colorScheme of ['light', 'dark'] as const) {
      for (const width of [1280, 768, 390]) {
        const context = await browser.newContext({ viewport: { width, height: 900 }, colorScheme, bypassCSP: true })
        const tab = await context.newPage()
        const problems: string[] = []
        tab.on('console', (message) => void (message.type() === 'error' && problems.push(message.text())))
        tab.on('pageerror', (error) => problems.push(error.message))
        tab.on('request', (request) => void (/^https?:/.test(request.url()) && problems.push(request.url())))
        await tab.goto(pathToFileURL(path).href)
        const overflow = await tab.evaluate(
          'document.documentElement.scrollWidth - document.documentElement.clientWidth',
        )
        expect(overflow, `${colorScheme} ${width}`).toBeLessThanOrEqual(0)
        await tab.evaluate(axe)
        const result = (await tab.evaluate('axe.run()')) as { violations: { id: string; nodes: { html: string }[] }[] }
        expect(
          result.violations.map((v) => `${v.id}: ${v.nodes[0]!.html.slice(0, 160)}`),
          `${colorScheme} ${width}`,
        ).toEqual([])
        expect(problems).toEqual([])
        await context.close()
      }
    }
  } finally {
    await browser.close()
  }
})
