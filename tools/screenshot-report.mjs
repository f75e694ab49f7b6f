// Screenshots of a report at three sizes, light and dark: node tools/screenshot-report.mjs REPORT.html FOLDER
import { mkdirSync } from 'node:fs'
import { resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { chromium } from 'playwright-core'

const [page, folder = 'screenshots'] = process.argv.slice(2)
mkdirSync(folder, { recursive: true })
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
  args: ['--no-sandbox'],
})
for (const colorScheme of ['light', 'dark']) {
  for (const width of [1280, 768, 390]) {
    const tab = await browser.newPage({ viewport: { width, height: 900 }, colorScheme })
    await tab.goto(pathToFileURL(resolve(page)).href)
    await tab.screenshot({ path: `${folder}/${colorScheme}-${width}.png`, fullPage: true })
    await tab.close()
  }
}
await browser.close()
