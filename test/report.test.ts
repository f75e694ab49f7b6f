// The report in real Chromium: nothing is loaded, nothing overflows, axe finds nothing; of a real run, and of invented
// machines whose every power is known, at three sizes, light and dark. What the page says is what the document says.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { chromium, type Browser } from 'playwright-core'
import { afterAll, describe, expect, test } from 'vitest'
import { analyse } from '../dist/analysis/analyse.js'
import { constant, module, openRun, profile, reportHtml, type RunDocument } from '../dist/index.js'
import { htmlReport } from '../dist/report/html.js'
import { intervalOf, quantity, withInterval } from '../dist/report/text.js'
import { energyRun } from './fixtures/energy-run.mjs'
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

type Machine = Parameters<typeof energyRun>[0]
type Options = Parameters<typeof energyRun>[1]

function reportOf(machine: Machine, options: Options = {}): { readonly html: string; readonly document: RunDocument } {
  const measured = energyRun(machine, options)
  const document = analyse(measured)
  return { html: htmlReport(measured, document), document }
}

const textOf = (html: string): string =>
  html
    .replace(/<br>/g, ' ')
    .replace(/<[^>]*>/g, '')
    .replace(/&#39;/g, "'")
    .replace(/&lt;/g, '<')
    .replace(/&gt;/g, '>')
    .replace(/&amp;/g, '&')

/** Rows of the table with that caption, as text. */
function rowsOf(html: string, caption: string): readonly (readonly string[])[] {
  const at = html.indexOf(`aria-label="${caption}"`)
  expect(at, `a table called ${caption}`).toBeGreaterThan(0)
  const body = html.slice(html.indexOf('<tbody>', at), html.indexOf('</tbody>', at))
  return body
    .split('<tr>')
    .slice(1)
    .map((row) => [...row.matchAll(/<t[dh][^>]*>(.*?)<\/t[dh]>/gs)].map((match) => textOf(match[1]!)))
}

const rowNamed = (rows: readonly (readonly string[])[], name: string): readonly string[] =>
  rows.find(([first]) => first!.startsWith(name)) ?? expect.fail(`no row ${name}`)

test('text from the run is text in the page', async () => {
  const run = await profile({ target: module(steady, { ms: 1 }), requests: 50, cold: 1, out: scratch, sensors: [] })
  const opened = await openRun(run.folder)
  const evil = { ...opened.document, target: { ...opened.document.target, name: '<script>alert(1)</script>"\'&' } }
  const html = await reportHtml({ ...opened, document: evil })
  expect(html).not.toContain('<script>alert')
  expect(html).toContain('&lt;script&gt;alert(1)')
})

describe('power and energy in the page', () => {
  const { html, document } = reportOf('server', { gap: [9, 11] })
  const { energy, power } = document

  test('each figure is the document’s', () => {
    const rows = rowsOf(html, 'Figures of power and energy')
    const figures = [
      ['system power', power.system_w],
      ['CPU power', power.cpu_w],
      ['GPU power', power.gpu_w],
      ['energy of the window', energy.total_j],
      ['energy per inference', energy.per_inference_j],
      ['energy per inference above idle', energy.net_per_inference_j],
      ['idle power', energy.idle_w],
      ['carbon', energy.carbon_g],
    ] as const
    for (const [name, figure] of figures) {
      const row = rows.find(([first]) => first === name)!
      expect(row[1], name).toBe(quantity(figure))
      expect(figure!.value, name).not.toBeNull()
    }
  })

  test('the key of the power chart has the joules of the parts and the residual of the check', () => {
    const rows = rowsOf(html, 'Key of the power chart')
    const residual = energy.checks!.find(({ against }) => against[0] === 'shelly/192.0.2.7/power')!.residual!
    const devices = energy.chain!.find(({ level }) => level === 'devices')!
    expect(rowNamed(rows, 'wall')[2]).toBe(withInterval(energy.total_j))
    expect(rowNamed(rows, 'unattributed')[2]).toBe(withInterval(residual))
    for (const [name, part] of [
      ['CPU 0', devices.parts[0]],
      ['DRAM 0', devices.parts[1]],
      ['NVIDIA Example 80GB', devices.parts[2]],
    ] as const)
      expect(rowNamed(rows, name)[2], name).toBe(withInterval(part!.joules))
  })

  test('the chain has each step with its residual, and what is missing with its remedy', () => {
    const rows = rowsOf(html, 'The chain of energy, step by step')
    const step = (level: string) => energy.chain!.find((each) => each.level === level)!
    expect(rowNamed(rows, 'wall')[1]).toBe(withInterval(step('wall').watts))
    expect(rowNamed(rows, 'wall')[2]).toBe(withInterval(energy.total_j))
    expect(rowNamed(rows, 'devices')[2]).toBe(withInterval(step('devices').joules))
    expect(rowNamed(rows, 'profiled process')[2]).toBe(withInterval(step('process').joules))
    expect(rowNamed(rows, 'one inference')[2]).toBe(withInterval(energy.per_inference_j))
    const host = rowNamed(rows, 'host')
    expect(host[1]).toMatch(/^not measured: /)
    expect(host[1]).toContain(step('platform').missing!.remedy)
    // 190 W beside 150 + 17 + 470 W of 750 W at the socket, of which 40 … 110 W belong to no device.
    const check = energy.checks!.find(({ against }) => against[0] === 'shelly/192.0.2.7/power')!
    expect(rowNamed(rows, 'wall')[4]).toContain(
      quantity({ value: check.residual_w, low: null, high: null, n: 0, unit: 'W' }),
    )
  })

  test('the residual is hatched where there is one, and only there', () => {
    const hatched = (page: string): boolean => /class="unattributed"/.test(page)
    expect(hatched(html)).toBe(true)
    expect(hatched(reportOf('laptop').html)).toBe(true)
    expect(hatched(reportOf('rapl').html)).toBe(false)
    expect(hatched(reportOf('estimate').html)).toBe(false)
  })

  test('a gap is marked and said', () => {
    expect(html).toContain('class="gap"')
    expect(html).toMatch(/Without a reading for 2\.\d+ s \(rapl\/package-0\/energy\)/)
    expect(reportOf('rapl').html).not.toContain('Without a reading')
  })

  test('every sensor stands with what it rests on, every check with its verdict', () => {
    const sensors = rowsOf(html, 'Sensors of power and energy')
    expect(sensors.map(([channel]) => channel!.split(' ')[0])).toEqual([
      'rapl/package-0/energy',
      'rapl/package-0/dram/energy',
      'rapl/package-0/core/energy',
      'rapl/package-0/energy-powercap',
      'nvml/GPU-5a1e0000…/energy',
      'nvml/GPU-5a1e0000…/power',
      'shelly/192.0.2.7/power',
    ])
    expect(sensors.every((row) => row[2] === 'measured')).toBe(true)
    expect(sensors.at(-1)!.at(-1)).toBe('±1.00 %')
    const checks = rowsOf(html, 'Cross-checks')
    expect(checks).toHaveLength(energy.checks!.length)
    expect(checks.map((row) => row.at(-1))).toContain('agree: the same joules')
    expect(checks.some((row) => row.at(-1)!.endsWith('unaccounted'))).toBe(true)
  })

  test('replayed readings are called that', () => {
    const measured = energyRun('rapl')
    const channels = measured.manifest.channels.map((channel) => ({
      ...channel,
      sensor: 'replay',
      origin: 'replayed' as const,
    }))
    const replayed = { ...measured, manifest: { ...measured.manifest, channels } }
    const rows = rowsOf(htmlReport(replayed, analyse(replayed)), 'Sensors of power and energy')
    expect(rows.map((row) => row[2])).toEqual(rows.map(() => 'replayed'))
  })

  test('carbon says what was assumed; without a region it is a range and names the flag', () => {
    const carbon = rowsOf(html, 'Carbon')
    expect(rowNamed(carbon, 'of the measured window')[1]).toBe(withInterval(energy.carbon_g))
    expect(rowNamed(carbon, 'grid')[1]).toContain('Poland (POL)')
    expect(rowNamed(carbon, 'building')[1]).toContain('1.20')
    const without = reportOf('laptop')
    expect(rowNamed(rowsOf(without.html, 'Carbon'), 'of the measured window')[1]).toBe(
      quantity(without.document.energy.carbon_g),
    )
    expect(without.document.energy.carbon_g!.value).toBeNull()
    expect(without.html).toContain('A range, because no region was given.')
    // A caution of another kind, such as of a replayed reading, is no want of a region.
    const measured = energyRun('server')
    const channels = measured.manifest.channels.map((channel) => ({
      ...channel,
      sensor: 'replay',
      origin: 'replayed' as const,
    }))
    const replayed = { ...measured, manifest: { ...measured.manifest, channels } }
    expect(analyse(replayed).energy.carbon_g!.cautions).toContainEqual(expect.objectContaining({ code: 'replayed' }))
    expect(htmlReport(replayed, analyse(replayed))).not.toContain('A range, because')
    expect(html).not.toContain('A range, because')
  })
})

describe('a host with little', () => {
  test('an estimate is a band and a range, in no stack, and called not measured', () => {
    const { html, document } = reportOf('estimate')
    expect(document.energy.total_j!.grade).toBe('D')
    expect(html).toContain('class="estimate"')
    expect(html).not.toMatch(/class="res-(?:cpu|gpu|dram|idle)/)
    const rows = rowsOf(html, 'The chain of energy, step by step')
    expect(rowNamed(rows, 'wall')[1]).toMatch(/^not measured: .*--sensors \+shelly/)
    expect(rowNamed(rows, 'devices').slice(1, 4)).toEqual([
      quantity(document.energy.chain!.find(({ level }) => level === 'devices')!.watts),
      quantity(document.energy.total_j),
      'D',
    ])
    expect(textOf(html)).toContain('Nothing in this chain was measured.')
  })

  test('without any power the chain is a list of remedies', () => {
    const { html } = reportOf('nothing')
    const rows = rowsOf(html, 'The chain of energy, step by step')
    expect(rows).toHaveLength(5)
    expect(rows.every((row) => row[1] !== '' && row[2] !== '')).toBe(true)
    expect(html).not.toContain('id="power-wide-title"')
  })

  test('a meter alone is unattributed throughout', () => {
    const { html } = reportOf('meter')
    expect(html).toContain('class="unattributed"')
    expect(textOf(html)).toContain('No device was measured, so all of it is unattributed.')
  })
})

describe('hardware in the page', () => {
  const { html, document } = reportOf('server')

  test('each figure of each device, with its interval', () => {
    const figures = document.utilization!.devices![0]!.figures
    const rows = rowsOf(html, 'NVIDIA Example 80GB')
    for (const [name, key] of [
      ['SM occupancy', 'sm_occupancy'],
      ['tensor pipes', 'tensor'],
      ['DRAM bandwidth', 'dram_utilization'],
      ['PCIe sent', 'pcie_tx_rate'],
    ] as const)
      expect(rowNamed(rows, name)[1], name).toBe(withInterval(figures[key]))
    const cpu = rowsOf(html, 'CPU and host')
    expect(rowNamed(cpu, 'instructions per cycle')[1]).toBe('1.40')
    // 3 of 40 missed.
    expect(rowNamed(cpu, 'cache hits')[1]).toBe('92.5 %')
    expect(rowNamed(cpu, 'host busy')[1]).toBe(withInterval(document.utilization!.host_busy))
  })

  test('throttling, and its coincidence with latency, called that', () => {
    const rows = rowsOf(html, 'Throttling by reason')
    const [thermal] = document.thermal!.throttled
    expect(rows[0]![1]).toMatch(/^thermal nvml/)
    expect(rows[0]!.slice(2)).toEqual(['heat', withInterval(thermal!.share)])
    expect(textOf(html)).toContain('a coincidence, not a cause')
    const change = document.thermal!.coincidence!.change!
    expect(rowNamed(rowsOf(html, 'Throttling and latency'), 'difference')[1]).toContain(intervalOf(change))
    expect(html).toContain('class="held"')
  })

  test('a device without activity counters says which are missing', () => {
    const measured = energyRun('server')
    const channels = measured.manifest.channels.map((channel) =>
      channel.id.startsWith('gpm/') ? { ...channel, quantity: 'count' as const } : channel,
    )
    const without = { ...measured, manifest: { ...measured.manifest, channels } }
    expect(textOf(htmlReport(without, analyse(without)))).toContain(
      'Not measured: SM occupancy, tensor activity, DRAM bandwidth.',
    )
  })
})

test('a synthetic run says so in its banner, its title, at every section, and at every sensor', () => {
  const synthetic = { board: 'H100 <SXM5>', note: 'From its datasheet.' }
  const { html } = reportOf('server', { synthetic })
  expect(html).toContain('<title>Synthetic: ')
  expect(html).not.toContain('Measured as asked')
  expect(textOf(html)).toContain('Synthetic: not measured. Generated to imitate H100 <SXM5>.')
  expect(textOf(html)).toContain('From its datasheet.')
  const headings = [...html.matchAll(/<h2[^>]*>(.*?)<\/h2>/g)].map((match) => textOf(match[1]!))
  expect(headings.length).toBeGreaterThanOrEqual(4)
  for (const heading of headings) expect(heading).toContain('Synthetic: not measured')
  expect(rowsOf(html, 'Sensors of power and energy').every((row) => row[2] === 'synthetic')).toBe(true)
  expect(reportOf('server').html).not.toContain('ynthetic: not')
})

test('a page stays below a megabyte', () => {
  for (const machine of ['server', 'laptop', 'estimate'] as const)
    expect(reportOf(machine, { length: 120 }).html.length).toBeLessThan(1e6)
})

const sizes = [1280, 768, 390]
type View = readonly ['light' | 'dark', number]
const everyView: readonly View[] = (['light', 'dark'] as const).flatMap((scheme) =>
  sizes.map((width) => [scheme, width] as const),
)
const axeSource = (): string => readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')

async function inspect(browser: Browser, name: string, html: string, [colorScheme, width]: View): Promise<void> {
  const path = join(scratch, `${name}.html`)
  writeFileSync(path, html)
  const context = await browser.newContext({ viewport: { width, height: 900 }, colorScheme, bypassCSP: true })
  const tab = await context.newPage()
  const problems: string[] = []
  tab.on('console', (message) => void (message.type() === 'error' && problems.push(message.text())))
  tab.on('pageerror', (error) => problems.push(error.message))
  tab.on('request', (request) => void (/^https?:/.test(request.url()) && problems.push(request.url())))
  await tab.goto(pathToFileURL(path).href)
  const where = `${name} ${colorScheme} ${width}`
  const overflow = await tab.evaluate('document.documentElement.scrollWidth - document.documentElement.clientWidth')
  expect(overflow, where).toBeLessThanOrEqual(0)
  // One size of each drawing is seen, and its text is not smaller than 8 px.
  const drawings = (await tab.evaluate(
    `[...document.querySelectorAll('[class^=size-]')].filter(e => e.offsetWidth > 0).map(e => 12 * e.firstChild.getBoundingClientRect().width / e.firstChild.viewBox.baseVal.width)`,
  )) as number[]
  for (const pixels of drawings) expect(pixels, where).toBeGreaterThan(8)
  expect(drawings, where).toHaveLength((html.match(/class="size-wide"/g) ?? []).length)
  await tab.evaluate(axeSource())
  const result = (await tab.evaluate('axe.run()')) as { violations: { id: string; nodes: { html: string }[] }[] }
  expect(
    result.violations.map((v) => `${v.id}: ${v.nodes[0]!.html.slice(0, 160)}`),
    where,
  ).toEqual([])
  expect(problems).toEqual([])
  await context.close()
}

inBrowser('the report loads nothing, overflows nowhere, and axe finds nothing', async () => {
  const real = await page('report')
  const synthetic = { board: 'H100 SXM5 80GB', note: 'From the datasheet of the board and published measurements.' }
  const server = reportOf('server', { gap: [9, 11], synthetic }).html
  const browser = await chromium.launch({ executablePath: browserPath!, args: ['--no-sandbox'] })
  try {
    for (const view of everyView) await inspect(browser, 'real', real, view)
    for (const view of [
      ['light', 1280],
      ['dark', 768],
      ['light', 390],
    ] as const)
      await inspect(browser, 'server', server, view)
    await inspect(browser, 'laptop', reportOf('laptop').html, ['light', 768])
    await inspect(browser, 'estimate', reportOf('estimate').html, ['dark', 390])
    await inspect(browser, 'nothing', reportOf('nothing').html, ['dark', 1280])
  } finally {
    await browser.close()
  }
})
